"""Makes events, learners and rows for the tests of the store, and plays them in one line."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from bot.engine.events import Address, Event, Said, Tapped
from bot.engine.learner import Keep, Learner
from bot.engine.turn import Answered, Record, Verbatim
from storage.rows import INTERACTIVE, SCHEDULED, Arrival, Claim, Handled, Kept, Mark, NewLine, NewPart, OutboxRow
from storage.store import Store

SERIAL = count(1)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
GROWN: dict[str, Any] = {"keep": Keep.BOTH, "age_band": "25+"}


def said(
    event_id: str, who: str = "ada", channel: str = "telegram", text: str = "hi", at: datetime = NOON, **more: Any
) -> Said:
    return Said(id=event_id, address=Address(channel, who), at=at, text=text, **more)


def learner(id_: str, **facts: Any) -> Learner:
    facts = {"created": NOON, "seen": NOON, "seed": 7, "language": "en"} | facts
    return Learner(id=id_, **facts)


def part(arrival: Arrival, learner_id: str | None, words: str = "hello", priority: int = INTERACTIVE) -> NewPart:
    """A part that says these words; it is an edit where they begin with "edit"."""
    channel, holds = arrival.event.address.channel, not words.startswith("edit")
    return NewPart(learner_id, arrival.address_id, channel, {"text": words}, priority, NOON, "reply", holds)


def answer(words: str | None = None, at: datetime = NOON, **changes: Any) -> Kept:
    """An answer to a choice; with ``words``, one to an open question."""
    facts: dict[str, Any] = {
        "at": at,
        "course": "tour",
        "lesson": "people-first",
        "version": "v1",
        "phase": "quiz",
        "question": "tour/people-first/key",
        "kind": "choice" if words is None else "open",
        "form": "a",
        "attempt": 1,
        "pre_assigned": None,
        "exposures": 0,
        "answer_ids": ("good",) if words is None else (),
        "text": words,
        "correct": True if words is None else None,
        "seconds": 5,
        "language": "es",
        "asked": Verbatim("Who owns it?"),
    }
    about = {"channel": "telegram", "role": None, "age_band": "25+", "country": "ES", "campaign": "poster"}
    facts.update((name, changes.pop(name)) for name in list(changes) if name in facts)
    return Kept(Answered(**facts), "Who owns it?", "The members", **(about | changes))


Decide = Callable[[Arrival, Learner | None], Handled]


async def play(store: Store, events: Sequence[Event], decide: Decide, now: datetime = NOON) -> list[Arrival]:
    """A batch as the service runs it: accept, load, decide in order of arrival, save."""
    async with store.transaction() as tx:
        arrivals = await tx.accept(events, now)
        known = await tx.learners({arrival.learner_id for arrival in arrivals if arrival.learner_id})
        at_address = {arrival.address_id: known.get(arrival.learner_id or "") for arrival in arrivals}
        turns = []
        for arrival in arrivals:
            turn = decide(arrival, at_address[arrival.address_id])
            at_address[arrival.address_id] = turn.learner
            turns.append(turn)
        await tx.save(turns, now)
    return arrivals


async def arrive(
    store: Store,
    who: str = "ada",
    *,
    channel: str = "telegram",
    event_id: str | None = None,
    records: tuple[Record | Kept, ...] = (),
    parts: Sequence[str] = (),
    lines: Sequence[str] = (),
    priority: int = INTERACTIVE,
    now: datetime = NOON,
    on_show: str | None = None,
    **facts: Any,
) -> str:
    """One event of somebody, with what came of it; the learner's id. ``on_show``: a tap on this message, shown last."""

    def decide(arrival: Arrival, known: Learner | None) -> Handled:
        now_known = (known or learner(f"learner-{who}", created=now)).but(seen=now, **facts)
        return Handled(
            arrival.event,
            arrival.address_id,
            now_known,
            known is None,
            records,
            tuple(part(arrival, now_known.id, words, priority) for words in parts),
            tuple(NewLine("bot", now, {"text": words}) for words in lines),
            on_show=on_show is not None,
        )

    said_ = said(event_id or f"event-{next(SERIAL)}", who, channel, at=now)
    tapped = Tapped(id=said_.id, address=said_.address, at=now, data="q:1-a", message=on_show or None)
    await play(store, [said_ if on_show is None else tapped], decide, now)
    found = await store.learner_at(Address(channel, who))
    return found or f"learner-{who}"


async def later(store: Store, who: str, *words: str) -> None:
    """Parts that come unasked."""
    await arrive(store, who, parts=words, priority=SCHEDULED)


async def taps(store: Store, who: str = "ada", message: str = "", **more: Any) -> None:
    """Presses a button of what was shown last; ``message`` is its id, where the platform tells."""
    await arrive(store, who, on_show=message, **more)


async def sending(store: Store, limit: int = 10, now: datetime = NOON, holder: str = "sender") -> list[OutboxRow]:
    """Takes the lease and claims what is due on Telegram."""
    epoch = await store.lease("telegram", holder, now, 60)
    assert epoch is not None
    return await store.claim(Claim("telegram", now, limit, "telegram", epoch)) or []


async def ended(store: Store, *rows: OutboxRow, state: Any = "sent", now: datetime = NOON, **how: Any) -> bool:
    epoch = await store.lease("telegram", "sender", now, 60)
    assert epoch is not None
    return await store.marks([Mark(row.id, state, **how) for row in rows], "telegram", epoch, now)


def words(rows: Sequence[OutboxRow]) -> list[str]:
    return [row.body["text"] for row in rows]
