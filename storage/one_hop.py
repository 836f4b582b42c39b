"""aiosqlite with one visit to the database's thread for each statement.

Each visit costs two thread switches, and SQLAlchemy makes four for a statement: cursor, execute, fetchall, close. It
fetches every row in any case, so all of that is done in one (measured: half of what a turn cost).
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiosqlite

Parameters = Sequence[Any]


class Cursor:
    """What SQLAlchemy asks of a cursor; rows are all there as soon as a statement has run."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount, self.lastrowid, self.arraysize = -1, 0, 1
        self._rows: list[Any] = []

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, operation: str, parameters: Parameters = ()) -> "Cursor":
        return await self._run(lambda cursor: cursor.execute(operation, parameters))

    async def executemany(self, operation: str, parameters: Iterable[Parameters]) -> "Cursor":
        return await self._run(lambda cursor: cursor.executemany(operation, parameters))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """The database's own cursor is closed already."""

    async def _run(self, statement: Callable[[sqlite3.Cursor], object]) -> "Cursor":
        await self._connection.visit(lambda database: self._visit(database, statement))
        return self

    def _visit(self, database: sqlite3.Connection, statement: Callable[[sqlite3.Cursor], object]) -> None:
        """In the database's thread."""
        cursor = database.cursor()
        try:
            statement(cursor)
            self.description, self.rowcount = cursor.description, cursor.rowcount
            self.lastrowid = cursor.lastrowid or 0
            self._rows = cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    """A connection whose cursors make one visit a statement, and that rolls back only what has begun."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # awaited nowhere: only SQLAlchemy asks for it
        return Cursor(self)

    async def visit(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Does it in the database's thread."""
        await self._execute(work, self._conn)  # type: ignore[no-untyped-call]

    async def rollback(self) -> None:
        if self._conn.in_transaction:
            await super().rollback()


async def connect(*where: Any, **how: Any) -> Connection:
    """An open connection; the arguments are those of ``sqlite3.connect``."""
    connection = Connection(lambda: sqlite3.connect(*where, **how), iter_chunk_size=64)
    connection._thread.daemon = True  # a process that ends does not wait for it
    await connection
    return connection
