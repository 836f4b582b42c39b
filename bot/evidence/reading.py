"""Reads answers page by page, lean enough for a million rows: a whole page comes as one string.

Measured on a million rows: fetching 24 columns takes the driver 2.9 s, a string for each row 2.7 s, a string for
each page 2.1 s. The database joins columns that repeat together (who answered, what was asked) with ``FIELD``, and
these groups and the rows with ``PART``: one split takes a page apart, every so many parts are a column, and above a
whole group is one look-up. It stays bytes all the way, since the file wants bytes. Pages follow the key (time, id),
each a short read of its own, because a long one keeps SQLite's log from being written back.

Whoever does not share answers now is looked up once, before the first page: withdrawing deletes one's answers, so
this set is all but always empty, while asking for each row would cost more than everything else.
"""

from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Sequence, Set
from datetime import datetime
from itertools import compress
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    select,
    tuple_,
    type_coerce,
)

from bot.engine.fixed import fixed
from storage.rows import AnswerFilter
from storage.store import Store
from storage.tables import answers, learners

PAGE = 1_500
FIELD, PART, TYPED = "\x1f", "\x1e", "\x1d"  # ASCII's own marks; the content loader keeps them out of authors' texts

PERSON = ("channel", "language", "role", "age_band", "country", "campaign")
QUESTION = ("course", "lesson", "content_version", "phase", "question_id", "question_kind", "question_text", "form")
REPLY = ("attempt", "pre_assigned", "exposures", "answer_id", "answer_text", "correct")
# In this order, each group as one part; after them the learner's own words.
PARTS = (("answered_at",), ("id",), ("learner_id",), PERSON, QUESTION, REPLY, ("seconds_to_answer",))
AT, ID, LEARNER = range(3)
WIDTH = len(PARTS) + 1

Page = Sequence[Sequence[bytes]]  # a column for each part and for the own words; nothing is an empty cell


async def answer_pages(store: Store, wanted: AnswerFilter, size: int = PAGE) -> AsyncIterator[Page]:
    """The answers of everybody who shares them today, oldest first, each once.

    What comes in meanwhile lies behind the last id and is left for the next export.
    """
    excluded = await _excluded(store)
    async with store.read() as look:
        last = (await look.connection.execute(select(func.max(answers.c.id)))).scalar_one() or 0
    of = _DIALECTS[store.dialect]
    rows = _rows(wanted, of).where(answers.c.id <= last).limit(size)
    query, behind = of.page(rows), of.page(rows.where(of.behind))
    key: dict[str, object] = {}
    while True:
        async with store.read() as look:
            joined: bytes | None = (await look.connection.execute(query, key)).scalar_one()
        if joined is None:
            return
        page = columns(joined)
        query, key = behind, _end(page, of)
        yield _without(excluded, page) if excluded else page


def shares() -> ColumnElement[bool]:
    """Grown, and lets answers be used: today, by their own word."""
    band = learners.c.age_band
    grown = and_(band.is_not(None), not_(band.like("under%")), not_(band.like("unknown%")))
    return and_(learners.c.keep == "both", learners.c.guest.is_(False), grown)


