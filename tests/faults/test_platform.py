"""A platform that hangs holds up nobody else; what it kept back for a day is taken in order."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.fakes.telegram import FakeTelegram, Hang, Person
from tests.faults.conftest import Seen
from tests.faults.crowd import Crowd
from tests.faults.oracle import Found, settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
BACKLOG = 5_000 if LONG else 1_000
CONNECTIONS = 40  # that the platform opens at once
TALKS = 10  # of somebody in the web chat

# One learner's day, each word with an answer of its own: in another order the talk would be another one.
DAY = ("/start", "/help", "/language", "/lessons", "/progress", "/privacy", "/menu", "/light", "/help", "/light")
GIVEN_UP = 10.0  # seconds after which a call that hangs is given up

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 900)]


async def said(session: aiohttp.ClientSession, bot: Bot) -> float:
    """Seconds until the web chat has taken a word."""
    began = time.monotonic()
    post = {"id": str(uuid4()), "text": "menu", "start": {}, "after": 0}
    async with session.post(f"{bot.url}/chat/say", json=post, headers={"Origin": bot.url}) as answer:
        assert answer.status in (200, 204), await answer.text()
    return time.monotonic() - began


class Gate:
    """A platform that hangs until it is let go; ``held`` calls were made meanwhile."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self.telegram, self.held = telegram, 0

    def close(self) -> None:
        self.telegram.trouble = self._hangs

    def open(self) -> None:
        self.telegram.trouble = lambda method, args: None

    async def holds_one_more(self) -> None:
        before = self.held
        await self.telegram.until(lambda: self.held > before, 60)

    def _hangs(self, method: str, args: Mapping[str, Any]) -> Hang | None:
        self.held += "chat_id" in args
        return Hang() if "chat_id" in args else None


@asynccontextmanager
async def hanging(url: str, data_dir: Path, log: Path, **more: str) -> AsyncIterator[tuple[Bot, Crowd, Gate]]:
    """Learners wait for answers that Telegram does not take; once it does, nothing is missing."""
    async with FakeTelegram().running() as telegram:
        bot = Bot(url, data_dir, telegram.url, log, **more)
        crowd, gate = Crowd(telegram, [bot.url]), Gate(telegram)
        async with over_at_last(bot):
            bot.start()
            await bot.ready()
            async with crowd.learning(10):
                await crowd.until(20)
                gate.close()
                await gate.holds_one_more()
                yield bot, crowd, gate
            if not crowd.gone:
                assert (await settled(bot, crowd)).broken == []


async def test_while_one_platform_hangs_the_web_chat_answers(
    sqlite_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    async with hanging(sqlite_url, data_dir, tmp_path / "log") as (bot, crowd, gate):
        async with aiohttp.ClientSession() as session:
            times = [await said(session, bot) for _ in range(TALKS)]
        taken = await crowd.knock_once()
        gate.open()
        await crowd.until(10)
    seen(talks=len(times), median_ms=round(1000 * median(times)), longest_ms=round(1000 * max(times)))
    assert min(times) < GIVEN_UP / 2
    assert taken, "stored and acknowledged, though no answer can go out"


async def test_the_harness_catches_one_that_sends_inside_a_transaction(
    sqlite_url: str, data_dir: Path, tmp_path: Path
) -> None:
    bug = "sent inside a transaction"
    async with hanging(sqlite_url, data_dir, tmp_path / "log", BUG=bug) as (bot, crowd, _):
        async with aiohttp.ClientSession() as session:
            seconds = await said(session, bot)
        crowd.give_up()
    assert seconds > GIVEN_UP / 2


@dataclass
class Morning:
    """What is seen of a day's backlog: the talk as it should be, and as each learner has it."""

    crowd: Crowd
    found: Found
    seconds: float
    right: list[str]
    talks: list[list[str]]


async def morning_after(updates: int, url: str, data_dir: Path, log: Path, **more: str) -> Morning:
    """One learner has their day; the bot goes; all others have the same one; the bot comes back and hears of it."""
    async with FakeTelegram().running() as telegram:
        bot = Bot(url, data_dir, telegram.url, log, **more)
        crowd, first = Crowd(telegram, [bot.url]), telegram.person(4_999)
        people = [telegram.person(5_000 + number) for number in range(updates // len(DAY))]
        async with over_at_last(bot), crowd.learning(0):
            bot.start()
            await bot.ready()
            for word in DAY:
                await crowd.turn(first, first.says(word))
            await bot.quiet()
            await bot.stop()
            held = {person.number: [person.says(word) for word in DAY] for person in people}
            bot.start()
            await bot.ready()
            began = time.monotonic()
            await all_delivered(crowd, held)
            await bot.quiet(300)
            seconds = time.monotonic() - began
            found = await settled(bot, crowd)
    return Morning(crowd, found, seconds, texts(first), [texts(person) for person in people])


async def all_delivered(crowd: Crowd, held: Mapping[int, Sequence[dict[str, Any]]]) -> None:
    """Over as many connections as the platform opens at most, each learner's updates one after the other."""
    room = asyncio.Semaphore(CONNECTIONS)

    async def delivered(chat: int) -> None:
        for update in held[chat]:
            async with room:
                await crowd.deliver(update, chat)

    await asyncio.gather(*map(delivered, held))


def texts(person: Person) -> list[str]:
    return [shown.text for shown in person.sees]


async def test_what_waited_for_a_day_is_taken_in_order(
    database_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    after = await morning_after(BACKLOG, database_url, data_dir, tmp_path / "log")
    seen(updates=BACKLOG, seconds=round(after.seconds), again=after.found.repeats)
    assert (after.found.broken, after.found.repeats) == ([], 0)
    assert len(after.crowd.accepted) == BACKLOG + len(DAY)
    assert len(set(after.right)) >= len(DAY) - 2, "answers that look alike tell nothing of their order"
    assert all(talk == after.right for talk in after.talks)


@pytest.mark.parametrize(
    ("bug", "complaint"),
    [("only higher ids are new", "accepted updates are lost"), ("sent as soon as due", "in another order")],
)
async def test_the_harness_catches(bug: str, complaint: str, sqlite_url: str, data_dir: Path, tmp_path: Path) -> None:
    after = await morning_after(200, sqlite_url, data_dir, tmp_path / "log", BUG=bug)
    assert any(complaint in line for line in after.found.broken), after.found.broken
