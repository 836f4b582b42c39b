"""Brings what the clock owes: due learners are claimed in chunks, and each gets one decision.

Laws
- One transaction claims due learners, writes what was decided, what it brings, and the next due time, under the
  learner's lock like every writer; the key (learner, local date, kind) makes a second planner harmless.
- Whether, how and at what cost it may be sent is decided before a row is written (``bot/engine/window.py``). A hold is
  a record with its reason, never a row.
- The database is the truth: it tells when somebody is due next, and is looked at every few seconds in any case.

What may go wrong
- Our own code fails at a learner: their day is held with the reason ``our_fault``, and the others go on.
- The database is out of reach: nothing is claimed; what is due stays due.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

import structlog

from bot.delivery.purse import Purse
from bot.engine import due, window
from bot.engine.advance import advance
from bot.engine.course import Library
from bot.engine.events import Address, LessonDue
from bot.engine.fixed import fixed
from bot.engine.learner import Learner
from bot.engine.occasion import INVITING_WAYS, LESSON, Occasion
from bot.engine.turn import Invited, Turn
from bot.errors import TryAgain, Unavailable
from storage.rows import LATEST, SCHEDULED, Arrival, Handled, NewPart, Parked, Reach, Spending
from storage.store import Store, Transaction

log = structlog.get_logger()

CHUNK = 100  # learners in one transaction: some tens of milliseconds, so that nobody's reply waits for it
A_DAY = timedelta(hours=24)
TICK = 5.0  # seconds between looks at most: a wish may have changed meanwhile
NEVER_AT_ONCE = timedelta(hours=1)  # before a learner is looked at again of whom nothing could be decided
NOWHERE = Address("nowhere", "")
NO_TEMPLATES: Mapping[str, "Inviting"] = {}


class Lessons(Protocol):
    """What the planner asks of what is taught now."""

    @property
    def library(self) -> Library: ...


class Bringing(Protocol):
    """What the planner asks of a channel."""

    brings: bool


class Worded(Protocol):
    """A turn in words."""

    @property
    def row(self) -> Handled | Parked: ...


class Door(Protocol):
    """What the planner asks of the service: its channels, and a turn put into words and rows."""

    @property
    def channels(self) -> Mapping[str, Bringing]: ...

    def worded(
        self, before: Learner, arrival: Arrival, turn: Turn, content: Any, now: datetime, *, priority: int, kind: str
    ) -> Worded: ...


@runtime_checkable
class Inviting(Protocol):
    """What the planner asks of a channel that has approved templates."""

    def invitation(self, kind: str, language: str, time: str) -> dict[str, object] | None: ...

    def invited_by(self, kind: str, language: str) -> str | None: ...


@fixed(frozen=True, slots=True)
class Owed:
    """A learner with what is due to them and where they can be reached."""

    learner: Learner
    look: due.Look
    reaches: Sequence[Reach]
    stands: bool = False  # decided before: an answer of the database was lost, or a second planner was quicker


Decide = Callable[[Owed, Lessons, Purse, datetime], Handled]


class Planner:
    """``content`` is what is taught now; ``rules`` say what may be sent and what it costs; ``inviting`` are the
    channels that have templates of their own to ask a learner in."""

    def __init__(
        self,
        service: Door,
        store: Store,
        rules: window.Rules,
        *,
        content: Callable[[], Lessons],
        clock: Callable[[], datetime],
        inviting: Mapping[str, Inviting] = NO_TEMPLATES,
        after_commit: Callable[[Sequence[Handled]], None] = lambda handled: None,
        chunk: int = CHUNK,
    ) -> None:
        self.service, self.store, self.rules = service, store, rules
        self.content, self.clock, self.after_commit, self.chunk = content, clock, after_commit, chunk
        self.inviting = inviting
        self._ending = False

    async def run(self) -> None:
        """Plans until cancelled. A chunk is never cut in half."""
        while True:
            working = asyncio.create_task(self._round())
            try:
                pause = await asyncio.shield(working)
            except asyncio.CancelledError:
                self._ending = True
                await asyncio.wait({working})
                raise
            await asyncio.sleep(pause)

    async def _round(self) -> float:
        """Everything that is due now; then the seconds until it is worth looking again."""
        try:
            while not self._ending and await self.plan():
                pass
            following = await self.store.next_due()
        except (Unavailable, TryAgain) as trouble:
            log.warning("planner.database", error=type(trouble).__name__)
            return TICK
        except Exception:
            log.exception("planner.failed")
            return TICK
        wait = (following - self.clock()).total_seconds() if following is not None else TICK
        return min(max(wait, 0.01), TICK)

    async def plan(self) -> int:
        """One chunk of due learners; how many there were."""
        for most, decide in ((self.chunk, self._row), (1, self._row)):
            try:
                return await self._chunk(most, decide)
            except (Unavailable, TryAgain):
                raise
            except Exception:
                # One of them cannot be written: one by one, so that it stands alone, and is held.
                log.exception("planner.chunk_refused", size=most)
        return await self._chunk(1, lambda owed, content, purse, now: _held(owed, "our_fault", now))

    async def _chunk(self, most: int, decide: Decide) -> int:
        now, content = self.clock(), self.content()
        async with self.store.transaction() as tx:
            found = await tx.due(now, most)
            owed = await self._owed(tx, _looked_at(found, content, now), now)
            await tx.put_off(set(found) - {one.learner.id for one in owed}, now + NEVER_AT_ONCE)
            templates = await tx.templates(now - A_DAY) if self.inviting else 0
            purse = Purse(self.rules, self.clock, await tx.spent(now.date().isoformat()), templates)
            rows = [decide(one, content, purse, now) for one in owed]
            await tx.save(rows, now, heard=False)
        self.after_commit(rows)
        return len(found)

    async def _owed(self, tx: Transaction, looked_at: Sequence[tuple[Learner, due.Look]], now: datetime) -> list[Owed]:
        """What is due to each, and what of it was decided before."""
        looks = {learner.id: look for learner, look in looked_at}
        pairs = [(id_, one) for id_, look in looks.items() for one in (*look.missed, look.live) if one is not None]
        known = await tx.decided(pairs)
        reaches = await tx.reaches(looks)
        return [_owed(learner, look, reaches.get(learner.id, ()), known) for learner, look in looked_at]

    def _row(self, owed: Owed, content: Lessons, purse: Purse, now: datetime) -> Handled:
        """What a learner's moment comes to; a bug of ours costs them the day, and nobody else anything."""
        try:
            row = self._decided(owed, content, purse, now)
        except Exception:
            log.exception("planner.our_fault")
            row = _held(owed, "our_fault", now)
        purse.add(row.spent)
        return row

    def _decided(self, owed: Owed, content: Lessons, purse: Purse, now: datetime) -> Handled:
        live = owed.look.live
        if live is None:
            return _moved(owed, due.replanned(owed.learner, now), now)
        if owed.stands:
            return _moved(owed, due.stood(owed.learner, live), now)
        if live.held:
            return _held(owed, live.reason, now)
        routes = self._routes(owed, live.kind, now)
        in_lesson = due.in_the_middle(owed.learner, now)
        decision = window.decide(now, routes, self.rules, purse.at, in_lesson=in_lesson)
        reach = next((one for one in owed.reaches if one.address_id == decision.address_id), None)
        if reach is None:
            return _held(owed, decision.reason, now)
        return self._bring(owed, live, decision, reach, content, now)

    def _routes(self, owed: Owed, kind: str, now: datetime) -> list[window.Route]:
        def brings(name: str) -> bool:
            channel = self.service.channels.get(name)
            return channel is not None and channel.brings

        return routes(owed.learner, owed.reaches, kind, self.inviting, brings, now)

    def _bring(
        self, owed: Owed, live: Occasion, decision: window.Decision, reach: Reach, content: Lessons, now: datetime
    ) -> Handled:
        """The turn of a moment that may be brought, in words."""
        occasion = replace(
            live,
            way=decision.way.value,
            reason=decision.reason,
            channel=reach.address.channel,
            micros=decision.micros,
            country=owed.learner.country,
        )
        event = _event(owed, occasion, reach, now)
        turn = advance(owed.learner, event, content.library, now)
        arrival = Arrival(event, reach.address_id, owed.learner.id)
        if occasion.way in INVITING_WAYS:
            return self._invite(owed, arrival, turn, occasion, now)
        decided = self.service.worded(owed.learner, arrival, turn, content, now, priority=SCHEDULED, kind=occasion.kind)
        row = decided.row
        assert isinstance(row, Handled), "only a fault parks"
        return _for_its_hour(row, due.latest(owed.learner, occasion, now))

    def _invite(self, owed: Owed, arrival: Arrival, turn: Turn, occasion: Occasion, now: datetime) -> Handled:
        """A template that asks the learner in; without one after all, the day is held."""
        asked = next(record for record in turn.records if isinstance(record, Invited))
        inviting = self.inviting.get(occasion.channel)
        body = inviting.invitation(asked.kind, turn.learner.language, asked.hour) if inviting else None
        if body is None:
            return _held(owed, window.Reason.WINDOW_CLOSED_NO_TEMPLATE.value, now)
        part = NewPart(turn.learner.id, arrival.address_id, occasion.channel, body, SCHEDULED, now, occasion.kind)
        spent = Spending(occasion.country or "", 1, occasion.micros, templates=1)
        records = tuple(record for record in turn.records if not isinstance(record, Invited))
        row = Handled(arrival.event, arrival.address_id, turn.learner, False, records, (part,), spent=spent)
        return _for_its_hour(row, due.latest(owed.learner, occasion, now))


