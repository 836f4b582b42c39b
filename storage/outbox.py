"""The outbox: parts on their way, in order for each chat.

States: waiting → sending → sent, failed or cancelled; ``unknown`` when a part may or may not have gone out (the
answer was lost, or its sender died). ``waiting`` and ``unknown`` are claimed when they are due.

Order: a part waits for every earlier unfinished part of its chat that *holds*. An edit does not hold, and waits itself
for everything earlier. So a message and the edits before it go out together, and messages are in order among
themselves, and so are edits; of a chat at most one of each is under way. A part that waits holds up its own chat and
no other.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import and_, bindparam, func, select, text, update

from bot.engine.events import Address
from bot.errors import DatabaseRefused
from bot.seal import Seal
from storage.doubt import ANSWERED
from storage.erasing import drop_strays
from storage.lean import AsyncConnection
from storage.leases import held
from storage.listed import given
from storage.ready import Ready, Where
from storage.rows import INTERACTIVE, Claim, Mark, OutboxRow, Tell, Unfollowed, follows
from storage.statements import STANDING, Statements, statements_of
from storage.tables import CLAIMABLE, SENDING, UNFINISHED, UNFOLLOWED, addresses, outbox, platform_tells

ENDED = {"sent", "failed", "cancelled"}

_earlier = outbox.alias("earlier")
_first = ~(
    select(_earlier.c.id)
    .where(
        _earlier.c.address_id == outbox.c.address_id,
        text(f"earlier.{UNFINISHED}"),
        _earlier.c.id < outbox.c.id,
        _earlier.c.holds | ~outbox.c.holds,
    )
    .exists()
)
HEADS = Ready(
    select(
        *(outbox.c[name] for name in ("id", "learner_id", "address_id", "channel", "body", "priority", "kind")),
        *(outbox.c[name] for name in ("state", "attempts", "due_at", "created_at")),
        addresses.c.sealed,
    )
    .join(addresses, addresses.c.id == outbox.c.address_id)
    .where(
        outbox.c.channel == bindparam("channel_"),
        text(f"outbox.{CLAIMABLE}"),
        outbox.c.due_at <= bindparam("now"),
        _first,
    )
    .order_by(outbox.c.priority, outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=outbox, skip_locked=True)
)
# A chat has the priority of its most urgent part: what waits before an interactive part becomes interactive. The
# oldest interactive parts are enough to look at, and keep a long backlog from slowing each claim.
_urgent = (
    select(outbox.c.address_id)
    .where(
        outbox.c.channel == bindparam("channel_"),
        outbox.c.priority == INTERACTIVE,
        text(f"outbox.{CLAIMABLE}"),
        outbox.c.due_at <= bindparam("now"),
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(500)
    .subquery("urgent")
)
HURRY = Ready(
    update(outbox)
    .where(outbox.c.address_id.in_(select(_urgent.c.address_id)), text(UNFINISHED), outbox.c.priority > INTERACTIVE)
    .values(priority=INTERACTIVE)
)
START = Ready(update(outbox).where(outbox.c.id == bindparam("key")).values(state="sending", epoch=bindparam("epoch_")))
SETTLE = Ready(
    update(outbox)
    .where(outbox.c.id == bindparam("key"))
    .values(
        state=bindparam("state"),
        outcome=bindparam("outcome"),
        due_at=func.coalesce(bindparam("due", type_=outbox.c.due_at.type), outbox.c.due_at),
        platform_id=func.coalesce(bindparam("platform", type_=outbox.c.platform_id.type), outbox.c.platform_id),
        attempts=outbox.c.attempts + bindparam("tries"),
        ended_at=bindparam("ended_at"),
        follows=bindparam("follows"),
    )
)
ABANDONED = Ready(
    select(outbox, addresses.c.sealed)
    .join(addresses, addresses.c.id == outbox.c.address_id)
    .where(outbox.c.channel == bindparam("channel_"), text(f"outbox.{SENDING}"), outbox.c.epoch != bindparam("epoch_"))
    .order_by(outbox.c.id)
)


async def claim(where: Where, seal: Seal, wanted: Claim) -> tuple[list[OutboxRow] | None, Counter[str]]:
    """The most urgent due parts, for each chat at most an edit and a message, marked as being sent; the books' changes.

    None, and nothing written, once the lease is lost.
    """
    if not await held(where, wanted.lease, wanted.epoch):
        return None, Counter()
    books = await mark(where, wanted.marks, wanted.now)
    await HURRY.run(where, [{"channel_": wanted.channel, "now": wanted.now}])
    rows = await HEADS.rows(where, {"channel_": wanted.channel, "now": wanted.now, "most": wanted.most})
    there = {row.id: _readable(row, seal) for row in rows}
    await START.run(where, [{"key": id_, "epoch_": wanted.epoch} for id_, part in there.items() if part is not None])
    lost = [Mark(id_, "failed", "not readable", counts=False) for id_, part in there.items() if part is None]
    await SETTLE.run(where, [_settled(mark, wanted.now) for mark in lost])
    books["failed"] += len(lost)
    return [part for part in there.values() if part is not None], books


def _readable(row: Any, seal: Seal) -> OutboxRow | None:
    """A part that was damaged goes nowhere, and stands in nobody's way."""
    try:
        return _row(row, seal)
    except (DatabaseRefused, ValueError):
        return None


