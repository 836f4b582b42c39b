"""What was erased also leaves PostgreSQL's files, soon and in nobody's way."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import make_url, text
from structlog.testing import capture_logs

from bot.seal import Seal
from storage.engine import open_engine
from storage.erasing import personal_tables
from storage.retention import KEEPING
from storage.store import Store
from tests.databases import SECRET
from tests.storage.makers import NOON, arrive
from tests.storage.test_erasing import full_life


@pytest.fixture
async def server_store(postgresql_url: str) -> AsyncIterator[Store]:
    opened = Store(open_engine(postgresql_url), Seal(SECRET))
    yield opened
    await opened.close()


async def sizes(store: Store) -> dict[str, int]:
    """Bytes of each table about people that hold rows, living or dead; an emptied end is cut off by a VACUUM."""
    async with store.read() as look:
        return {
            table.name: int((await look.connection.scalar(text(f"SELECT pg_relation_size('{table.name}')"))) or 0)
            for table in personal_tables()
        }


async def test_who_was_erased_is_in_no_page_after_the_vacuum(server_store: Store) -> None:
    await server_store.erase([await full_life(server_store, "ada")])
    before = await sizes(server_store)
    assert all(before.values()), "the rows are dead, and still there"
    await server_store.vacuum()
    after = await sizes(server_store)
    assert after.pop("inbox") > 0, "the bare ids stay"
    assert set(after.values()) == {0}


async def test_guests_whose_day_is_over_leave_the_pages_too(server_store: Store) -> None:
    await server_store.vacuum()
    await arrive(server_store, lines=["my own words"])
    await server_store.purge_guests(NOON + KEEPING.guest)
    await server_store.vacuum()
    assert (await sizes(server_store))["chat_lines"] == 0


async def times(store: Store) -> int:
    async with store.engine.connect() as connection:
        await connection.execute(text("SELECT pg_stat_force_next_flush()"))
        counted = "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'learners'"
        return int(await connection.scalar(text(counted)) or 0)


async def test_nothing_is_vacuumed_again_before_something_is_erased_again(server_store: Store) -> None:
    await server_store.vacuum()
    first = await times(server_store)
    await arrive(server_store)
    await server_store.vacuum()
    assert await times(server_store) == first == 1


async def test_a_vacuum_of_somebody_elses_tables_is_only_logged(server_store: Store, postgresql_url: str) -> None:
    async with server_store.engine.begin() as connection:
        await connection.execute(text("DROP ROLE IF EXISTS guest_of_the_house"))
        await connection.execute(text("CREATE ROLE guest_of_the_house LOGIN"))
    url = make_url(postgresql_url).set(username="guest_of_the_house").render_as_string(hide_password=False)
    guest = Store(open_engine(url), Seal(SECRET))
    with capture_logs() as logs:
        await guest.vacuum()
    await guest.close()
    assert {entry["event"] for entry in logs} == {"database.not_vacuumed"}
    assert "learners" in logs[0]["said"]


async def test_a_server_that_is_away_is_only_logged_and_asked_again(postgresql_url: str) -> None:
    away = make_url(postgresql_url).set(database="nowhere").render_as_string(hide_password=False)
    store = Store(open_engine(away), Seal(SECRET))
    with capture_logs() as logs:
        await store.vacuum()
        await store.vacuum()
    await store.close()
    assert [entry["event"] for entry in logs] == ["database.not_vacuumed"] * 2


async def test_sqlite_needs_none(sqlite_store: Store) -> None:
    await sqlite_store.vacuum()
