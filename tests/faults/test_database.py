"""A database that is held by somebody else, full, or gone for a while: 503 meanwhile, then on, and nothing lost."""

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.fakes.telegram import FakeTelegram
from tests.faults.crowd import Crowd
from tests.faults.oracle import settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
LOCKED = (1.0, 6.0, 30.0) if LONG else (1.0, 6.0)
TIMES = 20 if LONG else 4

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 if LONG else 240)]


@asynccontextmanager
async def learning(url: str, data_dir: Path, log: Path) -> AsyncIterator[tuple[Bot, Crowd]]:
    """A bot at work and its learners; at the end everything that was promised is looked at."""
    async with FakeTelegram().running() as telegram:
        bot = Bot(url, data_dir, telegram.url, log)
        crowd = Crowd(telegram, [bot.url])
        async with over_at_last(bot):
            bot.start()
            await bot.ready()
            async with crowd.learning():
                await crowd.until(30)
                yield bot, crowd
                await crowd.until(30, lambda: not crowd.stuck)
            found = await settled(bot, crowd)
    assert found.broken == []
    assert found.repeats == 0


async def test_a_locked_database_is_waited_for_and_then_told(sqlite_url: str, data_dir: Path, tmp_path: Path) -> None:
    """Up to five seconds nobody notices; after that the platform is told to come again."""
    async with learning(sqlite_url, data_dir, tmp_path / "log") as (_, crowd):
        for seconds in LOCKED:
            refused = crowd.refused
            with closing(sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None, timeout=30)) as held:
                held.execute("BEGIN IMMEDIATE")
                await asyncio.sleep(seconds)
                held.execute("ROLLBACK")
            assert (crowd.refused > refused) == (seconds > 5)
            await crowd.until(20, lambda: not crowd.stuck)


async def test_a_full_disk_is_told_and_once_there_is_room_all_goes_on(
    sqlite_url: str, data_dir: Path, tmp_path: Path
) -> None:
    async with learning(sqlite_url, data_dir, tmp_path / "log") as (bot, crowd):
        assert bot.process is not None
        for _ in range(TIMES):
            before = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (64 * 1024, resource.RLIM_INFINITY))
            await crowd.knock(5)
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, before)
            await crowd.until(20, lambda: not crowd.stuck)


async def test_a_database_server_that_throws_everybody_out_loses_nothing(
    postgresql_url: str, data_dir: Path, tmp_path: Path
) -> None:
    """Each session is ended at once, as a restart does it, and for a moment nobody may come back in."""
    address = make_url(postgresql_url)
    async with learning(postgresql_url, data_dir, tmp_path / "log") as (_, crowd):
        admin = await asyncpg.connect(
            address.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        )
        try:
            for _ in range(TIMES):
                await admin.execute(f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS false")
                await admin.execute(THROW_OUT, address.database)
                await crowd.knock(5)
                await admin.execute(f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS true")
                await crowd.until(20, lambda: not crowd.stuck)
        finally:
            await admin.execute(f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS true")
            await admin.close()


THROW_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