async def mark(where: Where, marks: Sequence[Mark], now: datetime) -> Counter[str]:
    """Writes down how sending ended; the books' changes."""
    if not marks:
        return Counter()
    by_id = {mark.id: mark for mark in marks}
    rows = [row for row in await _locked(where, by_id) if row.state == "sending"]
    ends = {row.id: _believed(by_id[row.id], row.outcome) for row in rows}
    await SETTLE.run(where, [_settled(mark, now) for mark in ends.values()])
    await _after(where, [row for row in rows if ends[row.id].state in ENDED])
    return Counter(mark.state for mark in ends.values() if mark.state in ENDED)


def _believed(mark: Mark, noted: str | None) -> Mark:
    """Nothing is in doubt that the learner has answered meanwhile."""
    answered = mark.state == "unknown" and noted == ANSWERED
    return replace(mark, state="sent", outcome=ANSWERED, due_at=None) if answered else mark


async def told(
    connection: AsyncConnection, statements: Statements, tells: Sequence[Tell], now: datetime
) -> Counter[str]:
    """Writes down what a platform reports and settles the parts it is about; the books' changes.

    A report of another message than the part's own settles nothing, and nothing follows from it.
    """
    there = {row.id: row for row in await _locked(connection, {tell.outbox_id for tell in tells})}
    heard = [tell for tell in tells if tell.outbox_id in there]
    if not heard:
        return Counter()
    await connection.execute(statements.tells, [_tell(tell, now) for tell in heard])
    books: Counter[str] = Counter()
    ends: dict[int, Mark] = {}
    for tell in heard:
        row = there[tell.outbox_id]
        before = ends[tell.outbox_id].state if tell.outbox_id in ends else row.state
        if _is_of(tell, row.platform_id) and _settles(before, tell):
            ends[tell.outbox_id] = _told_end(tell, row)
            books[tell.means] += 1
            books[before] -= before in ENDED
    await SETTLE.run(connection, [_settled(mark, now) for mark in ends.values()])
    await _after(connection, [there[outbox_id] for outbox_id in ends])
    return books


def _settles(state: str, tell: Tell) -> bool:
    """A report settles what is open; a part that went out may still fail later, one that failed stays so."""
    if tell.means == "sent":
        return state in ("sending", "unknown")
    return tell.means == "failed" and state in ("sending", "unknown", "sent")


def _is_of(tell: Tell, platform_id: str | None) -> bool:
    """A part that went out twice is what became of the second time."""
    return platform_id is None or platform_id == tell.platform_id


async def again(
    connection: AsyncConnection, statements: Statements, tell: Tell, body: Mapping[str, Any], now: datetime
) -> Counter[str] | None:
    """A part that did not arrive goes out once more, changed; the books' changes.

    None, and nothing written, where its chat has gone on since: it would come too late.
    """
    there = [row for row in await _locked(connection, {tell.outbox_id}) if row.state in ("sending", "unknown", "sent")]
    if not there or not _is_of(tell, there[0].platform_id):
        return None
    newer = select(outbox.c.id).where(outbox.c.address_id == there[0].address_id, outbox.c.id > tell.outbox_id).limit(1)
    if (await connection.execute(newer)).first() is not None:
        return None
    await connection.execute(statements.tells, [_tell(tell, now)])
    anew = {"state": "waiting", "outcome": tell.reason, "due_at": now, "ended_at": None, "platform_id": None}
    await connection.execute(
        update(outbox).where(outbox.c.id == tell.outbox_id).values(**anew, body=orjson.dumps(body).decode())
    )
    return Counter({"sent": -1} if there[0].state == "sent" else {})


async def placed(connection: AsyncConnection, part: OutboxRow) -> set[str]:
    """The platform's ids of the other parts to the address of this one."""
    others = (outbox.c.address_id == part.address_id) & (outbox.c.id != part.id) & outbox.c.platform_id.is_not(None)
    return set((await connection.execute(select(outbox.c.platform_id).where(others))).scalars())


async def wrote_since(connection: AsyncConnection, part: OutboxRow) -> bool:
    """Whether somebody wrote from the address of this part after it was made."""
    later = (addresses.c.id == part.address_id) & (addresses.c.last_inbound_at > part.created_at)
    return (await connection.execute(select(addresses.c.id).where(later))).first() is not None


def _told_end(tell: Tell, row: Any) -> Mark:
    """The end of a part as a platform tells it."""
    reason, platform_id = tell.reason or tell.status, tell.platform_id
    if tell.means != "failed":
        return Mark(row.id, "sent", reason, None, platform_id)
    return Mark(row.id, "failed", reason, None, platform_id, follows=follows(row.kind, row.learner_id, gone=tell.gone))


