"""A sender over a real store, with a platform whose answers the test writes, a clock it moves, dice it loads."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.delivery.following import Following
from bot.delivery.lease import Lease
from bot.delivery.limits import Chats, Limits, Window
from bot.delivery.sender import ENDING, Clocks, Sender
from bot.engine.events import Event
from bot.outcomes import Result, Sent
from storage.rows import OutboxRow
from storage.store import Store
from tests.storage.makers import NOON

Answers = Callable[[OutboxRow], Result | Awaitable[Result]]


@dataclass
class Clock:
    """Both clocks at once: the time of day, which may be ``wrong``, and seconds that only go forward."""

    now: datetime = NOON
    wrong: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return self.now + self.wrong

    def monotonic(self) -> float:
        return (self.now - NOON).total_seconds()

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Platform:
    """A channel that writes down what it is given, and answers as the test says."""

    answers: Answers = lambda row: Sent(f"p{row.id}")
    patience: float = 0.0
    name: str = "telegram"
    got: list[OutboxRow] = field(default_factory=list)

    def unseen_twice(self, part: OutboxRow) -> bool:
        return str(part.body["text"]).startswith("edit")

    async def send(self, part: OutboxRow) -> Result:
        self.got.append(part)
        answer = self.answers(part)
        return await answer if isinstance(answer, Awaitable) else answer

    @property
    def texts(self) -> list[str]:
        return [row.body["text"] for row in self.got]


@dataclass
class Meters:
    outcomes: list[str] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        self.outcomes.append(outcome)

    def late(self, channel: str, seconds: float) -> None:
        self.lateness.append(seconds)


@dataclass
class Desk:
    """A sender with everything round it."""

    store: Store
    platform: Platform = field(default_factory=Platform)
    clock: Clock = field(default_factory=Clock)
    meters: Meters = field(default_factory=Meters)
    limits: Limits = field(default_factory=lambda: Limits(Window(0), Chats(0, 1)))
    holder: str = "one"
    gone: list[Event] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # why, of what came unasked and did not go out
    at_once: int = 64
    ending: float = ENDING

    def __post_init__(self) -> None:
        clocks = Clocks(self.clock, self.clock.monotonic, lambda: 1.0)
        self.lease = Lease(self.store, "telegram", self.holder, self.clock)
        self.sender = Sender(
            self.platform,
            self.store,
            self.lease,
            self.limits,
            clocks,
            following=Following("telegram", self.store, self._noted, self._undelivered),
            meter=self.meters,
            at_once=self.at_once,
            ending=self.ending,
        )

    async def _noted(self, event: Event) -> None:
        self.gone.append(event)

    async def _undelivered(self, part: OutboxRow, reason: str) -> None:
        self.lost.append(reason)

    async def work(self, rounds: int = 1) -> None:
        """So many rounds, each with its calls ended; then outcomes are written down."""
        for _ in range(rounds):
            await self.sender.round()
            await calls_ended(self.sender)
        await self.sender.round()
        await calls_ended(self.sender)

    async def state(self) -> dict[str, int]:
        """Unfinished parts by state, and what the books say of the others."""
        unfinished = {state: count for (_, state), count in (await self.store.depth()).items()}
        books = await self.store.counters()
        return unfinished | {name: books[name] for name in ("sent", "failed", "cancelled") if books.get(name)}


async def calls_ended(sender: Sender) -> None:
    """Comes back when nothing is under way."""
    while sender._calls:
        await asyncio.wait(sender._calls)


async def turns(loop_turns: int = 20) -> None:
    """Lets other tasks run for a while, without time passing."""
    for _ in range(loop_turns):
        await asyncio.sleep(0)
