"""kill -9: nothing accepted is lost, nothing is scored twice, nothing comes more often than once a kill."""

import os
import random
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd
from tests.faults.entry import STEPS
from tests.faults.oracle import Found, judged
from tests.faults.planted import BUGS
from tests.faults.process import Bot, over_at_last
from tests.fakes.telegram import FakeTelegram

LONG = os.environ.get("FAULTS") == "long"
KILLS = 50 if LONG else 10
ROUNDS = 20 if LONG else 1  # of every named step

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 300)]


async def lived_through(bot: Bot, crowd: Crowd, deaths: list[str]) -> Found:
    """A life for each death: ``step:n``, or a number of updates after which the kill comes from outside."""
    async with over_at_last(bot), crowd.learning():
        for death in deaths:
            by_itself = ":" in death
            bot.start(**({"DIE_AT": death} if by_itself else {}))
            if by_itself:
                await bot.ended(60)
                bot.kills += 1
            else:
                await bot.ready()
                await crowd.until(int(death))
                await bot.kill()
        bot.start()
        await crowd.until(40, lambda: not crowd.stuck)
        crowd.over = True
        await bot.ready()
    return await settled(bot, crowd)


async def settled(bot: Bot, crowd: Crowd) -> Found:
    """A last life in which everything that waits goes out, ended as a deployment ends it."""
    async with over_at_last(bot):
        bot.start()
        await bot.ready()
        await bot.quiet()
        await bot.stop()
    return await judged(bot.database_url, crowd, bot.kills)


async def test_killed_at_random_and_at_every_step_it_keeps_its_promises(
    database_url: str, data_dir: Path, tmp_path: Path
) -> None:
    dice = random.Random(4)
    deaths = [str(dice.randint(1, 60)) for _ in range(KILLS)]
    deaths += [f"{step}:{dice.randint(1, 25)}" for step in STEPS for _ in range(ROUNDS)]
    dice.shuffle(deaths)
    async with FakeTelegram().running() as telegram:
        bot = Bot(database_url, data_dir, telegram.url, tmp_path / "log")
        crowd = Crowd(telegram, [bot.url])
        found = await lived_through(bot, crowd, deaths)
    assert found.broken == []
    assert bot.kills == len(deaths)
    print(f"kills {bot.kills}, accepted {len(crowd.accepted)}, repeats {found.repeats}, books {found.counts}")


@pytest.mark.parametrize("bug", [bug for bug in BUGS if bug != "not synced"])
async def test_the_harness_catches_a_planted_bug(bug: str, sqlite_url: str, data_dir: Path, tmp_path: Path) -> None:
    async with FakeTelegram().running() as telegram:
        bot = Bot(sqlite_url, data_dir, telegram.url, tmp_path / "log", BUG=bug)
        crowd = Crowd(telegram, [bot.url])
        found = await lived_through(bot, crowd, ["20", "35", "30"])
    assert found.broken != []
