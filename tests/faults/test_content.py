"""Half-written lessons and words under load: nobody notices, and the old ones serve on until the new ones are whole."""

import os
import random
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.telegram import FakeTelegram
from tests.faults.conftest import Seen
from tests.faults.crowd import Crowd
from tests.faults.oracle import settled
from tests.faults.process import ROOT, Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
RELOADS = 100 if LONG else 8
FOLDERS = ("lessons", "i18n", "policies")
FILES = (
    "lessons/module-1/010-what-is-sse.yaml",
    "lessons/module-1/course.yaml",
    "lessons/feedback.yaml",
    "i18n/bot.yaml",
    "i18n/es/LC_MESSAGES/bot.po",
)
WORDS, OLD, NEW = "i18n/bot.yaml", "Tap a button, or type", "Press a button, or type"

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 900)]


@dataclass
class Author:
    """Somebody who saves files that are not ready."""

    root: Path
    dice: random.Random

    def half_writes(self, name: str) -> None:
        """The beginning of what the file will be, up to the middle of a character."""
        new = self._new(name)
        (self.root / name).write_bytes(new[: self.dice.randint(len(new) // 4, len(new) // 2)] + b"\xe2")

    def finishes(self) -> None:
        (self.root / WORDS).write_bytes(self._new(WORDS))

    def puts_back(self, name: str) -> None:
        shutil.copy(ROOT / name, self.root / name)

    def _new(self, name: str) -> bytes:
        return (ROOT / name).read_bytes().replace(OLD.encode(), NEW.encode())


@asynccontextmanager
async def teaching(url: str, data_dir: Path, folder: Path, **more: str) -> AsyncIterator[tuple[Author, Bot, Crowd]]:
    """Learners at their lessons, and an author who works on them."""
    author = Author(folder / "content", random.Random(9))
    for name in FOLDERS:
        shutil.copytree(ROOT / name, author.root / name)
    async with FakeTelegram().running() as telegram:
        bot = Bot(url, data_dir, telegram.url, folder / "log", CONTENT=str(author.root), LOG_LEVEL="info", **more)
        crowd = Crowd(telegram, [bot.url])
        async with over_at_last(bot):
            bot.start()
            await bot.ready()
            yield author, bot, crowd


async def test_half_written_files_are_noticed_by_nobody_but_the_log(
    sqlite_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    """So often a file is half there when the bot is told to look; then all are whole, and new words in them."""
    async with teaching(sqlite_url, data_dir, tmp_path) as (author, bot, crowd):
        async with crowd.learning():
            for time in range(RELOADS):
                name = FILES[time % len(FILES)]
                author.half_writes(name)
                bot.signal(signal.SIGHUP)
                await bot.logged("content.kept", time + 1)
                await crowd.until(10)
                author.puts_back(name)
            half = len(crowd.telegram.ledger)
            author.finishes()
            bot.signal(signal.SIGHUP)
            await bot.logged("content.taken_up", 1)
            reader = crowd.telegram.person(1)
            await crowd.turn(reader, reader.says("/help"))
        found = await settled(bot, crowd)
    seen(half_files=RELOADS, updates=len(crowd.accepted), errors=crowd.said_no.total(), again=found.repeats)
    assert (found.broken, found.repeats, crowd.said_no) == ([], 0, {})
    assert found.counts["parked"] == 0
    assert not any(NEW in str(call.args) for call in crowd.telegram.ledger[:half])
    assert any(NEW in shown.text for shown in reader.sees)


async def test_the_harness_catches_one_that_lets_go_of_the_old_before_it_has_the_new(
    sqlite_url: str, data_dir: Path, tmp_path: Path
) -> None:
    async with teaching(sqlite_url, data_dir, tmp_path, BUG="swapped before it is read") as (author, bot, crowd):
        async with crowd.learning(0):
            author.half_writes(FILES[0])
            bot.signal(signal.SIGHUP)
            await bot.logged("content.kept", 1)
            await crowd.knock_once()
        found = await settled(bot, crowd)
    assert found.counts["parked"] == 1
