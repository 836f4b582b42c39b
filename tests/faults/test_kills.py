"""kill -9: nothing accepted is lost, nothing is scored twice, and only what was under way may come again."""

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fakes.telegram import FakeTelegram
from tests.faults.conftest import Seen
from tests.faults.crowd import SHORT, Crowd
from tests.faults.entry import STEPS
from tests.faults.oracle import Found, settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
KILLS = 50 if LONG else 10
ROUNDS = 5 if LONG else 1  # of every named step
DEPLOYMENTS = 20 if LONG else 2
DEPLOYED = "deployed"
# Sends a second, in all and to a chat: none to speak of, so that as many parts as can be are under way; and as shipped.
LIMITS = [("25", "1"), ("0", "0")]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 900)]


async def lived_through(bot: Bot, crowd: Crowd, ends: Sequence[str]) -> None:
    """A life for each end: ``step:n``, a number of updates after which it is killed from outside, or a deployment."""
    for end in ends:
        by_itself = ":" in end
        bot.start(**({"DIE_AT": end} if by_itself else {}))
        if by_itself:
            await bot.died()
            continue
        await bot.ready()
        await crowd.until(20 if end == DEPLOYED else int(end))
        await (bot.stop() if end == DEPLOYED else bot.kill())


async def found_after(bot: Bot, crowd: Crowd, ends: Sequence[str]) -> Found:
    """What all those ends did to learners who went on with their lessons meanwhile."""
    async with over_at_last(bot):
        async with crowd.learning():
            await lived_through(bot, crowd, ends)
            bot.start()
            await crowd.until(40)
        return await settled(bot, crowd)


@pytest.mark.parametrize(("account", "chat"), LIMITS)
async def test_killed_at_random_it_keeps_its_promises(
    account: str, chat: str, database_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    dice = random.Random(4)
    ends = [str(dice.randint(1, 60)) for _ in range(KILLS)] + [DEPLOYED] * DEPLOYMENTS
    dice.shuffle(ends)
    limits = {"TELEGRAM_SENDS_PER_SECOND": account, "TELEGRAM_CHAT_SENDS_PER_SECOND": chat}
    await kept_through(ends, database_url, data_dir, tmp_path, seen, **limits)


async def test_killed_at_every_step_it_keeps_its_promises(
    database_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    dice = random.Random(5)
    ends = [f"{step}:{dice.randint(1, 25)}" for step in STEPS for _ in range(ROUNDS)]
    dice.shuffle(ends)
    await kept_through(ends, database_url, data_dir, tmp_path, seen)


async def test_who_sees_nothing_and_asks_gets_what_never_came(
    database_url: str, data_dir: Path, tmp_path: Path
) -> None:
    async with FakeTelegram().running() as telegram:
        bot = Bot(database_url, data_dir, telegram.url, tmp_path / "log")
        crowd = Crowd(telegram, [bot.url], asks=True)
        found = await found_after(bot, crowd, ["sending:1", "sending:30"])
    assert found.broken == []


async def kept_through(ends: Sequence[str], url: str, data_dir: Path, folder: Path, seen: Seen, **more: str) -> None:
    async with FakeTelegram().running() as telegram:
        bot = Bot(url, data_dir, telegram.url, folder / "log", **more)
        crowd = Crowd(telegram, [bot.url])
        found = await found_after(bot, crowd, ends)
    seen(kills=bot.kills, updates=len(crowd.accepted), under_way=found.doubts, again=found.repeats)
    assert found.broken == []
    assert bot.kills == len(ends) - ends.count(DEPLOYED)
    assert found.repeats <= bot.kills


# When to end it so that the bug has its chance, and what must be said of it. Five learners come to a question sooner.
CHANCES: dict[str, tuple[Sequence[str], int, str]] = {
    "answered before the commit": (["20", "35"], 20, "accepted updates are lost"),
    "marked before it is sent": (["sending:1"], 20, "saw something else than was sent"),
    "taken for sent once its sender is lost": (["sending:1"], 20, "saw something else than was sent"),
    "any word settles what is in doubt": (["sending:1", "2"], 1, "saw something else than was sent"),
    "scored outside the transaction": (["45", "30", "35"], 5, "was met"),
}


@pytest.mark.parametrize("bug", CHANCES)
async def test_the_harness_catches(bug: str, sqlite_url: str, data_dir: Path, tmp_path: Path) -> None:
    ends, learners, complaint = CHANCES[bug]
    async with FakeTelegram().running() as telegram:
        bot = Bot(sqlite_url, data_dir, telegram.url, tmp_path / "log", BUG=bug)
        crowd = Crowd(telegram, [bot.url], patience=SHORT, asks=True)
        async with over_at_last(bot):
            async with crowd.learning(learners):
                await lived_through(bot, crowd, ends)
                crowd.give_up()
            found = await settled(bot, crowd)
    assert any(complaint in line for line in found.broken), found.broken
