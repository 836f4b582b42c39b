"""What is committed is seen at once, and told to nobody before the disk has it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import make_url

from bot.errors import Unavailable
from bot.seal import Seal
from storage import disk
from storage.disk import Disk
from storage.engine import open_engine
from storage.store import Store
from tests.databases import SECRET
from tests.delivery.makers import turns
from tests.storage.makers import arrive


class SlowDisk:
    """Syncs only when the test says so, and counts."""

    def __init__(self) -> None:
        self.begun, self.may = Event(), Event()
        self.syncs = 0

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        self.begun.set()
        assert self.may.wait(30)

    async def until_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, 30)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowDisk:
    found = SlowDisk()
    monkeypatch.setattr(disk, "sync", found.sync)
    return found


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Disk]:
    file = tmp_path / "log"
    file.touch()
    opened = Disk(file)
    yield opened
    await opened.close()


async def test_whoever_committed_waits_for_the_disk(sqlite_store: Store, slow: SlowDisk) -> None:
    coming = asyncio.create_task(arrive(sqlite_store, "ada"))
    await slow.until_begun()
    await turns()
    assert not coming.done()
    slow.may.set()
    assert await coming


async def test_the_next_one_goes_on_while_the_disk_is_at_it(
    sqlite_store: Store, slow: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed: asyncio.Queue[None] = asyncio.Queue()
    reached = Disk.reached

    async def noted(self: Disk) -> None:
        committed.put_nowait(None)
        await reached(self)

    monkeypatch.setattr(Disk, "reached", noted)
    one = asyncio.create_task(arrive(sqlite_store, "ada"))
    await committed.get()
    two = asyncio.create_task(arrive(sqlite_store, "bob"))
    await committed.get()
    assert (await sqlite_store.counters())["received"] == 2
    await turns()
    assert [one.done(), two.done()] == [False, False]
    slow.may.set()
    assert await one != await two


async def test_a_page_shows_nothing_that_the_disk_does_not_have(sqlite_store: Store, slow: SlowDisk) -> None:
    slow.may.set()
    ada = await arrive(sqlite_store, "ada")
    slow.may.clear()
    slow.begun.clear()
    coming = asyncio.create_task(arrive(sqlite_store, "bob"))
    await slow.until_begun()
    looking = [
        asyncio.create_task(look)
        for look in (sqlite_store.chat_lines(ada), sqlite_store.learner(ada), sqlite_store.everything_of(ada))
    ]
    await asyncio.wait(looking, timeout=0.05)
    assert [one.done() for one in looking] == [False] * 3
    slow.may.set()
    await asyncio.gather(*looking, coming)


async def test_a_link_to_the_file_will_do(sqlite_url: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    file = Path(str(make_url(sqlite_url).database))
    file.rename(elsewhere / "real.sqlite3")
    file.symlink_to(elsewhere / "real.sqlite3")
    store = Store(open_engine(sqlite_url), Seal(SECRET))
    assert await arrive(store, "ada")
    await store.close()


async def test_one_sync_does_for_all_that_came_meanwhile(log: Disk, slow: SlowDisk) -> None:
    log.wrote()
    await slow.until_begun()
    first = asyncio.create_task(log.reached())
    for _ in range(5):
        log.wrote()
    rest = asyncio.create_task(log.reached())
    await turns()
    slow.may.set()
    await first
    await rest
    assert slow.syncs == 2


async def test_a_sync_that_began_before_a_commit_does_not_count_for_it(log: Disk, slow: SlowDisk) -> None:
    log.wrote()
    await slow.until_begun()
    slow.begun.clear()
    log.wrote()
    late = asyncio.create_task(log.reached())
    slow.may.set()
    await slow.until_begun()
    await late
    assert slow.syncs == 2


async def test_who_wrote_nothing_waits_for_nothing(log: Disk) -> None:
    await log.reached()


async def test_closing_syncs_what_is_left(tmp_path: Path, slow: SlowDisk) -> None:
    (tmp_path / "log").touch()
    opened = Disk(tmp_path / "log")
    opened.wrote()
    waiting = asyncio.create_task(opened.reached())
    slow.may.set()
    await opened.close()
    await waiting
    assert slow.syncs == 1


async def test_a_disk_that_lost_something_is_told_of_and_nobody_is_told_that_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").touch()
    told: asyncio.Queue[OSError] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def broken(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "sync", broken)
    opened = Disk(tmp_path / "log", lost=lambda error: loop.call_soon_threadsafe(told.put_nowait, error))
    opened.wrote()
    waiting = asyncio.create_task(opened.reached())
    assert (await told.get()).errno == 5
    await turns()
    assert not waiting.done()
    waiting.cancel()
    await opened.close()


async def test_after_an_error_the_next_writer_finds_everything_in_order(sqlite_store: Store) -> None:
    ada = await arrive(sqlite_store, "ada")

    async def breaks() -> None:
        async with sqlite_store.transaction() as tx:
            await tx.erase([ada])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await breaks()
    async with sqlite_store.read() as look:
        assert list(await look.learners([ada])) == [ada]
    assert await arrive(sqlite_store, "bob")


async def test_a_writer_that_is_called_off_leaves_the_next_one_alone(sqlite_store: Store) -> None:
    inside = asyncio.Event()

    async def writes() -> None:
        async with sqlite_store.transaction():
            inside.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(writes())
    await inside.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await arrive(sqlite_store, "ada")


async def test_called_off_twice_while_the_disk_is_slow_it_still_ends_in_order(
    sqlite_store: Store, slow: SlowDisk
) -> None:
    inside = asyncio.Event()

    async def writes() -> None:
        async with sqlite_store.transaction():
            inside.set()
            await asyncio.Event().wait()

    coming = asyncio.create_task(arrive(sqlite_store, "ada"))
    await slow.until_begun()
    writing = asyncio.create_task(writes())
    await inside.wait()
    for _ in range(2):
        writing.cancel()
        await turns()
    closing = asyncio.create_task(sqlite_store.close())
    await turns()
    assert not closing.done()
    slow.may.set()
    await closing
    assert await coming
    with pytest.raises(asyncio.CancelledError):
        await writing


async def test_a_closed_store_opens_nothing_any_more(sqlite_store: Store) -> None:
    await sqlite_store.close()
    with pytest.raises(Unavailable):
        await arrive(sqlite_store, "ada")


async def test_a_closed_store_leaves_no_log_behind(sqlite_store: Store, sqlite_url: str) -> None:
    await arrive(sqlite_store, "ada")
    file = Path(str(make_url(sqlite_url).database))
    assert Path(f"{file}-wal").exists()
    await sqlite_store.close()
    assert not Path(f"{file}-wal").exists()
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM learners").fetchone() == (1,)
