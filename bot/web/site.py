"""What the pages work with, as one value handed to each of them."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Protocol

from bot.content.catalogue import Catalogue
from bot.content.wording import Message
from bot.engine.course import Library
from bot.engine.events import Address, Event
from bot.engine.fixed import fixed
from bot.engine.learner import Learner
from bot.own_data import Links
from bot.settings import Settings
from bot.web.assets import Assets
from bot.web.brakes import Brake, Seats
from bot.web.pictures import Pictures
from bot.web.wake import Wakes
from storage.rows import Line


class Outcome(Protocol):
    """What came of an event, known to be stored."""

    @property
    def messages(self) -> tuple[Message, ...]: ...
    @property
    def erased(self) -> bool: ...


class Service(Protocol):
    """The one door to the engine."""

    @property
    def clock(self) -> Callable[[], datetime]: ...
    async def handle(self, event: Event) -> Outcome: ...


class Reading(Protocol):
    """A look into the store that changes nothing and waits for no writer."""

    async def learners(self, ids: Collection[str]) -> Mapping[str, Learner]: ...


class Talks(Protocol):
    """What the pages read of the store."""

    async def learner_at(self, address: Address) -> str | None: ...
    async def chat_lines(self, learner_id: str, after: int) -> Sequence[Line]: ...
    async def everything_of(self, learner_id: str) -> Mapping[str, Any]: ...
    async def learner(self, learner_id: str) -> Learner | None: ...


@fixed(frozen=True, slots=True)
class Site:
    service: Service
    store: Talks
    library: Callable[[], Library]
    catalogue: Callable[[], Catalogue]
    settings: Settings
    ready: Callable[[], Awaitable[Mapping[str, Any]]]
    metrics: Callable[[], bytes]
    wakes: Wakes
    links: Links
    assets: Assets
    pictures: Pictures
    new_talks: Brake
    posts: Brake
    seats: Seats = field(default_factory=Seats)

    @property
    def secure(self) -> bool:
        return self.settings.secure

    async def learner(self, learner_id: str | None) -> Learner | None:
        """The learner as last saved; None once everything about them is deleted."""
        return await self.store.learner(learner_id) if learner_id is not None else None
