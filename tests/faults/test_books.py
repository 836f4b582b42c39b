"""A wrong counter is told by the command ``doctor`` and by /metrics; right ones add up at every moment."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from bot.metrics.books import imbalances
from bot.seal import Seal
from storage.engine import open_engine
from storage.store import Store
from tests.databases import SECRET
from tests.fakes.telegram import FakeTelegram
from tests.faults.crowd import Crowd
from tests.faults.oracle import judged, settled
from tests.faults.process import ROOT, Bot, over_at_last

LOOKS = 200

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


async def doctors_findings(bot: Bot) -> tuple[int, list[str]]:
    """How the command leaves, and what it says of the books."""
    doctor = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "doctor", "--json", cwd=ROOT, env=bot.env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await doctor.communicate()
    findings = [json.loads(line) for line in out.splitlines()]
    told = [finding["seen"] for finding in findings if finding["name"] == "books" and finding["health"] == "bad"]
    return int(doctor.returncode or 0), told


@pytest.mark.parametrize(("counter", "whole"), [("handled", "received"), ("sent", "due")])
async def test_a_wrong_counter_is_told_by_doctor_by_the_figures_and_by_the_oracle(
    counter: str, whole: str, sqlite_url: str, data_dir: Path, tmp_path: Path
) -> None:
    store = Store(open_engine(sqlite_url), Seal(SECRET))
    async with store.transaction() as tx:
        tx.count(counter, 1)
    await store.close()
    async with FakeTelegram().running() as telegram:
        bot = Bot(sqlite_url, data_dir, telegram.url, tmp_path / "log")
        async with over_at_last(bot):
            bot.start()
            await bot.ready()
            code, told = await doctors_findings(bot)
            assert (code, len(told)) == (1, 1)
            assert told[0].startswith(f"{whole} is 0, but")
            assert (await bot.figures())[whole] == -1
        found = await judged(sqlite_url, Crowd(telegram, []), bot.doubts)
    assert [line for line in found.broken if line.startswith(f"{whole} is 0, but")]


async def test_the_books_add_up_at_every_moment_of_a_busy_day(
    database_url: str, data_dir: Path, tmp_path: Path
) -> None:
    """The doctor may come at any time: he never takes a part on its way for one that is lost."""
    async with FakeTelegram().running() as telegram:
        bot = Bot(database_url, data_dir, telegram.url, tmp_path / "log")
        crowd = Crowd(telegram, [bot.url])
        store = Store(open_engine(database_url), Seal(SECRET))
        async with over_at_last(bot):
            bot.start()
            await bot.ready()
            async with crowd.learning():
                told = [line for _ in range(LOOKS) for line in imbalances(await store.books())]
            await store.close()
            found = await settled(bot, crowd)
    assert told == []
    assert found.broken == []
