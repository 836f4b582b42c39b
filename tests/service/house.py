"""A service over a real store, with people who talk to it, for tests."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.channels.console import ConsoleChannel
from bot.channels.web import WebChannel
from bot.content.wording import Message
from bot.engine.events import Address, Event, Said, Started, Tapped
from bot.service import Content, Outcome, Service
from bot.wiring import running
from storage.store import Store
from tests.makers import NOON


@dataclass
class Clock:
    """A clock that the test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time: float) -> None:
        self.now += timedelta(**time)


@asynccontextmanager
async def serving(
    store: Store, content: Content, clock: Callable[[], datetime], **given: Any
) -> AsyncIterator[Service]:
    seeds = count(1)

    def new_id() -> tuple[str, int]:
        seed = next(seeds)
        return f"learner-{seed}", seed

    channels = {"console": ConsoleChannel(), "web": WebChannel()}
    service = Service(store, lambda: content, channels, clock=clock, new_id=new_id, **given)
    async with running(service.run()):
        yield service


@dataclass
class Person:
    """Somebody at the other end."""

    service: Service
    clock: Clock
    name: str = "ana"
    channel: str = "console"
    language: str = "en"
    said: list[Message] = field(default_factory=list)
    counter: int = 0

    def event(self, made_of: type[Event], **what: Any) -> Event:
        self.counter += 1
        self.clock.move(seconds=3)
        address = Address(self.channel, self.name)
        id_ = f"{self.name}-{self.counter}"
        return made_of(id=id_, address=address, at=self.clock(), languages=(self.language,), **what)

    async def _happens(self, event: Event) -> Outcome:
        outcome = await self.service.handle(event)
        self.said = list(outcome.messages)
        return outcome

    async def starts(self, campaign: str | None = None) -> Outcome:
        return await self._happens(self.event(Started, campaign=campaign))

    async def says(self, text: str) -> Outcome:
        return await self._happens(self.event(Said, text=text))

    async def taps(self, label: str) -> Outcome:
        """Presses the button with this label or letter."""
        options = [*self.said[-1].options, *self.said[-1].extra]
        data = next(option.data for option in options if label in (option.label, option.letter))
        return await self._happens(self.event(Tapped, data=data))

    async def presses(self, data: str) -> Outcome:
        return await self._happens(self.event(Tapped, data=data))

    async def at_first_question(self, keep: str = "Yes, both", age: str = "16 to 24") -> None:
        """Through the first lesson to its question (in English)."""
        await self.starts()
        for _ in range(4):
            await self.presses(self.said[-1].options[0].data)
        await self.taps(keep)
        if keep != "No, just play":
            await self.taps(age)
