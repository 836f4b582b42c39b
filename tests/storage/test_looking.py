"""Looks at the database whose page goes in the middle: a dropped stream is called off again and again."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from bot.engine.events import Address
from storage.store import Store
from tests.storage.makers import arrive

TURNS = [n * n // 10 for n in range(60)]  # of the loop: from before a look begins until after it has ended
LOOKS: dict[str, Callable[[Store], Awaitable[Any]]] = {
    "lines": lambda store: store.chat_lines("ada"),
    "learner": lambda store: store.learner("ada"),
    "who": lambda store: store.learner_at(Address("web", "ada")),
    "everything": lambda store: store.everything_of("ada"),
}


async def called_off(look: Awaitable[Any], turns: int) -> None:
    """As Starlette does it with a stream whose browser goes after so many turns: at each turn until it has ended."""
    looking = asyncio.ensure_future(look)
    for _ in range(turns):
        await asyncio.sleep(0)
    while not looking.done():
        looking.cancel()
        await asyncio.sleep(0)
    assert looking.cancelled() or looking.exception() is None


async def ended(before: set["asyncio.Task[Any]"]) -> bool:
    """Whether everything that was begun since then comes to an end."""
    begun = asyncio.all_tasks() - before
    return not begun or not (await asyncio.wait(begun, timeout=5))[1]


@pytest.mark.parametrize("look", LOOKS)
async def test_a_look_that_is_called_off_gives_its_connection_back_and_leaves_nothing_undone(
    store: Store, look: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = asyncio.all_tasks()
    await LOOKS[look](store)
    opened = opened_by(store)
    for turns in TURNS:
        await called_off(LOOKS[look](store), turns)
        assert await ended(before)
        assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a pool that counts
    gc.collect()  # a task that is forgotten tells so when it goes
    await asyncio.sleep(0)
    assert not caplog.records
    assert opened == []


def opened_by(store: Store) -> list[object]:
    """The connections that are opened from now on: one that was broken off has to be opened anew."""
    opened: list[object] = []

    @event.listens_for(store.engine.sync_engine, "connect")
    def connected(connection: object, _record: object) -> None:
        opened.append(connection)

    return opened


async def test_a_store_that_closes_lets_looks_end_that_nobody_waits_for(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    before = asyncio.all_tasks()
    await arrive(store, "ada")
    for look in LOOKS.values():
        await called_off(look(store), turns=2)
    await store.close()
    assert asyncio.all_tasks() <= before
    gc.collect()
    await asyncio.sleep(0)
    assert not caplog.records
