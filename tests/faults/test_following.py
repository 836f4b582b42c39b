"""kill -9 between the end of a part and what follows from it: the next process sees to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.engine.learner import Learner, Status
from bot.seal import Seal
from storage.engine import open_engine
from storage.store import Store
from tests.databases import SECRET
from tests.fakes.telegram import FakeTelegram, Says
from tests.faults.process import READY, Bot, over_at_last
from tests.faults.test_planners import subscribed

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


def is_no_silence(learner: Learner) -> bool:
    """The lesson that was refused is a day that could not be brought."""
    return learner.daily is not None and (learner.daily.silent, learner.daily.held) == (0, 1)


def is_gone(learner: Learner) -> bool:
    return learner.status is Status.LEFT


ENDS: dict[str, tuple[Says, Callable[[Learner], bool]]] = {
    "refused": (Says(400, "Bad Request: planted"), is_no_silence),
    "blocked": (Says(403, "Forbidden: bot was blocked by the user"), is_gone),
}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """For one look: the harness copies the files of a bot that is down, which no open store survives."""
    store = Store(open_engine(url), Seal(SECRET))
    yield store
    await store.close()


async def has_open_ends(url: str) -> bool:
    async with opened(url) as store:
        return bool(await store.unfollowed("telegram", 9))


async def the_learner(url: str) -> Learner:
    async with opened(url) as store:
        found = await store.learner("learner-1")
    assert found is not None
    return found


@asynccontextmanager
async def killed_in_between(says: Says, url: str, data_dir: Path, folder: Path, **more: str) -> AsyncIterator[Bot]:
    """A lesson is due to somebody, the platform does not take it, and the process dies once that is written down."""

    def trouble(method: str, args: Mapping[str, Any]) -> Says | None:
        return says if "chat_id" in args else None

    async with opened(url) as store:
        await subscribed(store, datetime.now(UTC).replace(second=0, microsecond=0), 1)
    async with FakeTelegram(trouble).running() as telegram:
        telegram.person(1)
        bot = Bot(url, data_dir, telegram.url, folder / "log", **more)
        async with over_at_last(bot):
            bot.start(DIE_AT="following:1")
            await bot.died()
            assert await has_open_ends(url)
            bot.start()
            await bot.ready()
            await bot.holds()
            yield bot


@pytest.mark.parametrize("end", ENDS)
async def test_what_follows_is_seen_to_by_the_next_process(
    end: str, database_url: str, data_dir: Path, tmp_path: Path
) -> None:
    says, so = ENDS[end]
    async with killed_in_between(says, database_url, data_dir, tmp_path) as bot:
        async with asyncio.timeout(READY):
            while await has_open_ends(database_url):
                await asyncio.sleep(0.05)
        await bot.stop()
    assert so(await the_learner(database_url))


async def test_the_harness_catches_one_that_keeps_it_in_memory(sqlite_url: str, data_dir: Path, tmp_path: Path) -> None:
    says, so = ENDS["refused"]
    async with killed_in_between(says, sqlite_url, data_dir, tmp_path, BUG="followed from memory alone") as bot:
        await bot.stop()
    assert not so(await the_learner(sqlite_url))
    assert await has_open_ends(sqlite_url)
