"""A running bot cleans up by itself, and what is erased leaves PostgreSQL's files soon: after a command at once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.commands.frame import open_store
from bot.settings import Secret, Settings, load_settings
from bot.wiring import open_house
from storage.retention import KEEPING
from storage.rows import Exported
from storage.store import Store
from tests.ops.conftest import Cli
from tests.storage.makers import NOON, arrive


async def size(store: Store, table: str = "chat_lines") -> int:
    async with store.read() as look:
        return int(await look.connection.scalar(text(f"SELECT pg_relation_size('{table}')")) or 0)


async def test_a_running_bot_frees_what_guests_left(postgresql_url: str, tmp_path: Path) -> None:
    settings = Settings(
        database_url=postgresql_url, data_dir=tmp_path, secret_key=Secret("a key of forty-eight characters for tests")
    )
    async with open_house(settings, clock=lambda: NOON + KEEPING.guest + timedelta(hours=1)) as house:
        await house.clean()
        await arrive(house.store, lines=["my own words"])
        assert await size(house.store) > 0
        await house.clean()
        assert await size(house.store) == 0


OLD = Exported("ana", NOON - KEEPING.ledger, "group", {}, 12, "ab" * 32)


async def test_what_is_old_goes_once_a_day_however_often_the_bot_is_started(sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=sqlite_url, data_dir=tmp_path, secret_key=Secret("k" * 48))

    async def left(hours: float) -> bool:
        """Whether old things are still there after a bot's first clean-up, so many hours after noon."""
        async with open_house(settings, clock=lambda: NOON + timedelta(hours=hours)) as house:
            await house.store.write_ledger(OLD)
            await house.clean()
            return bool(await house.store.ledger())

    assert [await left(hours) for hours in (0, 1, 23.9)] == [False, True, True]
    assert not await left(24)
    assert await left(30)
    assert not await left(20), "a clock that was ahead puts nothing off"


def test_erase_frees_what_it_erased(cli: Cli, monkeypatch: pytest.MonkeyPatch, postgresql_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", postgresql_url)

    async def lived() -> int:
        async with open_store(load_settings()) as store:
            await arrive(store, "815", lines=["my own words"])
            return await size(store)

    async def left() -> int:
        async with open_store(load_settings()) as store:
            return await size(store)

    assert asyncio.run(lived()) > 0
    assert cli("erase", "telegram:815").code == 0
    assert asyncio.run(left()) > 0
    assert cli("erase", "telegram:815", "--yes").code == 0
    assert asyncio.run(left()) == 0
