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
from tests.faults.conftest import Seen
from tests.faults.crowd import Crowd
from tests.faults.oracle import Found, settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
HAND_OVERS = 20 if LONG else 4
LEASE = "5"  # seconds: a machine that is slow for less is not taken for a frozen one

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 900)]


async def freeze(bot: Bot) -> None:
    """Stops it at any moment; on SQLite between two transactions: one frozen within holds the lock till its end.

    PostgreSQL ends such a session itself.
    """
    bot.signal(signal.SIGSTOP)
    await bot.frozen()
    while bot.database_url.startswith("sqlite") and is_locked(str(make_url(bot.database_url).database)):
        bot.signal(signal.SIGCONT)
        await asyncio.sleep(0.01)
        bot.signal(signal.SIGSTOP)
        await bot.frozen()


async def freeze_before_it_sends(bot: Bot) -> None:
    """Stops it when it has claimed parts and not sent them: it will believe that they are its own."""
    bot.signal(signal.SIGUSR1)
    await bot.frozen()


def is_locked(file: str) -> bool:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0.2)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        database.execute("ROLLBACK")
        return False


async def handed_over(times: int, url: str, data_dir: Path, folder: Path) -> tuple[Found, Crowd]:
    """Each holder in turn is frozen until the other has taken over, then goes on as if nothing had been."""
    async with FakeTelegram().running() as telegram:
        bots = [Bot(url, data_dir, telegram.url, folder / name, LEASE=LEASE) for name in ("one", "two")]
        crowd = Crowd(telegram, [bot.url for bot in bots], hangs_up=3.0)
        async with over_at_last(*bots):
            for bot in bots:
                bot.start()
                await bot.ready()
            await bots[0].holds()
            async with crowd.learning(12):
                for turn in range(times):
                    frozen, awake = bots[turn % 2], bots[(turn + 1) % 2]
                    await crowd.until(15)
                    freezing = freeze if turn % 2 else freeze_before_it_sends
                    await freezing(frozen)
                    crowd.urls = [awake.url]  # a platform gives up on a server that does not answer
                    await awake.holds()
                    await crowd.until(15)
                    frozen.signal(signal.SIGCONT)
                    await frozen.ready()
                    crowd.urls = [bot.url for bot in bots]
            await bots[times % 2 - 1].stop()
            found = await settled(bots[times % 2], crowd, bots[times % 2 - 1])
    return found, crowd


async def test_the_lease_goes_round_and_nothing_comes_twice_or_out_of_order(
    database_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    found, crowd = await handed_over(HAND_OVERS, database_url, data_dir, tmp_path)
    seen(hand_overs=HAND_OVERS, updates=len(crowd.accepted), under_way=found.doubts, again=found.repeats)
    assert found.broken == []


async def thawed(url: str, data_dir: Path, folder: Path, **more: str) -> Found:
    """One part is claimed and not sent; the other holder sends it; then the first one goes on where it was."""
    async with FakeTelegram().running() as telegram:
        bots = [Bot(url, data_dir, telegram.url, folder / name, LEASE=LEASE, **more) for name in ("one", "two")]
        crowd, reader = Crowd(telegram, [bots[0].url], hangs_up=3.0), telegram.person(1)
        async with over_at_last(*bots):
            for bot in bots:
                bot.start()
                await bot.ready()
            await bots[0].holds()
            async with crowd.learning(0):
                bots[0].signal(signal.SIGUSR1)
                turn = asyncio.create_task(crowd.turn(reader, reader.says("/start")))
                await bots[0].frozen()
                crowd.urls = [bots[1].url]
                await turn
            bots[0].signal(signal.SIGCONT)
            await bots[0].ready()
            await bots[0].stop()
            return await settled(bots[1], crowd, bots[0])


async def test_who_stood_still_before_sending_sends_nothing_more(
    database_url: str, data_dir: Path, tmp_path: Path
) -> None:
    found = await thawed(database_url, data_dir, tmp_path)
    assert (found.broken, found.doubts, found.repeats) == ([], 1, 0)


async def test_the_harness_catches_one_that_sends_without_a_look_at_the_clock(
    sqlite_url: str, data_dir: Path, tmp_path: Path
) -> None:
    found = await thawed(sqlite_url, data_dir, tmp_path, BUG="sent without a look at the clock")
    assert found.repeats == 1
