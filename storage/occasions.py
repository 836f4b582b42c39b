"""What the clock owes whom, what was decided about it, and what a day has cost.

A learner due is claimed by locking their row, like every writer does; whoever comes second finds ``due_at`` moved
on. The key (learner, local date, kind) keeps a second planner from bringing the same day twice even so.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, tuple_, update

from bot.engine.events import Address
from bot.engine.learner import Learner
from bot.engine.occasion import HOLD, INVITING_WAYS, Occasion
from bot.errors import DatabaseRefused
from bot.seal import Seal
from storage.lean import AsyncConnection
from storage.learner_rows import learner_of
from storage.listed import given, listed
from storage.ready import Ready
from storage.rows import Brought, Lately, OutboxRow, Reach, Spending
from storage.statements import insert_into
from storage.tables import addresses, learners, occasions, outbox, spending

LATENESS_ROWS = 5_000  # looked at for the figures of the last day: enough, and some milliseconds

DUE = (
    select(learners)
    .where(learners.c.due_at.is_not(None), learners.c.due_at <= bindparam("now", type_=learners.c.due_at.type))
    .order_by(learners.c.due_at, learners.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=learners, skip_locked=True)
)
NEXT_DUE = select(func.min(learners.c.due_at)).where(learners.c.due_at.is_not(None))  # or SQLite reads every row
INSERT = Ready(
    occasions.insert(),
    ["learner_id", "day", "kind", "due_at", "decided_at", "way", "reason", "channel", "country", "micros"],
)
PUT_OFF = (
    update(learners)
    .where(learners.c.id.in_(bindparam("ids", expanding=True)))
    .values(due_at=bindparam("until", type_=learners.c.due_at.type))
)
UNDO = Ready(
    delete(occasions).where(
        occasions.c.learner_id == bindparam("of"),
        occasions.c.day == bindparam("day"),
        occasions.c.kind == bindparam("kind"),
    )
)


async def due(connection: AsyncConnection, now: datetime, most: int) -> dict[str, Learner | None]:
    """Learners whose moment has come, the longest waiting first, locked until the end of the transaction.

    None stands for one whose row this code cannot read: put off, so that they stand in nobody's way.
    """
    rows = await connection.execute(DUE, {"now": now, "most": most})
    return {row.id: _readable(row) for row in rows}


def _readable(row: Any) -> Learner | None:
    try:
        return learner_of(row)
    except (LookupError, TypeError, ValueError):
        return None


async def put_off(connection: AsyncConnection, ids: Collection[str], until: datetime) -> None:
    """The clock looks at these learners later: they cannot be planned now."""
    await connection.execute(PUT_OFF, {"ids": sorted(ids), "until": until})


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When the clock must look at somebody next."""
    found: datetime | None = (await connection.execute(NEXT_DUE)).scalar_one_or_none()
    return found


async def reaches(connection: AsyncConnection, seal: Seal, ids: Collection[str]) -> dict[str, list[Reach]]:
    """Where each of these learners can be reached, the address heard from last first."""
    if not ids:
        return {}
    rows = await connection.execute(_addresses(connection.dialect.name), given([[id_] for id_ in sorted(ids)]))
    found: dict[str, list[Reach]] = defaultdict(list)
    for row in rows:
        with suppress(DatabaseRefused):  # one that was damaged leads nowhere, and stands in nobody's way
            there = Address(row.channel, seal.unseal(row.sealed))
            found[row.learner_id].append(Reach(row.id, there, row.last_inbound_at))
    return found


@cache
def _addresses(dialect: str) -> Any:
    wanted = addresses.c.learner_id.in_(listed(dialect, [addresses.c.learner_id.type]))
    return select(addresses).where(wanted).order_by(addresses.c.last_inbound_at.desc(), addresses.c.id)


