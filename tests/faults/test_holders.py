"""Two processes on one database: both take messages, one sends; who stood still past the lease repeats nothing."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.fakes.telegram import FakeTelegram
from tests.faults.crowd import Crowd
from tests.faults.oracle import settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
HAND_OVERS = 20 if LONG else 4

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 if LONG else 240)]


async def freeze(bot: Bot) -> None:
    """Stops it; on SQLite between two transactions: one frozen within holds the lock, which only its end would free.

    PostgreSQL ends such a session itself.
    """
    bot.signal(signal.SIGSTOP)
    while bot.database_url.startswith("sqlite") and is_locked(str(make_url(bot.database_url).database)):
        bot.signal(signal.SIGCONT)
        await asyncio.sleep(0.01)
        bot.signal(signal.SIGSTOP)


def is_locked(file: str) -> bool:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0.2)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        database.execute("ROLLBACK")
        return False


async def test_the_lease_goes_round_and_nothing_comes_twice_or_out_of_order(
    database_url: str, data_dir: Path, tmp_path: Path
) -> None:
    """Each holder in turn is frozen until the other has taken over, then goes on as if nothing had been."""
    async with FakeTelegram().running() as telegram:
        bots = [Bot(database_url, data_dir, telegram.url, tmp_path / name) for name in ("one", "two")]
        crowd = Crowd(telegram, [bot.url for bot in bots])
        async with over_at_last(*bots):
            for bot in bots:
                bot.start()
                await bot.ready()
            async with crowd.learning(12):
                for turn in range(HAND_OVERS):
                    await crowd.until(15)
                    frozen, awake = bots[turn % 2], bots[(turn + 1) % 2]
                    crowd.urls = [awake.url]  # a platform gives up on a server that does not answer
                    await freeze(frozen)
                    await awake.holds()
                    await crowd.until(15, lambda: not crowd.stuck)
                    frozen.signal(signal.SIGCONT)
                    await frozen.ready()
                    crowd.urls = [bot.url for bot in bots]
            await bots[1].stop()
            found = await settled(bots[0], crowd, disruptions=HAND_OVERS)
    assert found.broken == []