def _for_its_hour(row: Handled, latest: datetime) -> Handled:
    """Each part knows until when it may go out: the platform may be out of reach for a while."""
    return replace(row, parts=tuple(replace(part, body={**part.body, LATEST: f"{latest}"}) for part in row.parts))


def _looked_at(found: Mapping[str, Learner | None], content: Lessons, now: datetime) -> list[tuple[Learner, due.Look]]:
    """What is due to each who can be read and looked at; the others are told of in the log."""
    looked_at = []
    for id_, learner in found.items():
        try:
            if learner is not None:
                looked_at.append((learner, due.look(learner, content.library, now)))
                continue
            log.error("planner.unreadable", learner=id_)
        except Exception:
            log.exception("planner.cannot_look", learner=id_)
    return looked_at


def routes(
    learner: Learner,
    reaches: Sequence[Reach],
    kind: str,
    inviting: Mapping[str, Inviting],
    brings: Callable[[str], bool],
    now: datetime,
) -> list[window.Route]:
    """Every address that something can be brought to; on the chosen channel the one heard from last is chosen."""
    wanted = (learner.daily.channel if learner.daily else "") or learner.channel
    chosen = next((one.address_id for one in reaches if one.address.channel == wanted), None)
    refused = {category: refusal.until for category, refusal in learner.refused.items()}
    return [
        window.Route(
            reach.address_id,
            reach.address.channel,
            learner.country,
            None if refused.get(window.SERVICE, now) > now else reach.last_inbound,
            reach.address_id == chosen,
            _templates(inviting.get(reach.address.channel), kind, learner.language),
            refused,
        )
        for reach in reaches
        if brings(reach.address.channel)
    ]