def conditions(wanted: AnswerFilter) -> list[ColumnElement[bool]]:
    """Which answers were asked for."""
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(answers.c.answered_at >= wanted.since)
    if wanted.until is not None:
        found.append(answers.c.answered_at < wanted.until)
    for name in ("course", "language", "campaign", "phase"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(answers.c[name] == value)
    return found


async def _excluded(store: Store) -> frozenset[bytes]:
    query = select(learners.c.id).where(
        not_(func.coalesce(shares(), literal(False))), exists().where(answers.c.learner_id == learners.c.id)
    )
    async with store.read() as look:
        return frozenset(id_.encode() for id_ in (await look.connection.execute(query)).scalars())


def columns(joined: bytes) -> Page:
    """The rows, a column at a time, in order of time."""
    parts = joined.split(PART.encode())
    page = [parts[at::WIDTH] for at in range(WIDTH)]
    typed = TYPED.encode()
    if typed in joined:
        page[-1] = [words.replace(typed, PART.encode()) for words in page[-1]]
    return _in_order(page)


def _in_order(page: Page) -> Page:
    """They come in order, though SQLite promises none."""
    times = page[AT]
    if times == sorted(times):
        return page
    order = sorted(range(len(times)), key=times.__getitem__)
    return [[column[at] for at in order] for column in page]


def _without(excluded: Set[bytes], page: Page) -> Page:
    wanted = [learner not in excluded for learner in page[LEARNER]]
    return [list(compress(column, wanted)) for column in page]


def _end(page: Page, of: "_Dialect") -> dict[str, object]:
    """The key of the last row; among rows of the same instant, of the one with the highest id."""
    at = page[AT][-1]
    same = page[ID][bisect_left(page[AT], at) :]
    return {"after_at": of.moment(at.decode()), "after_id": max(map(int, same))}


def _joined_by_sqlite(texts: Sequence[ColumnElement[Any]], marks: Sequence[str]) -> ColumnElement[str]:
    """One printf over everything: ``||`` copies the string again for each column, and takes twice as long."""
    return func.printf("%s" + "".join(f"{mark}%s" for mark in marks), *texts, type_=String)


def _joined_by_postgresql(texts: Sequence[ColumnElement[Any]], marks: Sequence[str]) -> ColumnElement[str]:
    marked = [each for mark, text in zip(marks, texts[1:], strict=True) for each in (literal(mark), text)]
    return func.concat(texts[0], *marked, type_=String)


@fixed(frozen=True, slots=True)
class _Dialect:
    """What the two databases write differently: joining (NULL joins as nothing), and a time as text and back."""

    joined: Callable[[Sequence[ColumnElement[Any]], Sequence[str]], ColumnElement[str]]
    aggregated: Callable[[ColumnElement[str]], ColumnElement[bytes]]
    at: ColumnElement[str]
    key: ColumnElement[Any]
    moment: Callable[[str], object]

    @property
    def behind(self) -> ColumnElement[bool]:
        here = tuple_(self.key, answers.c.id)
        return here > tuple_(bindparam("after_at", type_=self.key.type), bindparam("after_id", type_=BigInteger))

    def page(self, rows: Select[Any]) -> Select[Any]:
        """The rows as one string of bytes; NULL when there are none."""
        return select(self.aggregated(rows.subquery().c.row))


_AS_KEPT: ColumnElement[str] = type_coerce(answers.c.answered_at, String)  # SQLite keeps ISO text
_DIALECTS = {
    "sqlite": _Dialect(
        joined=_joined_by_sqlite,
        aggregated=lambda row: cast(func.group_concat(row, PART, type_=String), LargeBinary),
        at=_AS_KEPT,
        key=_AS_KEPT,
        moment=str,
    ),
    "postgresql": _Dialect(
        joined=_joined_by_postgresql,
        aggregated=lambda row: func.convert_to(func.string_agg(row, PART, type_=String), "UTF8", type_=LargeBinary),
        at=func.to_char(func.timezone("UTC", answers.c.answered_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"', type_=String),
        key=answers.c.answered_at,
        moment=datetime.fromisoformat,
    ),
}


def _rows(wanted: AnswerFilter, of: _Dialect) -> Select[Any]:
    texts = [_text(name, of) for part in PARTS for name in part]
    marks = [mark for part in PARTS for mark in (*[FIELD] * (len(part) - 1), PART)]
    # Whatever was typed parts nothing: our mark is written as another one until the parts are taken apart.
    words = func.replace(func.replace(answers.c.own_words, TYPED, " "), PART, TYPED, type_=String)
    row = of.joined([*texts, words], marks).label("row")
    return select(row).where(*conditions(wanted)).order_by(answers.c.answered_at, answers.c.id)


def _text(name: str, of: _Dialect) -> ColumnElement[Any]:
    """A column as the text it is in the file."""
    column: ColumnElement[Any] = answers.c[name]
    if name == "answered_at":
        return of.at
    if name in ("pre_assigned", "correct"):
        return case((column.is_(True), "true"), (column.is_(False), "false"), else_="")
    return column
