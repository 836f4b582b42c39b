"""What was on its way when a process ended or froze: parts that may have gone out, and of which nothing is known.

Looked at from outside, and so that the next start finds everything as the dead one left it: closing the last
connection to a SQLite file would tidy up after the crash, so a copy is looked at.
"""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import asyncpg
from sqlalchemy import make_url

UNDER_WAY = "SELECT id, epoch, address_id FROM outbox WHERE state = 'sending'"


class Part(NamedTuple):
    """A part under way, the epoch it was claimed in, and whose it is."""

    id: int
    epoch: int
    address: int


async def in_doubt(database_url: str, *, at_rest: bool) -> set[Part]:
    """What was under way; ``at_rest`` when no process has the database open."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        return await _on_postgresql(url.set(drivername="postgresql").render_as_string(hide_password=False))
    file = Path(str(url.database))
    if not at_rest:
        return _on_sqlite(file)
    with tempfile.TemporaryDirectory() as folder:
        for name in (file.name, f"{file.name}-wal"):
            if file.with_name(name).exists():
                shutil.copy(file.with_name(name), folder)
        return _on_sqlite(Path(folder) / file.name)


def _on_sqlite(file: Path) -> set[Part]:
    with closing(sqlite3.connect(file, timeout=30)) as database:
        return {Part(*row) for row in database.execute(UNDER_WAY)}


async def _on_postgresql(url: str) -> set[Part]:
    connection = await asyncpg.connect(url)
    try:
        return {Part(*row) for row in await connection.fetch(UNDER_WAY)}
    finally:
        await connection.close()
