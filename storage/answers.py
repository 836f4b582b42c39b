"""The answers, streamed: a page at a time by key, in an order that stays, so that a million rows need no memory.

Every page is a short read of its own: a long one would keep SQLite's log from being written back. Rows that come in
meanwhile lie behind the last key or are left out, so each row comes once.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import String

from storage.lean import AsyncConnection
from storage.rows import AnswerFilter
from storage.tables import answers, learners
from storage.transaction import Reading

PAGE = 2_000
COLUMNS = tuple(column.name for column in answers.c if column.name != "id")
Answers = Sequence[Sequence[Any]]


class iso_time(GenericFunction[str]):
    """A time as the text it is in the CSV, made by the database: a million times cheaper than in Python."""

    type = String()
    inherit_cache = True


@compiles(iso_time, "sqlite")
def _as_kept(element: iso_time, compiler: Any, **how: Any) -> str:
    return str(compiler.process(element.clauses, **how))


@compiles(iso_time, "postgresql")
def _formatted(element: iso_time, compiler: Any, **how: Any) -> str:
    moment = compiler.process(element.clauses, **how)
    return f"""to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


async def pages(
    read: Callable[[], AbstractAsyncContextManager[Reading]], wanted: AnswerFilter, size: int = PAGE
) -> AsyncIterator[Answers]:
    """Batches of plain rows in the order of ``COLUMNS``, oldest first; ``answered_at`` is ISO 8601 text in UTC."""
    async with read() as look:
        last = (await look.connection.execute(select(func.max(answers.c.id)))).scalar_one()
    query = _query(wanted).where(answers.c.id <= (last or 0)).limit(size)
    after: tuple[Any, int] | None = None
    while True:
        page = query if after is None else query.where(BEHIND)
        key = {} if after is None else {"after_at": after[0], "after_id": after[1]}
        async with read() as look:
            rows = (await look.connection.execute(page, key)).all()
        if rows:
            after = (rows[-1][-2], rows[-1][-1])
            yield [row[:-2] for row in rows]
        if len(rows) < size:
            return


async def courses(connection: AsyncConnection) -> set[str]:
    """The courses that there are answers to."""
    return set((await connection.execute(select(answers.c.course).distinct())).scalars())


BEHIND = tuple_(answers.c.answered_at, answers.c.id) > tuple_(
    bindparam("after_at", type_=answers.c.answered_at.type), bindparam("after_id", type_=answers.c.id.type)
)


def _query(wanted: AnswerFilter) -> Select[Any]:
    shown = [
        iso_time(column).label(column.name) if column is answers.c.answered_at else column
        for column in answers.c
        if column is not answers.c.id
    ]
    query = select(*shown, answers.c.answered_at.label("key_at"), answers.c.id.label("key_id"))
    return query.where(and_(True, *_conditions(wanted))).order_by(answers.c.answered_at, answers.c.id)


def _conditions(wanted: AnswerFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(answers.c.answered_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(answers.c.answered_at < wanted.until)
    for name in ("course", "language", "campaign", "phase"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(answers.c[name] == value)
    if wanted.shared:
        conditions.append(or_(answers.c.learner_id.is_(None), _shares()))
    return conditions


def _shares() -> ColumnElement[bool]:
    """Whoever is grown and lets their answers be used, today."""
    return exists().where(learners.c.id == answers.c.learner_id, learners.c.keep == "both", learners.c.guest.is_(False))
