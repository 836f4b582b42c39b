"""How long things are kept, and the clean-ups that keep it so. What is not listed is kept with its learner.

Each clean-up goes in small transactions, so that nobody's reply waits for it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, delete, exists, func, or_, select, text, true, tuple_, update

from bot.engine.fixed import fixed
from storage.erasing import RETIRED, erase
from storage.lean import AsyncConnection
from storage.tables import (
    KEPT,
    UNFINISHED,
    addresses,
    answers,
    chat_lines,
    exports,
    inbox,
    learners,
    occasions,
    outbox,
    spending,
)

CHUNK = 500  # rows in one transaction: some milliseconds
PAGE = 2_000  # rows looked at in one transaction: the same


@fixed(frozen=True, slots=True)
class Keeping:
    """Each span with its reason; the privacy page says the same."""

    guest: timedelta = timedelta(hours=24)  # who has not agreed is remembered for the day, no longer
    delivery: timedelta = timedelta(days=7)  # time for an operator to look at what was parked
    bare_id: timedelta = timedelta(days=395)  # a caught delivery may be sent again as long as an address is known
    sent: timedelta = timedelta(days=7)  # time to look into a complaint; then the text goes
    web_talk: timedelta = timedelta(days=30)  # the life of the page's cookie
    address: timedelta = timedelta(days=365)  # silent for a year: nobody is to be written to any more
    own_words: timedelta = timedelta(days=365)  # open text may hold more about a person than they meant
    answer: timedelta = timedelta(days=730)  # after two years an answer counts, but not whose it was
    consent: timedelta = timedelta(days=3 * 365)  # proof that we were allowed, three years after the last word
    ledger: timedelta = timedelta(days=365)  # who exported what
    occasion: timedelta = timedelta(days=90)  # why something came or did not: time to ask
    copy: timedelta = timedelta(days=30)  # of the database before a migration, like any backup: long enough to go back
    spending: timedelta = timedelta(days=730)  # what the messages of a day have cost; nobody's name is in it


KEEPING = Keeping()

Cleaned = tuple[int, Counter[str]]  # how many rows, and the books' changes
Step = Callable[[AsyncConnection, datetime], Awaitable[Cleaned]]


@fixed(frozen=True, slots=True)
class Walk:
    """A clean-up of what no index finds: one would cost every turn, so all rows are looked through, page by page.

    ``key`` is their order, ``clean`` does what is to be done ``within`` a page.
    """

    key: Sequence[Column[Any]]
    clean: Callable[[AsyncConnection, datetime, ColumnElement[bool]], Awaitable[Cleaned]]

    async def page(
        self, connection: AsyncConnection, now: datetime, after: Sequence[Any]
    ) -> tuple[Cleaned, Sequence[Any]]:
        """Cleans the page behind a key; what came of it, and its last key, empty once there is no more."""
        behind = tuple_(*self.key) > after if after else true()
        ends = select(*self.key).where(behind).order_by(*self.key).offset(PAGE - 1).limit(1)
        last = tuple((await connection.execute(ends)).one_or_none() or ())
        within = and_(behind, tuple_(*self.key) <= last) if last else behind
        return await self.clean(connection, now, within), last


async def guests(connection: AsyncConnection, now: datetime) -> Cleaned:
    """A chunk of guests whose day is over, with everything that has their key."""
    due = select(learners.c.id).where(learners.c.guest.is_(True), learners.c.seen_at <= now - KEEPING.guest)
    ids = list((await connection.execute(due.limit(CHUNK).with_for_update(skip_locked=True))).scalars())
    return len(ids), Counter(cancelled=await erase(connection, ids) if ids else 0)


async def strangers(connection: AsyncConnection, now: datetime) -> Cleaned:
    """Addresses that lead to nobody, a day after their last message."""
    nobody = and_(addresses.c.learner_id.is_(None), addresses.c.last_inbound_at <= now - KEEPING.guest)
    ids = select(addresses.c.id).where(nobody).limit(CHUNK)
    unsent = select(func.count()).where(outbox.c.address_id.in_(ids), text(UNFINISHED))
    cancelled = (await connection.execute(unsent)).scalar_one()
    return await _removed(connection, delete(addresses).where(addresses.c.id.in_(ids))), Counter(cancelled=cancelled)


async def strange_deliveries(connection: AsyncConnection, now: datetime) -> Cleaned:
    """Deliveries kept for the operator: a day where no learner is known, else a week; the bare id stays."""
    old = or_(
        inbox.c.received_at <= now - KEEPING.delivery,
        and_(inbox.c.learner_id.is_(None), inbox.c.received_at <= now - KEEPING.guest),
    )
    kept = and_(inbox.c.state.in_(("parked", "unusable")), text(KEPT), old)
    return await _removed(connection, update(inbox).where(kept).values(**RETIRED)), Counter()


async def sent_parts(connection: AsyncConnection, now: datetime) -> Cleaned:
    """Parts that ended long ago, found from the oldest on."""
    until = now - KEEPING.sent
    younger = select(outbox.c.id).where(outbox.c.created_at > until).order_by(outbox.c.id).limit(1)
    first_young = (await connection.execute(younger)).scalar_one_or_none()
    old = and_(outbox.c.ended_at <= until, _before(outbox.c.id, first_young))
    ids = select(outbox.c.id).where(old).order_by(outbox.c.id).limit(CHUNK)
    return await _removed(connection, delete(outbox).where(outbox.c.id.in_(ids))), Counter()


async def web_lines(connection: AsyncConnection, now: datetime) -> Cleaned:
    until = now - KEEPING.web_talk
    younger = select(chat_lines.c.id).where(chat_lines.c.at > until).order_by(chat_lines.c.id).limit(1)
    first_young = (await connection.execute(younger)).scalar_one_or_none()
    old = and_(chat_lines.c.at <= until, _before(chat_lines.c.id, first_young))
    ids = select(chat_lines.c.id).where(old).order_by(chat_lines.c.id).limit(CHUNK)
    return await _removed(connection, delete(chat_lines).where(chat_lines.c.id.in_(ids))), Counter()


async def bare_ids(connection: AsyncConnection, now: datetime, within: ColumnElement[bool]) -> Cleaned:
    """Ids of deliveries that nobody can send again to any effect."""
    old = and_(within, inbox.c.received_at <= now - KEEPING.bare_id)
    return await _removed(connection, delete(inbox).where(old)), Counter()


async def silent_addresses(connection: AsyncConnection, now: datetime, within: ColumnElement[bool]) -> Cleaned:
    """Where somebody silent for a year could be reached; a web cookie has ended sooner."""
    silent = or_(
        addresses.c.last_inbound_at <= now - KEEPING.address,
        and_(addresses.c.channel == "web", addresses.c.last_inbound_at <= now - KEEPING.web_talk),
    )
    ids = select(addresses.c.id).where(within, silent)
    unsent = select(func.count()).where(outbox.c.address_id.in_(ids), text(UNFINISHED))
    cancelled = (await connection.execute(unsent)).scalar_one()
    return await _removed(connection, delete(addresses).where(addresses.c.id.in_(ids))), Counter(cancelled=cancelled)


async def own_words(connection: AsyncConnection, now: datetime, within: ColumnElement[bool]) -> Cleaned:
    old = and_(within, answers.c.answered_at <= now - KEEPING.own_words, answers.c.own_words.is_not(None))
    return await _removed(connection, update(answers).where(old).values(own_words=None)), Counter()


async def whose_answers(connection: AsyncConnection, now: datetime, within: ColumnElement[bool]) -> Cleaned:
    old = and_(within, answers.c.answered_at <= now - KEEPING.answer, answers.c.learner_id.is_not(None))
    return await _removed(connection, update(answers).where(old).values(learner_id=None)), Counter()


async def progress(connection: AsyncConnection, now: datetime) -> Cleaned:
    """Places and progress of people gone for two years."""
    gone = and_(learners.c.seen_at <= now - KEEPING.answer, learners.c.guest.is_(False), learners.c.state != "{}")
    ids = select(learners.c.id).where(gone).limit(CHUNK)
    emptied = update(learners).where(learners.c.id.in_(ids)).values(state="{}", due_at=None)
    return await _removed(connection, emptied), Counter()


async def long_gone(connection: AsyncConnection, now: datetime) -> Cleaned:
    """Learners whose consent need not be proved any more, with what is left of them."""
    reachable = exists().where(addresses.c.learner_id == learners.c.id)
    gone = and_(learners.c.seen_at <= now - KEEPING.consent, learners.c.guest.is_(False), ~reachable)
    ids = list((await connection.execute(select(learners.c.id).where(gone).limit(CHUNK))).scalars())
    return len(ids), Counter(cancelled=await erase(connection, ids) if ids else 0)


async def ledger(connection: AsyncConnection, now: datetime) -> Cleaned:
    return await _removed(connection, delete(exports).where(exports.c.at <= now - KEEPING.ledger)), Counter()


async def old_occasions(connection: AsyncConnection, now: datetime) -> Cleaned:
    old = occasions.c.decided_at <= now - KEEPING.occasion
    ids = select(occasions.c.id).where(old).limit(CHUNK)
    return await _removed(connection, delete(occasions).where(occasions.c.id.in_(ids))), Counter()


async def old_spending(connection: AsyncConnection, now: datetime) -> Cleaned:
    until = (now - KEEPING.spending).date().isoformat()
    return await _removed(connection, delete(spending).where(spending.c.day < until)), Counter()


def _before(key: Column[int], first_young: int | None) -> ColumnElement[bool]:
    return true() if first_young is None else key < first_young


async def _removed(connection: AsyncConnection, statement: object) -> int:
    result = await connection.execute(statement)  # type: ignore[call-overload]
    return max(int(result.rowcount), 0)


OFTEN: dict[str, Step] = {
    "guests": guests,
    "strangers": strangers,
    "deliveries": strange_deliveries,
}
EVERY_DAY: dict[str, Step | Walk] = {
    "sent parts": sent_parts,
    "web lines": web_lines,
    "bare ids": Walk((inbox.c.event_id, inbox.c.channel), bare_ids),
    "silent addresses": Walk((addresses.c.id,), silent_addresses),
    "own words": Walk((answers.c.id,), own_words),
    "names of old answers": Walk((answers.c.id,), whose_answers),
    "old progress": progress,
    "learners long gone": long_gone,
    "export ledger": ledger,
    "old occasions": old_occasions,
    "old spending": old_spending,
}
