"""aiosqlite with one visit to the database's thread for each statement, and none for those that can wait.

Each visit costs two thread switches, and SQLAlchemy makes four for a statement: cursor, execute, fetchall, close. It
fetches every row in any case, so all of that is done in one (measured: half of what a turn cost). A statement that
gives nothing back (BEGIN, and what a batch writes) is put aside and goes with the next visit, in order.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")
Parameters = Sequence[Any]


def _told_nobody() -> None:
    """For connections whose commits nobody waits for."""


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

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._put_aside: list[tuple[str, Sequence[Parameters]]] = []
        self.doing: str | None = None  # the statement that is being done now: it may fail
        self.wrote: Callable[[], None] = _told_nobody  # told of each commit, in the database's thread

    def cursor(self) -> Cursor:  # type: ignore[override]  # awaited nowhere: only SQLAlchemy asks for it
        return Cursor(self)

    def later(self, operation: str, rows: Sequence[Parameters] = ((),)) -> None:
        """To be done for each of these rows before anything else is."""
        self._put_aside.append((operation, rows))

    async def visit(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Does it in the database's thread, after what was put aside."""
        first, self._put_aside = self._put_aside, []
        found: T = await self._execute(self._visit, first, work)  # type: ignore[no-untyped-call]
        return found

    def _visit(self, first: list[tuple[str, Sequence[Parameters]]], work: Callable[[sqlite3.Connection], T]) -> T:
        """In the database's thread."""
        for self.doing, rows in first:
            if len(rows) == 1:  # BEGIN may not be executed for many
                self._conn.execute(self.doing, rows[0])
            else:
                self._conn.executemany(self.doing, rows)
        self.doing = None
        return work(self._conn)

    async def commit(self) -> None:
        if self._put_aside or self._conn.in_transaction:
            await self.visit(self.commits)

    def commits(self, database: sqlite3.Connection) -> None:
        """In the database's thread."""
        database.commit()
        self.wrote()

    async def rollback(self) -> None:
        self._put_aside.clear()
        if self._conn.in_transaction:
            await super().rollback()


async def connect(*where: Any, **how: Any) -> Connection:
    """An open connection; the arguments are those of ``sqlite3.connect``."""
    connection = Connection(lambda: sqlite3.connect(*where, **how))
    connection._thread.daemon = True  # a process that ends does not wait for it
    await connection
    return connection
