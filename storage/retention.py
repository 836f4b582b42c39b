"""How long things are kept, and the clean-ups that keep it so. What is not listed is kept with its learner.

Each clean-up goes in small transactions, so that nobody's reply waits for it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, and_, delete, exists, func, or_, select, text, true, update

from bot.engine.fixed import fixed
from storage.erasing import RETIRED, erase
from storage.lean import AsyncConnection
from storage.tables import (
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


@fixed(frozen=True, slots=True)
class Keeping:
    """Each span with its reason; the privacy page says the same."""

    guest: timedelta = timedelta(hours=24)  # who has not agreed is remembered for the day, no longer
    delivery: timedelta = timedelta(days=7)  # time for an operator to look at what was parked
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

Step = Callable[[AsyncConnection, datetime], Awaitable[tuple[int, Counter[str]]]]


async def guests(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    """A chunk of guests whose day is over, with everything that has their key."""
    due = select(learners.c.id).where(learners.c.guest.is_(True), learners.c.seen_at <= now - KEEPING.guest)
    ids = list((await connection.execute(due.limit(CHUNK).with_for_update(skip_locked=True))).scalars())
    return len(ids), Counter(cancelled=await erase(connection, ids) if ids else 0)


async def strangers(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    """Addresses that lead to nobody, a day after their last message."""
    nobody = and_(addresses.c.learner_id.is_(None), addresses.c.last_inbound_at <= now - KEEPING.guest)
    ids = select(addresses.c.id).where(nobody).limit(CHUNK)
    unsent = select(func.count()).where(outbox.c.address_id.in_(ids), text(UNFINISHED))
    cancelled = (await connection.execute(unsent)).scalar_one()
    return await _removed(connection, delete(addresses).where(addresses.c.id.in_(ids))), Counter(cancelled=cancelled)


async def strange_deliveries(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    """Deliveries kept for the operator: a day where no learner is known, else a week; the bare id stays."""
    old = or_(
        inbox.c.received_at <= now - KEEPING.delivery,
        and_(inbox.c.learner_id.is_(None), inbox.c.received_at <= now - KEEPING.guest),
    )
    kept = and_(inbox.c.state.in_(("parked", "unusable")), old)
    return await _removed(connection, update(inbox).where(kept).values(**RETIRED)), Counter()


async def sent_parts(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    """Parts that ended long ago, found from the oldest on."""
    until = now - KEEPING.sent
    younger = select(outbox.c.id).where(outbox.c.created_at > until).order_by(outbox.c.id).limit(1)
    first_young = (await connection.execute(younger)).scalar_one_or_none()
    old = and_(outbox.c.ended_at <= until, _before(outbox.c.id, first_young))
    ids = select(outbox.c.id).where(old).order_by(outbox.c.id).limit(CHUNK)
    return await _removed(connection, delete(outbox).where(outbox.c.id.in_(ids))), Counter()


async def web_lines(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    until = now - KEEPING.web_talk
    younger = select(chat_lines.c.id).where(chat_lines.c.at > until).order_by(chat_lines.c.id).limit(1)
    first_young = (await connection.execute(younger)).scalar_one_or_none()
    old = and_(chat_lines.c.at <= until, _before(chat_lines.c.id, first_young))
    ids = select(chat_lines.c.id).where(old).order_by(chat_lines.c.id).limit(CHUNK)
    return await _removed(connection, delete(chat_lines).where(chat_lines.c.id.in_(ids))), Counter()


async def silent_addresses(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    """Where somebody silent for a year could be reached; a web cookie has ended sooner."""
    silent = or_(
        addresses.c.last_inbound_at <= now - KEEPING.address,
        and_(addresses.c.channel == "web", addresses.c.last_inbound_at <= now - KEEPING.web_talk),
    )
    ids = select(addresses.c.id).where(silent).limit(CHUNK)
    unsent = select(func.count()).where(outbox.c.address_id.in_(ids), text(UNFINISHED))
    cancelled = (await connection.execute(unsent)).scalar_one()
    return await _removed(connection, delete(addresses).where(addresses.c.id.in_(ids))), Counter(cancelled=cancelled)


async def own_words(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    old = and_(answers.c.answered_at <= now - KEEPING.own_words, answers.c.own_words.is_not(None))
    ids = select(answers.c.id).where(old).limit(CHUNK)
    return await _removed(connection, update(answers).where(answers.c.id.in_(ids)).values(own_words=None)), Counter()


async def whose_answers(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    old = and_(answers.c.answered_at <= now - KEEPING.answer, answers.c.learner_id.is_not(None))
    ids = select(answers.c.id).where(old).limit(CHUNK)
    return await _removed(connection, update(answers).where(answers.c.id.in_(ids)).values(learner_id=None)), Counter()


async def progress(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    """Places and progress of people gone for two years."""
    gone = and_(learners.c.seen_at <= now - KEEPING.answer, learners.c.guest.is_(False), learners.c.state != "{}")
    ids = select(learners.c.id).where(gone).limit(CHUNK)
    emptied = update(learners).where(learners.c.id.in_(ids)).values(state="{}", due_at=None)
    return await _removed(connection, emptied), Counter()


async def long_gone(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    """Learners whose consent need not be proved any more, with what is left of them."""
    reachable = exists().where(addresses.c.learner_id == learners.c.id)
    gone = and_(learners.c.seen_at <= now - KEEPING.consent, learners.c.guest.is_(False), ~reachable)
    ids = list((await connection.execute(select(learners.c.id).where(gone).limit(CHUNK))).scalars())
    return len(ids), Counter(cancelled=await erase(connection, ids) if ids else 0)


async def ledger(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    return await _removed(connection, delete(exports).where(exports.c.at <= now - KEEPING.ledger)), Counter()


async def old_occasions(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    old = occasions.c.decided_at <= now - KEEPING.occasion
    ids = select(occasions.c.id).where(old).limit(CHUNK)
    return await _removed(connection, delete(occasions).where(occasions.c.id.in_(ids))), Counter()


async def old_spending(connection: AsyncConnection, now: datetime) -> tuple[int, Counter[str]]:
    until = (now - KEEPING.spending).date().isoformat()
    return await _removed(connection, delete(spending).where(spending.c.day < until)), Counter()


def _before(key: Column[int], first_young: int | None) -> ColumnElement[bool]:
    return true() if first_young is None else key < first_young


async def _removed(connection: AsyncConnection, statement: object) -> int:
    result = await connection.execute(statement)  # type: ignore[call-overload]
    return max(int(result.rowcount), 0)


EVERY_HOUR: dict[str, Step] = {
    "guests": guests,
    "strangers": strangers,
    "deliveries": strange_deliveries,
}
EVERY_DAY: dict[str, Step] = {
    "sent parts": sent_parts,
    "web lines": web_lines,
    "silent addresses": silent_addresses,
    "own words": own_words,
    "names of old answers": whose_answers,
    "old progress": progress,
    "learners long gone": long_gone,
    "export ledger": ledger,
    "old occasions": old_occasions,
    "old spending": old_spending,
}
