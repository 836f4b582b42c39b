"""What the databases say when they cannot, and what we make of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

import storage.store
from bot.errors import SseBotError, TryAgain, Unavailable
from bot.seal import Seal
from storage.engine import open_engine
from storage.failures import translated
from storage.rows import Handled
from storage.store import Store
from storage.tables import campaigns
from storage.types import iso
from tests.databases import SECRET
from tests.storage.makers import NOON, arrive, learner, said


class Said(Exception):
    """An error as a driver raises it."""

    def __init__(self, sqlstate: str = "", name: str = "") -> None:
        super().__init__("what the driver said\nand more")
        self.sqlstate, self.sqlite_errorname = sqlstate, name


@pytest.mark.parametrize(
    ("told", "becomes"),
    [
        (Said("40001"), TryAgain),
        (Said("40P01"), TryAgain),
        (Said("08006"), Unavailable),
        (Said("53100"), Unavailable),
        (Said("57P01"), Unavailable),
        (Said("25006"), Unavailable),
        (Said(name="SQLITE_BUSY"), Unavailable),
        (Said(name="SQLITE_BUSY_SNAPSHOT"), Unavailable),
        (Said(name="SQLITE_FULL"), Unavailable),
        (Said(name="SQLITE_IOERR_WRITE"), Unavailable),
        (Said("23505"), DBAPIError),
        (Said(name="SQLITE_CONSTRAINT"), DBAPIError),
    ],
)
def test_an_error_of_the_database_is_for_again_for_later_or_about_the_rows(
    told: Said, becomes: type[Exception]
) -> None:
    with pytest.raises(becomes) as raised, translated():
        raise DBAPIError("INSERT", None, told)
    assert type(raised.value) is becomes


def test_a_connection_refused_is_for_later_and_says_so_in_one_line() -> None:
    with (
        pytest.raises(Unavailable, match=r"^The database cannot be reached: no route\. Start the database server"),
        translated(),
    ):
        raise ConnectionRefusedError("no route")


def test_an_error_of_ours_needs_no_words_to_be_understood() -> None:
    assert str(Unavailable()) == Unavailable.__doc__
    assert str(SseBotError("This is wrong.", "Do that.")) == "This is wrong. Do that."


async def test_two_transactions_that_wait_for_each_other_are_told_to_try_again(postgresql_url: str) -> None:
    store = Store(open_engine(postgresql_url), Seal(SECRET))
    one, two = await arrive(store, "ada"), await arrive(store, "bob")
    both_hold_one = asyncio.Barrier(2)

    async def take(first: str, second: str) -> None:
        async with store.transaction() as tx:
            await tx.learners([first])
            await both_hold_one.wait()
            await tx.learners([second])

    ends = await asyncio.gather(take(one, two), take(two, one), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "TryAgain"]
    await store.close()


@asynccontextmanager
async def silent_in_mid_statement(url: str, name: str) -> AsyncIterator[None]:
    """Somebody who holds a row and stops in the middle of a statement, as a frozen process does."""
    session = await asyncpg.connect(url.replace("+asyncpg", ""), server_settings={"application_name": name})
    never = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        await never.wait()
        yield b""

    await session.execute("BEGIN; UPDATE campaigns SET joins = joins + 1")
    copying = asyncio.create_task(session.copy_to_table("campaigns", source=silent()))
    async with asyncio.timeout(5):
        watcher = await asyncpg.connect(url.replace("+asyncpg", ""))
        while not await watcher.fetchval("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%campaigns%'"):
            pass
        await watcher.close()
    try:
        yield
    finally:
        never.set()
        await asyncio.gather(copying, return_exceptions=True)
        session.terminate()


async def test_what_a_frozen_process_holds_in_mid_statement_is_freed(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(open_engine(postgresql_url), Seal(SECRET))
    await store.add_campaign("poster", "A poster", NOON)
    monkeypatch.setattr(storage.store, "FROZEN_SECONDS", 0)
    async with silent_in_mid_statement(postgresql_url, "another program"):
        assert await store.end_frozen() == 0
    async with silent_in_mid_statement(postgresql_url, "sse-bot"):
        monkeypatch.setattr(storage.store, "FROZEN_SECONDS", 3600)
        assert await store.end_frozen() == 0  # a busy network is not a frozen process
        monkeypatch.setattr(storage.store, "FROZEN_SECONDS", 0)
        assert await store.end_frozen() == 1
        async with asyncio.timeout(5), store.transaction() as tx:  # the row is free
            await tx.connection.execute(campaigns.update().values(title="Another"))
    await store.close()


async def test_a_full_disk_is_unavailable_and_nothing_is_half_written(sqlite_url: str) -> None:
    store = Store(open_engine(sqlite_url), Seal(SECRET))
    async with store.transaction() as tx:
        pages = (await tx.connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # as if no room were left
    with pytest.raises(Unavailable):
        await arrive(store, lines=["x" * 100_000])
    assert (await store.counters()).get("received", 0) == 0
    async with store.transaction() as tx:
        await tx.connection.exec_driver_sql("PRAGMA max_page_count=100000")
    assert await arrive(store, lines=["x" * 100_000])
    await store.close()


async def test_a_row_the_database_refuses_is_about_the_row(store: Store) -> None:
    row = {"code": "poster", "title": "t", "created_at": NOON, "joins": 0}
    async with store.transaction() as tx:
        await tx.connection.execute(campaigns.insert(), row)
        with pytest.raises(IntegrityError):
            await tx.connection.execute(campaigns.insert(), row)
        await tx.connection.rollback()


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 11, 24, 12)
    with pytest.raises(ValueError, match="aware"):
        iso(naive)
    with pytest.raises(Exception, match="aware"):
        await store.add_campaign("poster", "Bus stop", naive)
    with pytest.raises(Exception, match="aware"):
        await arrive(store, now=naive)
    assert await store.campaigns() == []


async def test_any_zone_comes_back_as_the_same_moment_in_utc(store: Store) -> None:
    for hour, offset in enumerate(("+00:00", "+12:45", "-09:30")):
        told = datetime.fromisoformat(f"2026-11-24T12:00:00.{hour:06}{offset}")
        await store.add_campaign(offset, "title", told)
    found = {known.code: known.created_at for known in await store.campaigns()}
    for hour, offset in enumerate(("+00:00", "+12:45", "-09:30")):
        assert found[offset].isoformat(timespec="microseconds").endswith("+00:00")
        assert found[offset] == datetime.fromisoformat(f"2026-11-24T12:00:00.{hour:06}{offset}")
    assert [known.code for known in await store.campaigns()] == ["+12:45", "+00:00", "-09:30"]


async def test_sqlite_is_opened_with_what_the_promises_rest_on(sqlite_store: Store) -> None:
    async with sqlite_store.read() as look:
        found = {
            name: (await look.connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout", "auto_vacuum")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
        "auto_vacuum": 2,
    }


async def test_a_reader_sees_what_was_there_and_waits_for_no_writer(store: Store) -> None:
    learner_id = await arrive(store)
    async with store.transaction() as tx:
        (arrival,) = await tx.accept([said("e9")], NOON)
        await tx.save([Handled(arrival.event, arrival.address_id, learner(learner_id, role="student"))], NOON)
        async with store.read() as look:
            assert (await look.learners([learner_id]))[learner_id].role is None
    async with store.read() as look:
        assert (await look.learners([learner_id]))[learner_id].role == "student"
