"""Outcomes on their way into the outbox: gathered as calls come back, written down many at once.

What a platform wants remembered (ids of files and templates) is kept beside: without it a file is uploaded once more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from bot.delivery.backoff import Random
from bot.delivery.settling import NO_DOUBT, Broken, Doubt, put_off, settled
from bot.engine.fixed import fixed
from bot.errors import TryAgain, Unavailable
from bot.outcomes import Result, Sent
from storage.rows import Mark, OutboxRow

log = structlog.get_logger()


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
        """All went out, and nothing is to be remembered."""
        return all(isinstance(one.result, Sent) and not one.result.remember for one in self.ended)


class Bookkeeping:
    """The outcomes of one channel."""

    def __init__(self, channel: Sending, store: Books, random: Random) -> None:
        self.channel, self.store, self._random = channel, store, random
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
            await self._remember(outcomes.ended)
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

    async def _remember(self, ended: Sequence[Ended]) -> None:
        """Best effort: whoever does not know an id asks the platform for another."""
        sent = (one.result for one in ended if isinstance(one.result, Sent))
        known = {key: value for result in sent for key, value in result.remember.items()}
        if not known:
            return
        try:
            await self.store.remember(self.channel.name, known)
        except (Unavailable, TryAgain) as trouble:
            log.warning("sender.not_remembered", channel=self.channel.name, error=type(trouble).__name__)
