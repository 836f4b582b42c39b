"""Transactions for writing: begun, committed, and known to be kept.

``committed`` and ``kept`` are two moments. Once a transaction is committed everybody sees it and the next one may
begin; only what is kept survives a power cut, so nobody outside is told of anything before that.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from storage.disk import Disk
from storage.engine import BUSY_SECONDS
from storage.lean import AsyncConnection, AsyncEngine
from storage.one_hop import Connection
from storage.ready import direct_of, told

PATIENCE_MS = 50  # for readers of SQLite's log: writers wait meanwhile
FULL = 2  # of ``PRAGMA synchronous``: an engine that promises less is not waited for


class Writing(Protocol):
    """How one kind of database is written to."""

    def begun(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction, committed with the block."""

    async def kept(self) -> None:
        """Comes back once everything that is committed now survives a power cut."""

    def erased(self) -> None:
        """The transaction deletes what must be found nowhere any more."""

    async def close(self) -> None: ...


def writing(engine: AsyncEngine, file: Path | None) -> Writing:
    """For the engine; ``file`` is SQLite's."""
    return OnServer(engine) if file is None else InFile(engine, file)


class OnServer:
    """PostgreSQL: many write at once, and a commit comes back when it is kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.begun = engine.begin

    async def kept(self) -> None:
        return None

    def erased(self) -> None:
        return None

    async def close(self) -> None:
        return None


class InFile:
    """SQLite lets one writer in. Ours queue here, in order and at once: its own waiting naps up to 0.1 s a time.

    They share one connection, so that what it has read stays good, and nothing is checked out and in for each.
    """

    def __init__(self, engine: AsyncEngine, file: Path) -> None:
        self._engine = engine.execution_options(sqlite_begin="")  # BEGIN and COMMIT go with the first and last visit
        self._log = Path(f"{file.resolve()}-wal")  # beside the file itself, wherever a link leads
        self._one_writer = asyncio.Lock()
        self._connection: AsyncConnection | None = None
        self._disk: Disk | None = None
        self._log_to_clear = False
        self._closed = False

    @asynccontextmanager
    async def begun(self) -> AsyncIterator[AsyncConnection]:
        async with self._one_writer:
            connection = self._connection or await self._open()
            try:
                direct = direct_of(connection)
                direct.later("BEGIN IMMEDIATE")
                yield connection
                with told(direct):
                    await direct.commit()
                if connection.in_transaction():  # for SQLAlchemy, which was asked for more than ready statements
                    await connection.commit()
                if self._log_to_clear:
                    await self._clear_log(direct)  # while nobody writes: a new entry would keep the old ones
            except BaseException:
                await to_its_end(self._drop())
                raise

    async def kept(self) -> None:
        if self._disk is not None:
            await self._disk.reached()

    def erased(self) -> None:
        """What was deleted also leaves the log."""
        self._log_to_clear = True

    async def close(self) -> None:
        async with self._one_writer:
            self._closed = True
            await to_its_end(self._drop())

    async def _open(self) -> AsyncConnection:
        if self._closed:
            raise OSError("it is closed")
        connection = self._connection = await self._engine.connect()
        try:
            if await self._waits_for_the_disk(connection):
                await connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
                self._disk = Disk(self._log)
                direct_of(connection).wrote = self._disk.wrote
            await connection.rollback()
        except BaseException:
            await to_its_end(self._drop())
            raise
        return connection

    async def _waits_for_the_disk(self, connection: AsyncConnection) -> bool:
        """Whether each commit would wait for its sync: then we do that, beside everything else."""
        await connection.exec_driver_sql("PRAGMA schema_version")  # the first look makes the log
        names = ("journal_mode", "synchronous")
        found = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in names]
        return found == ["wal", FULL]

    async def _drop(self) -> None:
        """After an error nobody knows how the connection is; the next writer opens another.

        The disk ends after its connection, which may still be committing in its thread.
        """
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                await connection.invalidate()
                await connection.close()
        finally:
            if self._disk is not None:
                await self._disk.close()
                self._disk = None

    async def _clear_log(self, direct: Connection) -> None:
        """A reader in the way only puts it off."""

        def cleared(database: sqlite3.Connection) -> bool:
            database.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
            busy = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            database.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
            return bool(busy)

        with told(direct):
            self._log_to_clear = await direct.visit(cleared)


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Does it, however often that is called off meanwhile; then it is."""
    doing, called_off = asyncio.ensure_future(work), None
    while not doing.done():
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError as error:
            called_off = error
    doing.result()
    if called_off is not None:
        raise called_off
