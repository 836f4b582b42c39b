"""What comes unasked goes out in its time or not at all, and what never arrived is told of."""

from datetime import timedelta
from typing import Any

import pytest

from bot.outcomes import Refused, Result
from storage.rows import OutboxRow
from storage.store import Store
from tests.delivery.makers import Desk
from tests.storage.makers import NOON, later


async def unasked(store: Store, who: str, **more: Any) -> None:
    """A lesson nobody asked for; ``latest`` is until when it may go out."""
    await later(store, who, "lesson")
    async with store.transaction() as tx:
        body = f'{{"text": "lesson", "latest": "{more["latest"]}"}}' if more else '{"text": "lesson"}'
        raw = f"UPDATE outbox SET kind = 'lesson', body = '{body}'"
        await tx.connection.exec_driver_sql(raw)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.mark.parametrize(("seconds", "sent"), [(60, 1), (61, 0)])
async def test_a_part_goes_out_until_its_latest_and_not_later(
    desk: Desk, store: Store, seconds: int, sent: int
) -> None:
    await unasked(store, "ada", latest=NOON + timedelta(minutes=1))
    desk.clock.move(seconds)
    await desk.work()
    assert len(desk.platform.got) == sent
    assert len(desk.lost) == 1 - sent


@pytest.mark.parametrize(("hours", "sent"), [(3, 1), (3.01, 0)])
async def test_a_part_of_an_older_version_goes_by_its_age(desk: Desk, store: Store, hours: float, sent: int) -> None:
    await unasked(store, "ada")
    desk.clock.move(hours * 3600)
    await desk.work()
    assert len(desk.platform.got) == sent


async def test_a_part_that_our_own_code_breaks_on_for_good_is_told_of_once(desk: Desk, store: Store) -> None:
    def breaks(row: OutboxRow) -> Result:
        raise RuntimeError("planted")

    desk.platform.answers = breaks
    await unasked(store, "ada")
    for _ in range(4):
        await desk.work()
        desk.clock.move(600)
    assert desk.lost == ["our error: RuntimeError"]


async def test_a_refusal_is_told_of(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Refused("400")
    await unasked(store, "ada")
    await desk.work()
    assert desk.lost == ["400"]