def _templates(inviting: Inviting | None, kind: str, language: str) -> frozenset[str]:
    category = inviting.invited_by(kind, language) if inviting else None
    return frozenset({category} if category else ())


def _owed(learner: Learner, look: due.Look, reaches: Sequence[Reach], known: set[tuple[str, str, str]]) -> Owed:
    def stands(one: Occasion) -> bool:
        return (learner.id, one.day.isoformat(), one.kind) in known

    missed = tuple(one for one in look.missed if not stands(one))
    return Owed(learner, replace(look, missed=missed), reaches, look.live is not None and stands(look.live))


def _event(owed: Owed, occasion: Occasion, reach: Reach | None, now: datetime) -> LessonDue:
    return LessonDue(
        id=f"due:{owed.learner.id}:{occasion.day}:{occasion.kind}",
        address=reach.address if reach else NOWHERE,
        at=now,
        occasion=occasion,
        missed=owed.look.missed,
        last_heard=reach.last_inbound if reach else None,
    )


def _held(owed: Owed, reason: str, now: datetime) -> Handled:
    """Nothing is sent; the day is noted with its reason."""
    live = owed.look.live
    if live is None:
        return _moved(owed, due.replanned(owed.learner, now), now)
    reach = next(iter(owed.reaches), None)
    occasion = replace(live.hold(reason), channel=reach.address.channel if reach else "", micros=0)
    move = due.held(owed.learner, occasion, owed.look.missed, now)
    event = _event(owed, occasion, reach, now)
    return Handled(event, reach.address_id if reach else 0, move.learner, False, move.records)


def _moved(owed: Owed, learner: Learner, now: datetime) -> Handled:
    """Nothing is due after all, or it was decided before: only the next look is set, and never to this moment again."""
    if learner.due is not None and learner.due <= now:
        learner = learner.but(due=now + NEVER_AT_ONCE)
    occasion = owed.look.live or Occasion(LESSON, now.date(), now)
    return Handled(_event(owed, occasion, None, now), 0, learner)
