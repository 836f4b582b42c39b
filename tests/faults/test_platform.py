"""A platform that hangs holds up nobody else; what it kept back for a day is taken in order."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.fakes.telegram import FakeTelegram, Hang
from tests.faults.crowd import Crowd
from tests.faults.oracle import settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
BACKLOG = 5_000 if LONG else 1_000
WORDS = 10  # messages of each learner in the backlog

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 if LONG else 240)]


async def said(session: aiohttp.ClientSession, bot: Bot) -> float:
    """Seconds until the web chat has answered."""
    began = time.monotonic()
    post = {"id": str(uuid4()), "text": "menu", "start": {}, "after": 0}
    async with session.post(f"{bot.url}/chat/say", json=post, headers={"Origin": bot.url}) as answer:
        assert answer.status in (200, 204), await answer.text()
    return time.monotonic() - began


async def test_while_one_platform_hangs_the_web_chat_answers(sqlite_url: str, data_dir: Path, tmp_path: Path) -> None:
    async with FakeTelegram().running() as telegram:
        bot = Bot(sqlite_url, data_dir, telegram.url, tmp_path / "log")
        crowd = Crowd(telegram, [bot.url])
        async with over_at_last(bot), aiohttp.ClientSession() as session:
            bot.start()
            await bot.ready()
            async with crowd.learning(10):
                await crowd.until(30)
                telegram.trouble = lambda method, args: Hang() if "chat_id" in args else None
                times = [await said(session, bot) for _ in range(WORDS)]
                async with asyncio.timeout(3):  # stored and acknowledged, though no answer can go out
                    await crowd.deliver(telegram.person(1).says("/start"), 1)
                telegram.trouble = lambda method, args: None
                await crowd.until(20, lambda: not crowd.stuck)
            found = await settled(bot, crowd)
    assert sorted(times)[len(times) // 2] < 0.5
    assert max(times) < 3.0
    assert found.broken == []


async def test_what_waited_for_a_day_is_taken_in_order(sqlite_url: str, data_dir: Path, tmp_path: Path) -> None:
    async with FakeTelegram().running() as telegram:
        bot = Bot(sqlite_url, data_dir, telegram.url, tmp_path / "log")
        crowd = Crowd(telegram, [bot.url])
        people = [telegram.person(5_000 + number) for number in range(BACKLOG // WORDS)]
        held: dict[int, list[dict[str, Any]]] = {
            person.number: [person.says("/start"), *(person.says(f"word {n}") for n in range(1, WORDS))]
            for person in people
        }
        room = asyncio.Semaphore(40)  # connections that the platform opens at most

        async def delivered(chat: int) -> None:
            for update in held[chat]:
                async with room:
                    await crowd.deliver(update, chat)

        async with over_at_last(bot):
            bot.start()
            await bot.ready()
            began = time.monotonic()
            async with crowd.learning(0):
                await asyncio.gather(*map(delivered, held))
            await bot.quiet(120)
            seconds = time.monotonic() - began
            found = await settled(bot, crowd)
    assert found.broken == []
    assert len(crowd.accepted) == BACKLOG
    assert found.counts["handled"] == BACKLOG
    assert seconds < BACKLOG / 30, "slower than the platform's own pace"
