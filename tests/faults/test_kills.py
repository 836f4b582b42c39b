"""kill -9: nothing accepted is lost, nothing is scored twice, nothing comes more often than once a kill."""

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.fakes.telegram import FakeTelegram
from tests.faults.crowd import Crowd
from tests.faults.entry import STEPS
from tests.faults.oracle import Found, settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
KILLS = 50 if LONG else 10
ROUNDS = 20 if LONG else 1  # of every named step

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 300)]


async def lived_through(bot: Bot, crowd: Crowd, deaths: Sequence[str], learners: int = 20) -> Found:
    """A life for each death: ``step:n``, or a number of updates after which the kill comes from outside."""
    async with over_at_last(bot), crowd.learning(learners):
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


async def test_killed_at_random_and_at_every_step_it_keeps_its_promises(
    database_url: str, data_dir: Path, tmp_path: Path, record_property: Callable[[str, object], None]
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
    record_property("seen", (bot.kills, len(crowd.accepted), found.repeats, found.counts))


# When to kill so that the bug has its chance. Five learners come to a question sooner than twenty.
CHANCES: dict[str, tuple[Sequence[str], int]] = {
    "answered before the commit": (["20", "35"], 20),
    "marked before it is sent": (["sending:12"], 20),
    "scored outside the transaction": (["45", "30", "35"], 5),
    "only higher ids are new": (["40"], 20),
}


@pytest.mark.parametrize("bug", CHANCES)
async def test_the_harness_catches_a_planted_bug(bug: str, sqlite_url: str, data_dir: Path, tmp_path: Path) -> None:
    deaths, learners = CHANCES[bug]
    async with FakeTelegram().running() as telegram:
        bot = Bot(sqlite_url, data_dir, telegram.url, tmp_path / "log", BUG=bug)
        crowd = Crowd(telegram, [bot.url], patience=10)
        found = await lived_through(bot, crowd, deaths, learners)
    assert found.broken != []
