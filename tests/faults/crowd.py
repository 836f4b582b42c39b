"""Learners who go on whatever happens, and the platform that repeats what was not taken: the ledger outside.

What the platform was told with a 200 stands in ``accepted``, what it showed in the fake's own ledger.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.telegram import SECRET_HEADER, FakeTelegram, Person
from tests.faults.process import HOOK_SECRET

PATIENCE = 120.0  # seconds until a learner whom nobody answers is told of
SHORT = 40.0  # the same where a planted bug leaves people waiting, and something else is to be told of it
IMPATIENT = 5.0  # seconds until a learner of the impatient kind writes, because nothing comes
AGAIN = 0.05  # seconds until the platform repeats an update; the real one takes longer
KNOCKS = 200  # of a bystander, at most
TWICE = 0.1  # share of updates that come twice although they were taken


@dataclass
class Crowd:
    """``urls`` are the processes that take updates, each at random."""

    telegram: FakeTelegram
    urls: Sequence[str]
    seed: int = 1
    first: int = 1_000
    accepted: dict[int, int] = field(default_factory=dict)  # update → chat
    stuck: list[int] = field(default_factory=list)
    refused: int = 0
    said_no: Counter[int] = field(default_factory=Counter)  # status of an answer that was no 200
    over: bool = False
    gone: bool = False
    patience: float = PATIENCE
    asks: bool = False  # whether a learner who sees nothing writes, once
    hangs_up: float = PATIENCE  # seconds after which the platform gives up on a delivery

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self._heard = asyncio.Event()

    @asynccontextmanager
    async def learning(self, many: int = 20) -> AsyncIterator[None]:
        """Learners are at it for as long as the block; then each finishes the turn they are in."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.hangs_up)) as self.session:
            people = [self.telegram.person(self.first + number) for number in range(many)]
            tasks = [asyncio.create_task(self._learn(person)) for person in people]
            for task in tasks:
                task.add_done_callback(lambda _: self.end())  # also by an error, which is raised at the end
            try:
                yield
                self.end()
                if not self.gone:
                    await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def until(self, more: int) -> None:
        """Comes back once so many more updates have been taken, or somebody was left without an answer."""
        wanted = len(self.accepted) + more
        while len(self.accepted) < wanted and not self.over:
            self._heard.clear()
            await self._heard.wait()

    async def knock(self, times: int) -> None:
        """A bystander writes until so many deliveries were not taken; learners may all be waiting meanwhile."""
        wanted = self.refused + times
        for _ in range(KNOCKS):  # a bot that takes what it cannot store would never refuse
            if not await self.knock_once():
                await asyncio.sleep(AGAIN)
            if self.refused >= wanted:
                return

    async def knock_once(self) -> bool:
        """A bystander writes; whether it was taken."""
        bystander = self.telegram.person(1)
        update = bystander.says("hello")
        taken = await self._taken(update)
        if taken:
            self.accepted[update["update_id"]] = bystander.number
        else:
            self.refused += 1
        return taken

    def end(self) -> None:
        """Each learner finishes the turn they are in."""
        self.over = True
        self._heard.set()

    def give_up(self) -> None:
        """Nobody waits for an answer any more."""
        self.gone = True
        self.end()

    async def _learn(self, person: Person) -> None:
        await self.turn(person, person.says("/start"))
        while not self.over:
            shown = next(shown for shown in reversed(person.sees) if shown.keyboard)
            data = [button["callback_data"] for row in shown.keyboard for button in row]
            choice = next(one for one in data if not one.endswith("-under"))
            await self.turn(person, person.presses(shown, choice))

    async def turn(self, person: Person, update: dict[str, Any]) -> None:
        """Delivered until it is taken; over when the bot has said something. Who sees nothing may ask."""
        before = len(person.sees)
        await self.deliver(update, person.number)
        if self.dice.random() < TWICE:
            await self.deliver(update, person.number)
        if self.asks and not await self._sees_more(person, before, IMPATIENT):
            await self.deliver(person.says("hello?"), person.number)
        if not await self._sees_more(person, before, self.patience):
            self.stuck.append(person.number)
            self.end()

    async def _sees_more(self, person: Person, before: int, seconds: float) -> bool:
        """Whether the bot says something in time; no longer asked for once somebody was left without an answer."""
        try:
            await self.telegram.until(lambda: len(person.sees) > before or bool(self.stuck), seconds)
        except TimeoutError:
            return False
        return True

    async def deliver(self, update: dict[str, Any], chat: int) -> None:
        """As Telegram does it: again and again until a 200."""
        while not await self._taken(update):
            self.refused += 1
            await asyncio.sleep(AGAIN)
        self.accepted[update["update_id"]] = chat
        self._heard.set()

    async def _taken(self, update: dict[str, Any]) -> bool:
        url = f"{self.dice.choice(self.urls)}/webhooks/telegram"
        try:
            async with self.session.post(url, json=update, headers={SECRET_HEADER: HOOK_SECRET}) as answer:
                body = await answer.read()
                if answer.status == 200:
                    self.telegram.obeys(body)
                else:
                    self.said_no[answer.status] += 1
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False
