"""PostgreSQL lets many write at once: who takes the same rows waits for the other, and nobody is sent away for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.engine.learner import Learner
from bot.seal import Seal
from storage.engine import open_engine
from storage.rows import Arrival, Handled
from storage.store import Store
from tests.databases import SECRET
from tests.storage.makers import GROWN, NOON, arrive, part, said

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
async def stores(postgresql_url: str) -> AsyncIterator[tuple[Store, Store]]:
    """Those of two processes."""
    opened = Store(open_engine(postgresql_url), Seal(SECRET)), Store(open_engine(postgresql_url), Seal(SECRET))
    yield opened
    for store in opened:
        await store.close()


async def somebody_waits(store: Store) -> None:
    """Comes back once a transaction waits for the rows of another."""
    async with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as look:
        while not await look.scalar(WAITING):
            pass


def brings(arrival: Arrival, learner: Learner, words: str) -> Handled:
    return Handled(arrival.event, arrival.address_id, learner, parts=(part(arrival, learner.id, words),))


async def test_a_learner_who_writes_while_their_lesson_is_planned_gets_both(stores: tuple[Store, Store]) -> None:
    planner, service = stores
    ada = await arrive(planner, "ada", due=NOON, **GROWN)

    async def writes() -> None:
        async with service.transaction() as tx:
            (word,), known = await tx.accept_and_know([said("a word")], NOON)
            await tx.save([brings(word, known[ada], "reply")], NOON)

    async with planner.transaction() as tx:
        learner = (await tx.due(NOON, 10))[ada]
        assert learner is not None
        ((reach,),) = (await tx.reaches([ada])).values()
        writing = asyncio.create_task(writes())
        await somebody_waits(planner)
        due = Arrival(said("due"), reach.address_id, ada)
        await tx.save([brings(due, learner.but(due=NOON + timedelta(days=1)), "lesson")], NOON, heard=False)
    await writing
    assert await planner.depth() == {("telegram", "waiting"): 2}