async def unfollowed(connection: AsyncConnection, seal: Seal, channel: str, most: int) -> list[Unfollowed]:
    """Parts from whose end something follows, the oldest first. One that was damaged leads to nobody."""
    there = (outbox.c.channel == channel) & text(f"outbox.{UNFOLLOWED}")
    found = select(outbox, addresses.c.sealed).join_from(outbox, addresses).where(there).order_by(outbox.c.id)
    rows = [(row, _readable(row, seal)) for row in await connection.execute(found.limit(most))]
    return [Unfollowed(part, row.follows, row.outcome or "") for row, part in rows if part is not None]


async def followed(connection: AsyncConnection, parts: Collection[int]) -> None:
    """Somebody has seen to what follows from these."""
    await connection.execute(update(outbox).where(outbox.c.id.in_(sorted(parts))).values(follows=None))


async def hasten(connection: AsyncConnection, channel: str, now: datetime, ahead: timedelta) -> int:
    """What is due further ahead than that is due now: nobody asked for such a wait; how many parts that were."""
    astray = (outbox.c.channel == channel) & text(CLAIMABLE) & (outbox.c.due_at > now + ahead)
    result = await connection.execute(update(outbox).where(astray).values(due_at=now).returning(outbox.c.id))
    return len(result.all())


async def abandoned(connection: AsyncConnection, seal: Seal, channel: str, epoch: int) -> list[OutboxRow]:
    """What senders before this epoch held: it may have gone out."""
    rows = await ABANDONED.rows(connection, {"channel_": channel, "epoch_": epoch})
    return [_row(row, seal) for row in rows]


async def cancel(connection: AsyncConnection, learner_ids: Collection[str], reason: str, now: datetime) -> int:
    """Nothing more is sent to these learners; what is on its way just now ends as it ends."""
    waiting = and_(outbox.c.learner_id.in_(sorted(learner_ids)), text(CLAIMABLE))
    result = await connection.execute(
        update(outbox).where(waiting).values(state="cancelled", outcome=reason, ended_at=now).returning(outbox.c.id)
    )
    return len(result.all())


async def reports(connection: AsyncConnection, outbox_id: int) -> list[Tell]:
    """What the platform has reported about a part so far, as it came."""
    rows = await connection.execute(
        select(platform_tells).where(platform_tells.c.outbox_id == outbox_id).order_by(platform_tells.c.id)
    )
    return [Tell(row.outbox_id, row.platform_id, row.status, "nothing", row.reason) for row in rows]


async def depth(connection: AsyncConnection) -> dict[tuple[str, str], int]:
    """How many parts are unfinished, by channel and state."""
    return {(row.channel, row.state): row.parts for row in await connection.execute(STANDING)}


async def waiting(connection: AsyncConnection, now: datetime) -> dict[str, tuple[int, float]]:
    """For each channel how many parts are unfinished, and for how many seconds the oldest has been due."""
    found: dict[str, tuple[int, float]] = {}
    for row in await connection.execute(STANDING):
        parts, longest = found.get(row.channel, (0, 0.0))
        found[row.channel] = parts + row.parts, max(longest, (now - row.oldest).total_seconds())
    return found


async def _locked(where: Where, ids: Collection[int]) -> Sequence[Any]:
    wanted = given([[id_] for id_ in sorted(ids)])
    return await statements_of(where.dialect.name).in_flight.rows(where, wanted)


async def _after(where: Where, ended: Sequence[Any]) -> None:
    """Last words are said: the address of somebody deleted goes with them."""
    last_words = [row.address_id for row in ended if row.learner_id is None]
    if last_words:
        await drop_strays(where, last_words)


def _settled(mark: Mark, now: datetime) -> dict[str, Any]:
    return {
        "key": mark.id,
        "state": mark.state,
        "outcome": mark.outcome,
        "due": mark.due_at,
        "platform": mark.platform_id,
        "tries": int(mark.counts),
        "ended_at": now if mark.state in ENDED else None,
        "follows": mark.follows,
    }


def _tell(tell: Tell, now: datetime) -> dict[str, Any]:
    return {
        "outbox_id": tell.outbox_id,
        "platform_id": tell.platform_id,
        "status": tell.status,
        "reason": tell.reason,
        "at": now,
    }


def _row(row: Any, seal: Seal) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        learner_id=row.learner_id,
        address=Address(row.channel, seal.unseal(row.sealed)),
        address_id=row.address_id,
        channel=row.channel,
        body=orjson.loads(row.body),
        priority=row.priority,
        due_at=row.due_at,
        attempts=row.attempts,
        state=row.state,
        kind=row.kind,
        created_at=row.created_at,
    )


async def part(connection: AsyncConnection, seal: Seal, outbox_id: int) -> OutboxRow | None:
    """A part as it stands, with where it goes."""
    found = select(outbox, addresses.c.sealed).join_from(outbox, addresses).where(outbox.c.id == outbox_id)
    row = (await connection.execute(found)).one_or_none()
    return _row(row, seal) if row else None
