"""Outcomes on their way into the outbox: gathered as calls come back, written down many at once.

What follows from them is done here too: ids to remember, learners who left.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from bot.delivery.backoff import Random
from bot.delivery.settling import NO_DOUBT, POISON_TRIES, Broken, Doubt, put_off, settled
from bot.engine import events
from bot.engine.fixed import fixed
from bot.errors import TryAgain, Unavailable
from bot.outcomes import Held, Left, Refused, Result, Sent
from storage.rows import REPLY, Mark, OutboxRow

log = structlog.get_logger()

FAREWELL = 5.0  # seconds for the house to note that a learner left

Gone = Callable[[events.Event], Awaitable[object]]
Undelivered = Callable[[OutboxRow, str], Awaitable[None]]


async def nothing_follows(part: OutboxRow, reason: str) -> None:
    """Where nobody wants to know of parts that did not go out."""


class Sending(Protocol):
    """What the sender needs of a channel with an outbox.

    ``patience`` is how long, in seconds, a part whose answer was lost is left alone: a platform that reports by
    itself what became of it needs a while, one that never does needs none.
    """

    name: str
    patience: float

    def unseen_twice(self, part: OutboxRow) -> bool:
        """Whether making the same call again shows nothing again."""

    async def send(self, part: OutboxRow) -> Result:
        """Makes the call and tells what became of it. A ``part.state`` of ``unknown`` may have gone out before."""


class Books(Protocol):
    """What writing down needs of the store."""

    async def marks(self, marks: Sequence[Mark], lease: str, epoch: int, now: datetime) -> bool: ...

    async def cancel(self, learner_ids: Collection[str], reason: str, now: datetime) -> int: ...

    async def wrote_since(self, part: OutboxRow) -> bool: ...

    async def remember(self, channel: str, what: Mapping[str, str]) -> None: ...


@fixed(frozen=True, slots=True)
class Ended:
    """A call that came back; ``epoch`` is the one it was made under."""

    row: OutboxRow
    epoch: int
    result: Result | Broken


@fixed(frozen=True, slots=True)
class Outcomes:
    """What is to be written down: calls that came back, parts that go back, and what both come to in the outbox."""

    ended: Sequence[Ended] = ()
    put_offs: Sequence[Mark] = ()
    marks: Sequence[Mark] = ()

    @property
    def plain(self) -> bool:
        """Nothing follows from them: nobody left or has to wait, nothing is to be remembered."""
        return all(isinstance(one.result, Sent) and not one.result.remember for one in self.ended)


def _given_up(one: Ended) -> bool:
    """Whether it did not go out and will not; somebody who left is told of elsewhere."""
    broken = isinstance(one.result, Broken) and one.row.attempts + 1 >= POISON_TRIES
    return broken or isinstance(one.result, Held | Refused)


def _reason(result: Result | Broken) -> str:
    return f"our error: {result.error}" if isinstance(result, Broken) else getattr(result, "reason", "")


class Bookkeeping:
    """``gone`` is the service's ``handle``: it is told of learners whom the platform no longer reaches.

    ``undelivered`` hears of what was brought unasked and did not go out, with the reason.
    """

    def __init__(
        self, channel: Sending, store: Books, random: Random, gone: Gone, undelivered: Undelivered = nothing_follows
    ) -> None:
        self.channel, self.store, self._random, self._gone = channel, store, random, gone
        self._undelivered = undelivered
        self._ended: list[Ended] = []
        self._put_off: list[Mark] = []

    @property
    def waiting(self) -> bool:
        """Outcomes are not written down yet."""
        return bool(self._ended or self._put_off)

    @property
    def put_off_some(self) -> bool:
        """Parts that were claimed go back."""
        return bool(self._put_off)

    def add(self, ended: Ended) -> None:
        self._ended.append(ended)

    def put_off(self, row: OutboxRow, now: datetime, wait: float) -> None:
        """A claimed part whose chat has had enough for the moment goes back, to be due in a while."""
        self._put_off.append(put_off(row, now, wait))

    def forget(self) -> None:
        """Somebody else has the lease: those parts are theirs to settle."""
        self._ended.clear()
        self._put_off.clear()

    def outcomes(self, epoch: int, now: datetime) -> Outcomes:
        """All so far of this epoch. They stay until they are ``kept``: the database may fail."""
        self._ended = [one for one in self._ended if one.epoch == epoch]
        ended, put_offs = tuple(self._ended), tuple(self._put_off)
        return Outcomes(ended, put_offs, [*put_offs, *(self._mark(one, now) for one in ended)])

    def kept(self, outcomes: Outcomes) -> None:
        """They are written down. What came back meanwhile is for the next time."""
        del self._ended[: len(outcomes.ended)]
        del self._put_off[: len(outcomes.put_offs)]
        for mark in outcomes.marks:
            if mark.state == "failed":
                log.error("sender.failed_part", channel=self.channel.name, part=mark.id, why=mark.outcome)

    async def write_down(self, lease: str, epoch: int, now: datetime) -> Sequence[Mark] | None:
        """All outcomes of this epoch in a transaction of their own; None once the lease is lost."""
        outcomes = self.outcomes(epoch, now)
        if outcomes.marks:
            if not await self.store.marks(outcomes.marks, lease, epoch, now):
                return None
            self.kept(outcomes)
            await self._follow(outcomes.ended, now)
        return outcomes.marks

    def doubt(self, row: OutboxRow) -> Doubt:
        """What to do while this part may have arrived."""
        return Doubt(self.channel.patience, self.channel.unseen_twice(row))

    def _mark(self, one: Ended, now: datetime) -> Mark:
        """A bug of ours harms this part alone: the outcomes of all others are written down with it."""
        try:
            return settled(one.row, one.result, now, self._random, self.doubt(one.row))
        except Exception as bug:
            log.exception("sender.not_settled", channel=self.channel.name, part=one.row.id)
            return settled(one.row, Broken(type(bug).__name__), now, self._random, NO_DOUBT)

    async def _follow(self, ended: Sequence[Ended], now: datetime) -> None:
        """What else comes of it. Nothing is noted any more of somebody who had themselves deleted."""
        sent = (one.result for one in ended if isinstance(one.result, Sent))
        known = {key: value for result in sent for key, value in result.remember.items()}
        if known:
            await self.store.remember(self.channel.name, known)
        lost = [
            self._say(self._undelivered(one.row, _reason(one.result)))
            for one in ended
            if one.row.kind != REPLY and _given_up(one)
        ]
        await asyncio.gather(*lost)
        left = {one.row.learner_id: one.row for one in ended if isinstance(one.result, Left) and one.row.learner_id}
        # A refusal may come late: of somebody who has written since it tells nothing.
        left = {id_: row for id_, row in left.items() if not await self.store.wrote_since(row)}
        if left:
            await self.store.cancel([learner for learner in left if learner], "the learner left", now)
            await asyncio.gather(*(self._say_gone(row, now) for row in left.values()))

    async def _say_gone(self, row: OutboxRow, now: datetime) -> None:
        """A start brings them back where they were."""
        await self._say(self._gone(events.Left(id=f"left:{row.id}", address=row.address, at=now)))

    async def _say(self, telling: Awaitable[object]) -> None:
        """Tells the house. On shutdown it may be past listening, or its database away: no long wait, and no harm."""
        try:
            await asyncio.wait_for(telling, FAREWELL)
        except (TimeoutError, Unavailable, TryAgain) as trouble:
            log.warning("sender.nobody_listens", channel=self.channel.name, error=type(trouble).__name__)
