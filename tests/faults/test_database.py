"""A database that is held by somebody else, full, or gone for a while: 503 meanwhile, then on, and nothing lost."""

import asyncio
import os
import resource
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from storage.engine import BUSY_SECONDS
from tests.fakes.telegram import FakeTelegram
from tests.faults.cluster import FAST, IMMEDIATE, cluster
from tests.faults.conftest import Seen
from tests.faults.crowd import SHORT, Crowd
from tests.faults.oracle import Found, settled
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
TIMES = 20 if LONG else 4
BUG = "taken though not stored"

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if LONG else 900)]

Fault = Callable[[Bot, Crowd], Awaitable[None]]


async def found_after(fault: Fault, times: int, url: str, data_dir: Path, log: Path) -> tuple[Found, Crowd]:
    """What came of learners who went on with their lessons while this happened so often."""
    async with FakeTelegram().running() as telegram:
        bot = Bot(url, data_dir, telegram.url, log)
        crowd = Crowd(telegram, [bot.url])
        async with over_at_last(bot):
            bot.start()
            await bot.ready()
            async with crowd.learning():
                for _ in range(times):
                    await crowd.until(20)
                    await fault(bot, crowd)
                await crowd.until(30)
            return await settled(bot, crowd), crowd


async def accepted_and_lost(fault: Fault, url: str, data_dir: Path, log: Path) -> list[str]:
    """The same, once, with a bot that takes what it cannot store: what the harness says of that."""
    async with FakeTelegram().running() as telegram:
        bot = Bot(url, data_dir, telegram.url, log, BUG=BUG)
        crowd = Crowd(telegram, [bot.url], patience=SHORT)
        async with over_at_last(bot):
            bot.start()
            await bot.ready()
            async with crowd.learning(5):
                await crowd.until(5)
                await fault(bot, crowd)
                crowd.give_up()
            found = await settled(bot, crowd)
    return [line for line in found.broken if "accepted updates are lost" in line]


def locked(seconds: float, told: list[bool]) -> Fault:
    """Another program holds the file's lock, and somebody writes: for longer than patience lasts, till they are told.

    ``told`` is whether they were taken.
    """

    async def hold(bot: Bot, crowd: Crowd) -> None:
        with closing(sqlite3.connect(str(make_url(bot.database_url).database), isolation_level=None, timeout=30)) as it:
            it.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            bystander = asyncio.create_task(crowd.knock_once())
            await asyncio.sleep(seconds)
            if seconds > BUSY_SECONDS:
                await bystander
            it.execute("ROLLBACK")
            held = time.monotonic() - began
        taken = await bystander
        if seconds > BUSY_SECONDS or held < BUSY_SECONDS - 1:  # a machine that stood still itself proves nothing
            told.append(taken)

    return hold


async def test_a_database_locked_for_a_second_is_waited_for(
    sqlite_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    told: list[bool] = []
    found, crowd = await found_after(locked(1, told), TIMES, sqlite_url, data_dir, tmp_path / "log")
    seen(times=TIMES, refused=crowd.refused, again=found.repeats)
    assert (found.broken, found.repeats) == ([], 0)
    assert all(told)


@pytest.mark.parametrize("seconds", [6, 30])
async def test_a_database_locked_for_longer_is_told_to_the_platform(
    seconds: float, sqlite_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    told: list[bool] = []
    found, crowd = await found_after(locked(seconds, told), 1, sqlite_url, data_dir, tmp_path / "log")
    seen(times=1, refused=crowd.refused, again=found.repeats)
    assert (found.broken, found.repeats) == ([], 0)
    assert told == [False]


async def full(bot: Bot, crowd: Crowd) -> None:
    """No file may grow any more; then there is room again."""
    assert bot.process is not None
    before = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (64 * 1024, resource.RLIM_INFINITY))
    await crowd.knock(5)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_is_told_and_once_there_is_room_all_goes_on(
    sqlite_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    found, crowd = await found_after(full, TIMES, sqlite_url, data_dir, tmp_path / "log")
    seen(times=TIMES, refused=crowd.refused, again=found.repeats)
    assert (found.broken, found.repeats) == ([], 0)


async def thrown_out(bot: Bot, crowd: Crowd) -> None:
    """Each session is ended at once, and for a moment nobody may come back in."""
    url = make_url(bot.database_url)
    admin = await asyncpg.connect(
        url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    )
    try:
        await admin.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", url.database)
        await crowd.knock(5)
    finally:
        await admin.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true")
        await admin.close()


async def test_a_database_server_that_throws_everybody_out_loses_nothing(
    postgresql_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    found, crowd = await found_after(thrown_out, TIMES, postgresql_url, data_dir, tmp_path / "log")
    seen(times=TIMES, refused=crowd.refused, again=found.repeats)
    assert (found.broken, found.repeats) == ([], 0)


async def test_a_database_server_that_is_restarted_again_and_again_loses_nothing(
    data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    """By turns in order, and as a crash ends it."""
    with cluster() as server:
        await server.make()

        async def restarted(bot: Bot, crowd: Crowd) -> None:
            for how in (IMMEDIATE, FAST):
                await server.stop(how)
                await crowd.knock(3)
                await server.start()
                await crowd.until(10)

        found, crowd = await found_after(restarted, TIMES // 2, server.url, data_dir, tmp_path / "log")
        lost = await accepted_and_lost(restarted, server.url, data_dir, tmp_path / "log")
    seen(restarts=TIMES // 2 * 2, updates=len(crowd.accepted), refused=crowd.refused, again=found.repeats)
    assert (found.broken, found.repeats) == ([], 0)
    assert lost, "the harness did not notice a bot that takes what it cannot store"


@pytest.mark.parametrize("fault", [full, locked(6, [])], ids=["full", "locked"])
async def test_the_harness_catches_a_bot_that_takes_what_it_cannot_store(
    fault: Fault, sqlite_url: str, data_dir: Path, tmp_path: Path
) -> None:
    assert await accepted_and_lost(fault, sqlite_url, data_dir, tmp_path / "log")
