"""Statements of every turn, compiled once and handed to the driver as it wants them.

SQLAlchemy prepares each parameter of each row anew, which for a batch costs more than the database does (measured:
17 µs a learner against 3), and a greenlet for each statement. Here the SQL and the conversions are kept, and a row
costs one tuple. On SQLite such statements go past SQLAlchemy to its connection: those that give nothing back are put
aside for the next visit to the database's thread, and work that needs nothing else is done there in one visit
(``in_one_visit``). So a transaction makes one or two visits, however much it reads and writes.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import ReturnsRows
from sqlalchemy.types import TypeEngine

from bot.engine.fixed import fixed
from storage import one_hop
from storage.lean import AsyncConnection

T = TypeVar("T")
Row = dict[str, Any]
Turn = Callable[[Any], Any] | None
"""From our value to the driver's, or back; None where they are the same."""


@fixed(frozen=True, slots=True)
class Plan:
    """A statement as a driver takes it."""

    sql: str
    fixed: Row  # values that stand in the statement itself
    given: list[tuple[str, Turn]]
    found: list[tuple[int, Turn]]
    make: Callable[[list[Any]], Any]

    def values(self, row: Row) -> tuple[Any, ...]:
        row = self.fixed | row if self.fixed else row
        return tuple([row[name] if turn is None else turn(row[name]) for name, turn in self.given])

    def row(self, values: Sequence[Any]) -> Any:
        changed = list(values)
        for at, turn in self.found:
            changed[at] = turn(changed[at])  # type: ignore[misc]  # only those with a turn are listed
        return self.make(changed)


@fixed(frozen=True, slots=True)
class Visit:
    """SQLite's connection as work in its thread sees it: statements run at once."""

    database: sqlite3.Connection
    direct: one_hop.Connection
    dialect: Dialect

    def run(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        self.direct.doing = sql
        self.database.executemany(sql, rows)

    def rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        self.direct.doing = sql
        return self.database.execute(sql, values).fetchall()


Where = AsyncConnection | Visit
Work = Callable[[Where], Coroutine[Any, Any, T]]
"""What a transaction does, or part of it, by ready statements alone."""


class Ready:
    """One statement for any number of rows; ``keys`` are the names that each row of an INSERT brings."""

    def __init__(self, statement: Any, keys: Sequence[str] = ()) -> None:
        self._statement, self._keys = statement, list(keys)
        self._plans: dict[str, Plan] = {}

    async def run(self, where: Where, rows: Sequence[Row]) -> None:
        """For each of the rows; nothing comes back. What is wrong may come to light only with the next statement."""
        if not rows:
            return
        plan = self._plan(where.dialect)
        values = [plan.values(row) for row in rows]
        if isinstance(where, Visit):
            where.run(plan.sql, values)
        elif (direct := _direct(where)) is not None:
            direct.later(plan.sql, values)
        else:
            await where.exec_driver_sql(plan.sql, values)

    async def rows(self, where: Where, given: Row) -> Sequence[Any]:
        """The rows that come back, each with its columns by name."""
        if isinstance(where, Visit):
            plan = self._plan(where.dialect)
            return [plan.row(values) for values in where.rows(plan.sql, plan.values(given))]
        if _direct(where) is None:
            return (await where.execute(self._statement, given)).all()
        return await in_one_visit(where, lambda there: self.rows(there, given))

    def _plan(self, dialect: Dialect) -> Plan:
        if dialect.name not in self._plans:
            self._plans[dialect.name] = self._planned(dialect)
        return self._plans[dialect.name]

    def _planned(self, dialect: Dialect) -> Plan:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._keys or None)
        fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        given = [(name, _out(compiled.binds[name].type, dialect)) for name in compiled.positiontup or ()]
        columns = list(self._statement.exported_columns) if isinstance(self._statement, ReturnsRows) else []
        turns = [(at, _back(column.type, dialect)) for at, column in enumerate(columns)]
        make = namedtuple("Found", [column.name for column in columns])  # type: ignore[misc]  # names known only here
        return Plan(compiled.string, fixed, given, [(at, turn) for at, turn in turns if turn is not None], make._make)


async def in_one_visit(connection: AsyncConnection, work: Work[T], *, last: bool = False) -> T:
    """Does the work; on SQLite all of it in its thread, in one visit, so it may wait for nothing but statements.

    With ``last`` that visit also commits.
    """
    direct = _direct(connection)
    if direct is None:
        return await work(connection)
    dialect = connection.dialect

    def visit(database: sqlite3.Connection) -> T:
        done = _driven(work(Visit(database, direct, dialect)))
        direct.doing = None
        if last:
            direct.commits(database)
        return done

    with told(direct):
        return await direct.visit(visit)


def _driven(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]  # it is the coroutine's
    work.close()
    raise RuntimeError("inside a visit nothing but ready statements may be waited for")


def _direct(connection: AsyncConnection) -> one_hop.Connection | None:
    """SQLite's connection under SQLAlchemy's; None on PostgreSQL."""
    found = connection.sync_connection.connection.driver_connection  # type: ignore[union-attr]  # it is open
    return found if isinstance(found, one_hop.Connection) else None


def direct_of(connection: AsyncConnection) -> one_hop.Connection:
    """The same for one that is to SQLite."""
    direct = _direct(connection)
    assert direct is not None, "every connection to SQLite is one_hop's"
    return direct


@contextmanager
def told(direct: one_hop.Connection) -> Iterator[None]:
    """The driver's errors as SQLAlchemy tells them, with the statement that failed: the commit alone has none."""
    try:
        yield
    except sqlite3.Error as error:
        raise DBAPIError.instance(direct.doing, None, error, sqlite3.Error, hide_parameters=True) from error


def _out(kind: TypeEngine[Any], dialect: Dialect) -> Turn:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _back(kind: TypeEngine[Any], dialect: Dialect) -> Turn:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
