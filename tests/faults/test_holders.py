"""Two processes on one database: both take messages, one sends; who stood still past the lease repeats nothing."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.fakes.telegram import FakeTelegram
from tests.faults.conftest import Seen
from tests.faults.crowd import Crowd
from tests.faults.oracle import Found, settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
HAND_OVERS = 20 if LONG else 4
LEASE = "8"  # seconds: a machine that is slow for less is not taken for a frozen one

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 900)]


Pair = tuple[Bot, Bot]
"""Who is frozen, and who is awake."""


async def freeze(one: Bot, other: Bot) -> Pair:
    """Stops the holder at any moment but those at which it holds a lock that only its end would free.

    On SQLite that is every transaction. PostgreSQL ends a session that stands still in one, unless the client stands
    still in the middle of preparing a statement: that the server takes for being busy.
    """
    frozen, awake = await pair(Bot.holds, one, other)
    frozen.signal(signal.SIGSTOP)
    await frozen.frozen()
    while await holds_a_lock(frozen):
        frozen.signal(signal.SIGCONT)
        await asyncio.sleep(0.01)
        frozen.signal(signal.SIGSTOP)
        await frozen.frozen()
    return frozen, awake


async def freeze_before_it_sends(one: Bot, other: Bot) -> Pair:
    """Stops the holder when it has claimed parts and not sent them: it will believe that they are its own.

    Another moment of that kind where the next turn's transaction had just begun: see ``freeze``.
    """
    while True:
        one.signal(signal.SIGUSR1)
        other.signal(signal.SIGUSR1)
        frozen, awake = await pair(Bot.frozen, one, other)
        awake.signal(signal.SIGUSR2)
        if not await holds_a_lock(frozen):
            return frozen, awake
        frozen.signal(signal.SIGCONT)


async def pair(first: Callable[[Bot], Awaitable[None]], one: Bot, other: Bot) -> Pair:
    """Whoever does this first, and then the other."""
    doing = {asyncio.create_task(first(bot)): bot for bot in (one, other)}
    done, others = await asyncio.wait(doing, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    found = doing[done.pop()]
    return (one, other) if found is one else (other, one)


async def holds_a_lock(bot: Bot) -> bool:
    url = make_url(bot.database_url)
    if url.get_backend_name() == "sqlite":
        return is_locked(str(url.database))
    admin = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        while await admin.fetchval(AT_WORK):  # the server is still at what the frozen one asked it last
            await asyncio.sleep(0.01)
        return bool(await admin.fetchval(PREPARING))
    finally:
        await admin.close()


AT_WORK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
AND coalesce(wait_event_type, '') NOT IN ('Client', 'Lock')
"""
PREPARING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'active' AND wait_event = 'ClientRead' AND xact_start IS NOT NULL
"""


def is_locked(file: str) -> bool:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0.2)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        database.execute("ROLLBACK")
        return False


async def handed_over(times: int, url: str, data_dir: Path, folder: Path) -> tuple[Found, Crowd]:
    """Each holder is frozen until the other has taken over, then goes on as if nothing had been."""
    async with FakeTelegram().running() as telegram:
        bots = [Bot(url, data_dir, telegram.url, folder / name, LEASE=LEASE) for name in ("one", "two")]
        crowd = Crowd(telegram, [bot.url for bot in bots], hangs_up=3.0)
        async with over_at_last(*bots):
            for bot in bots:
                bot.start()
                await bot.ready()
            async with crowd.learning(12):
                for turn in range(times):
                    await crowd.until(15)
                    freezing = freeze if turn % 2 else freeze_before_it_sends
                    frozen, awake = await freezing(*bots)
                    await frozen.note_doubts()
                    crowd.urls = [awake.url]  # a platform gives up on a server that does not answer
                    await awake.holds()
                    await crowd.until(15)
                    frozen.signal(signal.SIGCONT)
                    await frozen.ready()
                    crowd.urls = [bot.url for bot in bots]
            await bots[1].stop()
            return await settled(bots[0], crowd, bots[1]), crowd


async def test_the_lease_goes_round_and_nothing_comes_twice_or_out_of_order(
    database_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    found, crowd = await handed_over(HAND_OVERS, database_url, data_dir, tmp_path)
    seen(hand_overs=HAND_OVERS, updates=len(crowd.accepted), under_way=found.doubts, again=found.repeats)
    assert found.broken == []
    assert found.repeats <= HAND_OVERS


async def thawed(url: str, data_dir: Path, folder: Path, **more: str) -> Found:
    """One part is claimed and not sent; the other holder sends it; then the first one goes on where it was."""
    async with FakeTelegram().running() as telegram:
        bots = [Bot(url, data_dir, telegram.url, folder / name, LEASE=LEASE, **more) for name in ("one", "two")]
        crowd, reader = Crowd(telegram, [bots[0].url], hangs_up=3.0), telegram.person(1)
        async with over_at_last(*bots):
            for bot in bots:
                bot.start()
                await bot.ready()
            async with crowd.learning(0):
                freezing = asyncio.create_task(freeze_before_it_sends(*bots))
                turn = asyncio.create_task(crowd.turn(reader, reader.says("/start")))
                frozen, awake = await freezing
                await frozen.note_doubts()
                crowd.urls = [awake.url]
                await turn
            frozen.signal(signal.SIGCONT)
            await frozen.ready()
            await frozen.stop()
            return await settled(awake, crowd, frozen)


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
