"""What follows from parts that did not arrive: a day decided again, a learner who is gone.

Law: what follows is written on the part with its end, in one transaction (``storage.rows.Mark.follows``), and taken off
only when the house has taken it. So neither a kill in between nor a database that is away loses it: it is looked for
after every such end, when a sender begins, and now and then. To see to it twice does no harm: the house knows the
events by the part's id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from bot.delivery.settling import HELD
from bot.engine import events
from bot.errors import TryAgain, Unavailable
from storage.rows import OutboxRow, Unfollowed

log = structlog.get_logger()

FAREWELL = 5.0  # seconds for the house to note it
MOST = 500  # parts at one look

Gone = Callable[[events.Event], Awaitable[object]]
Undelivered = Callable[[OutboxRow, str], Awaitable[None]]


async def nothing_follows(part: OutboxRow, reason: str) -> None:
    """Where nobody wants to know of parts that did not go out."""


class Ends(Protocol):
    """What this needs of the store."""

    async def unfollowed(self, channel: str, most: int) -> Sequence[Unfollowed]: ...

    async def followed(self, parts: Collection[int]) -> None: ...

    async def cancel(self, learner_ids: Collection[str], reason: str, now: datetime) -> int: ...

    async def wrote_since(self, part: OutboxRow) -> bool: ...


class Following:
    """``gone`` is the service's ``handle``: it is told of learners whom the platform no longer reaches.

    ``undelivered`` hears of what was brought unasked and did not go out, with the reason.
    """

    def __init__(self, channel: str, store: Ends, gone: Gone, undelivered: Undelivered = nothing_follows) -> None:
        self.channel, self.store = channel, store
        self._gone, self._undelivered = gone, undelivered

    async def look(self, now: datetime) -> bool:
        """Sees to everything that is open; True where more may be, that can be seen to at once."""
        there = await self.store.unfollowed(self.channel, MOST)
        once = {_about(one): one for one in there}
        taken = await asyncio.gather(*(self._taken(one, now) for one in once.values()))
        seen = dict(zip(once, taken, strict=True))
        done = [one.part.id for one in there if seen[_about(one)]]
        if done:
            await self.store.followed(done)
        return len(done) == MOST

    async def _taken(self, one: Unfollowed, now: datetime) -> bool:
        """Whether the house has taken it. A bug of ours harms this part alone, and would come again each time."""
        following = self._note_gone(one.part, now) if one.what == "gone" else self._note_unsent(one)
        try:
            await asyncio.wait_for(following, FAREWELL)
        except (TimeoutError, Unavailable, TryAgain) as trouble:
            log.warning("sender.nobody_listens", channel=self.channel, error=type(trouble).__name__)
            return False
        except Exception:
            log.exception("sender.not_followed", channel=self.channel, part=one.part.id)
        return True

    async def _note_unsent(self, one: Unfollowed) -> None:
        await self._undelivered(one.part, one.reason.removeprefix(HELD))

    async def _note_gone(self, part: OutboxRow, now: datetime) -> None:
        """A start brings them back where they were. Who had themselves deleted is nobody any more."""
        if part.learner_id is None or await self.store.wrote_since(part):
            return  # a refusal may come late: of somebody who has written since it tells nothing
        await self.store.cancel([part.learner_id], "the learner left", now)
        await self._gone(events.Left(id=f"left:{part.id}", address=part.address, at=now))


def _about(one: Unfollowed) -> int | str | None:
    """Who leaves while several parts are under way has left once."""
    return one.part.learner_id if one.what == "gone" else one.part.id