async def undo(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Takes decisions back that did not hold, so that their days can be decided again."""
    await UNDO.run(connection, rows)


async def note(connection: AsyncConnection, noted: Sequence[tuple[str, Occasion]], now: datetime) -> dict[str, int]:
    """Writes decisions down; what they add to the books: a day held was due, too."""
    await INSERT.run(connection, [_row(learner_id, occasion, now) for learner_id, occasion in noted])
    held = sum(occasion.held for _, occasion in noted)
    return {"due": held, "held": held} if held else {}


def _row(learner_id: str, occasion: Occasion, now: datetime) -> dict[str, Any]:
    return {
        "learner_id": learner_id,
        "day": occasion.day.isoformat(),
        "kind": occasion.kind,
        "due_at": occasion.due,
        "decided_at": now,
        "way": occasion.way,
        "reason": occasion.reason,
        "channel": occasion.channel,
        "country": occasion.country,
        "micros": occasion.micros,
    }


async def decided(connection: AsyncConnection, pairs: Iterable[tuple[str, Occasion]]) -> set[tuple[str, str, str]]:
    """Which of these (learner, local date, kind) stand already."""
    keys = [[learner_id, one.day.isoformat(), one.kind] for learner_id, one in pairs]
    if not keys:
        return set()
    rows = await connection.execute(_standing(connection.dialect.name), given(keys))
    return {(row.learner_id, row.day, row.kind) for row in rows}


@cache
def _standing(dialect: str) -> Any:
    key = [occasions.c.learner_id, occasions.c.day, occasions.c.kind]
    wanted = listed(dialect, [column.type for column in key]).subquery()
    names = list(wanted.c)
    matching = (occasions.c.learner_id == names[0]) & (occasions.c.day == names[1]) & (occasions.c.kind == names[2])
    return select(*key).join(wanted, matching)


async def day_of(connection: AsyncConnection, part: OutboxRow) -> date | None:
    """The local date that a part was brought for; None for a reply, or where it was decided again since."""
    decided = (
        select(occasions.c.day)
        .where(
            occasions.c.learner_id == part.learner_id,
            occasions.c.decided_at == part.created_at,
            occasions.c.kind == part.kind,
        )
        .limit(1)
    )
    day = (await connection.execute(decided)).scalar_one_or_none()
    return date.fromisoformat(day) if day else None


# --- looking back ------------------------------------------------------------------------------------------------

_part = (
    select(outbox.c.state)
    .where(
        outbox.c.learner_id == occasions.c.learner_id,
        outbox.c.created_at == occasions.c.decided_at,
        outbox.c.kind == occasions.c.kind,
    )
    .order_by(outbox.c.id)
    .limit(1)
)


async def last_of(connection: AsyncConnection, learner_id: str, limit: int = 1) -> list[Brought]:
    """What was decided for a learner lately, newest first, and what became of it."""
    told = (
        select(
            occasions,
            _part.scalar_subquery().label("state"),
            _part.with_only_columns(outbox.c.outcome).scalar_subquery().label("outcome"),
            _part.with_only_columns(outbox.c.ended_at).scalar_subquery().label("ended_at"),
        )
        .where(occasions.c.learner_id == learner_id)
        .order_by(occasions.c.decided_at.desc(), occasions.c.id.desc())
        .limit(limit)
    )
    return [_told(row) for row in await connection.execute(told)]


def _told(row: Any) -> Brought:
    occasion = Occasion(
        kind=row.kind,
        day=datetime.fromisoformat(row.day).date(),
        due=row.due_at,
        way=row.way,
        reason=row.reason,
        channel=row.channel,
        micros=row.micros,
        country=row.country,
    )
    return Brought(row.learner_id, occasion, row.decided_at, row.state, row.outcome, row.ended_at)


async def counted(connection: AsyncConnection, since: datetime) -> dict[tuple[str, str, str], int]:
    """How many decisions since then, by kind, way and reason."""
    by = (occasions.c.kind, occasions.c.way, occasions.c.reason)
    rows = await connection.execute(
        select(*by, func.count()).where(occasions.c.decided_at >= since).group_by(*by).order_by(*by)
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


async def templates(connection: AsyncConnection, since: datetime) -> int:
    """How many people were asked in by templates since then."""
    asked = select(func.count()).where(occasions.c.decided_at >= since, occasions.c.way.in_(sorted(INVITING_WAYS)))
    return int((await connection.execute(asked)).scalar_one())


async def lateness(connection: AsyncConnection, since: datetime) -> list[float]:
    """Seconds from due to sent of what went out since then, sorted; of very many the newest."""
    sent = (
        select(occasions.c.due_at, outbox.c.ended_at)
        .join(
            outbox,
            (outbox.c.learner_id == occasions.c.learner_id)
            & (outbox.c.created_at == occasions.c.decided_at)
            & (outbox.c.kind == occasions.c.kind),
        )
        .where(occasions.c.decided_at >= since, occasions.c.way != HOLD, outbox.c.state == "sent")
        .order_by(occasions.c.decided_at.desc())
        .limit(LATENESS_ROWS)
    )
    rows = await connection.execute(sent)
    return sorted(max(0.0, (row.ended_at - row.due_at) / timedelta(seconds=1)) for row in rows)


# --- looking ahead -----------------------------------------------------------------------------------------------


After = tuple[datetime, str]  # behind whom to go on among those who are due: when they are, and who
Ahead = tuple[Learner | None, list[Reach]]


async def ahead(
    connection: AsyncConnection, end: datetime, after: After | None, most: int
) -> tuple[list[Ahead], After | None]:
    """Learners due before ``end``, in that order, with what is known of their addresses but not the addresses.

    None stands for one who is not readable. Beside them the place to go on behind; None where there are no more.
    """
    found: Select[Any] = select(learners).where(learners.c.due_at.is_not(None), learners.c.due_at < end)
    if after is not None:
        found = found.where(tuple_(learners.c.due_at, learners.c.id) > after)
    rows = (await connection.execute(found.order_by(learners.c.due_at, learners.c.id).limit(most))).all()
    heard: dict[str, list[Reach]] = defaultdict(list)
    if rows:
        wanted = given([[row.id] for row in rows])
        for row in await connection.execute(_addresses(connection.dialect.name), wanted):
            heard[row.learner_id].append(Reach(row.id, Address(row.channel, ""), row.last_inbound_at))
    last = (rows[-1].due_at, rows[-1].id) if len(rows) == most else None
    return [(_readable(row), heard[row.id]) for row in rows], last


async def lately(connection: AsyncConnection, since: datetime, after: int, most: int) -> list[tuple[int, Lately]]:
    """What was decided since then, in the order of deciding, from behind the row ``after`` on."""
    told = (
        select(
            occasions.c.id,
            occasions.c.learner_id,
            occasions.c.due_at,
            occasions.c.decided_at,
            occasions.c.way,
            occasions.c.reason,
            occasions.c.country,
            occasions.c.micros,
            learners.c.created_at,
        )
        .join(learners, learners.c.id == occasions.c.learner_id)
        .where(occasions.c.id > after, occasions.c.decided_at >= since)
        .order_by(occasions.c.id)
        .limit(most)
    )
    return [(row[0], Lately(*row[1:])) for row in await connection.execute(told)]


# --- money -------------------------------------------------------------------------------------------------------


async def spend(connection: AsyncConnection, day: str, spent: Collection[Spending]) -> None:
    """Adds to what a day has cost."""
    rows = [
        {
            "day": day,
            "country": one.country,
            "messages": one.messages,
            "micros": one.micros,
            "templates": one.templates,
        }
        for one in sorted(spent, key=lambda one: one.country)
    ]
    await _spending(connection.dialect.name).run(connection, rows)


@cache
def _spending(dialect: str) -> Ready:
    insert = insert_into(spending, dialect)
    added = {
        "messages": spending.c.messages + insert.excluded.messages,
        "micros": spending.c.micros + insert.excluded.micros,
        "templates": spending.c.templates + insert.excluded.templates,
    }
    statement = insert.on_conflict_do_update(index_elements=["day", "country"], set_=added)
    return Ready(statement, ["day", "country", "messages", "micros", "templates"])


async def spent(connection: AsyncConnection, day: str) -> list[Spending]:
    """What a day has cost so far, by country."""
    rows = await connection.execute(select(spending).where(spending.c.day == day).order_by(spending.c.country))
    return [Spending(row.country, row.messages, row.micros, row.templates) for row in rows]
