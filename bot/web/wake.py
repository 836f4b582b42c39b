"""Wakes the open pages of a learner as soon as their new lines are stored.

Works within one process only. A page whose talk goes on in another process finds its lines by looking.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from bot.engine.learner import Learner


class Stored(Protocol):
    """What was stored of an event, as far as it matters here."""

    @property
    def learner(self) -> Learner | None: ...


class Wakes:
    """The open pages by learner. ``close`` ends them all, so that a server can stop without waiting for them."""

    def __init__(self) -> None:
        self.closed = False
        self._open: dict[str, set[asyncio.Event]] = {}

    def after_commit(self, handled: Iterable[Stored]) -> None:
        """The service calls this after each commit."""
        for row in handled:
            if row.learner is not None:
                self.wake(row.learner.id)

    def wake(self, learner_id: str) -> None:
        for event in self._open.get(learner_id, ()):
            event.set()

    def listening(self, learner_id: str) -> bool:
        """Whether a page of this learner is open in this process."""
        return learner_id in self._open

    @contextmanager
    def listen(self, learner_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at each commit of this learner, for as long as a page is open."""
        event = asyncio.Event()
        self._open.setdefault(learner_id, set()).add(event)
        try:
            yield event
        finally:
            self._open[learner_id].discard(event)
            if not self._open[learner_id]:
                del self._open[learner_id]

    def close(self) -> None:
        self.closed = True
        for events in self._open.values():
            for event in events:
                event.set()


async def woken(event: asyncio.Event, seconds: float) -> bool:
    """Waits for the event; False when the time was over first."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
