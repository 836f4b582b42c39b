"""What follows from a part that did not arrive is seen to, whatever happens between its end and that."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import pytest

from bot.delivery.following import Following
from bot.delivery.sender import TENDED
from bot.errors import Unavailable
from bot.outcomes import Held, Left, Refused, Sent
from storage.rows import OutboxRow, Tell
from storage.store import Store
from storage.tables import UNFOLLOWED, outbox
from tests.delivery.makers import Desk, calls_ended
from tests.storage.makers import NOON, arrive, later


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


async def lesson(store: Store, who: str) -> None:
    """Brought unasked; ``later`` alone would make it an answer to somebody."""
    await later(store, who, who)
    async with store.transaction() as tx:
        await tx.connection.execute(outbox.update().values(kind="lesson"))


def away(*_: object, **__: object) -> Awaitable[Any]:
    raise Unavailable


async def open_ends(store: Store) -> list[str]:
    return [one.what for one in await store.unfollowed("telegram", 9)]


RESULTS = {"ada": Held("too late"), "bob": Refused("400"), "cyd": Left("blocked"), "dan": Sent("p", {"picture:x": "1"})}


async def everything_at_once(desk: Desk) -> None:
    """A look at which one part is remembered, one too late, one refused, and one learner is gone."""
    desk.platform.answers = lambda row: RESULTS[row.body["text"]]
    for who in RESULTS:
        await lesson(desk.store, who)
    await desk.sender.round()
    await calls_ended(desk.sender)


async def test_a_file_id_that_cannot_be_remembered_stops_nothing_else(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await everything_at_once(desk)
    monkeypatch.setattr(store, "remember", away)
    await desk.work()
    assert sorted(desk.lost) == ["400", "too late"]
    assert [event.id for event in desk.gone] == ["left:3"]
    assert await open_ends(store) == []


@pytest.mark.parametrize("step", ["unfollowed", "followed"])
async def test_a_database_that_goes_away_right_after_the_end_is_waited_for(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await everything_at_once(desk)
    with monkeypatch.context() as patched:
        patched.setattr(store, step, away)
        with pytest.raises(Unavailable):
            await desk.sender.round()
    await desk.work()
    assert set(desk.lost) == {"400", "too late"}
    assert {event.id for event in desk.gone} == {"left:3"}
    assert await open_ends(store) == []


async def test_whoever_sends_after_a_sender_that_was_lost_in_between_sees_to_it(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await everything_at_once(desk)
    monkeypatch.setattr(Following, "look", away)
    with pytest.raises(Unavailable):
        await desk.sender.round()
    monkeypatch.undo()
    desk.clock.move(16)  # its lease is over
    other = Desk(store, holder="two", clock=desk.clock)
    await other.sender.round()
    assert (desk.lost, desk.gone) == ([], [])
    assert sorted(other.lost) == ["400", "too late"]
    assert [event.id for event in other.gone] == ["left:3"]


async def test_who_left_gets_nothing_more_also_where_that_could_not_be_noted_at_once(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await arrive(store, "ada", parts=["a1", "a2", "a3"])
    desk.platform.answers = lambda row: Left("blocked")
    await desk.sender.round()
    await calls_ended(desk.sender)
    with monkeypatch.context() as patched:
        patched.setattr(store, "unfollowed", away)
        with pytest.raises(Unavailable):
            await desk.sender.round()
    assert desk.sender.claim({"telegram"}) is None
    await desk.work(rounds=3)
    assert desk.platform.texts == ["a1"]
    assert await desk.state() == {"failed": 1, "cancelled": 2}


async def following_again(desk: Desk, failing: Callable[[OutboxRow, str], Awaitable[None]]) -> None:
    """The house cannot take it at the first time, and a minute later it can."""
    desk.platform.answers = lambda row: Refused("400")
    await lesson(desk.store, "ada")
    told, desk.sender._following._undelivered = desk.sender._following._undelivered, failing
    await desk.work()
    assert desk.lost == []
    desk.sender._following._undelivered = told
    await desk.work()
    assert desk.lost == []
    desk.clock.move(TENDED)
    await desk.work()


async def test_a_house_that_does_not_listen_is_told_again_a_minute_later(desk: Desk, store: Store) -> None:
    async def deaf(part: OutboxRow, reason: str) -> None:
        raise Unavailable

    await following_again(desk, deaf)
    assert desk.lost == ["400"]


async def test_a_bug_of_ours_harms_its_own_part_alone_and_does_not_come_again(desk: Desk, store: Store) -> None:
    async def breaks(part: OutboxRow, reason: str) -> None:
        raise RuntimeError("planted")

    await following_again(desk, breaks)
    assert desk.lost == []
    assert await open_ends(store) == []


async def test_a_bug_of_ours_in_looking_keeps_nobody_waiting_for_their_message(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> bool:
        raise RuntimeError("planted")

    monkeypatch.setattr(Following, "look", breaks)
    await arrive(store, "ada", parts=["a1", "a2"])
    await desk.work(rounds=3)
    assert desk.platform.texts == ["a1", "a2"]


async def test_what_a_platform_tells_later_is_seen_to_by_the_sender_should_the_hook_be_lost(
    desk: Desk, store: Store
) -> None:
    await lesson(store, "ada")
    await arrive(store, "bob", parts=["b1"])
    await desk.work(rounds=2)
    ids = {row.body["text"]: row.id for row in desk.platform.got}
    tells = [
        Tell(ids["ada"], f"p{ids['ada']}", "undelivered", "failed", "twilio 63016"),
        Tell(ids["b1"], f"p{ids['b1']}", "failed", "failed", "twilio 63003", gone=True),
    ]
    await store.told(tells, NOON)
    assert (desk.lost, desk.gone) == ([], [])
    desk.clock.move(TENDED)
    await desk.work()
    assert desk.lost == ["twilio 63016"]
    assert [event.id for event in desk.gone] == [f"left:{ids['b1']}"]
    await store.told(tells, NOON)
    assert await open_ends(store) == []


def test_to_look_every_minute_goes_through_no_other_parts(sqlite_url: str) -> None:
    asked = f"EXPLAIN QUERY PLAN SELECT id FROM outbox WHERE channel = 'telegram' AND outbox.{UNFOLLOWED}"
    with closing(sqlite3.connect(sqlite_url.partition("///")[2])) as database:
        assert "ix_outbox_follows" in str(database.execute(asked).fetchall())
