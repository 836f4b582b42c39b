"""A sender's claim goes along with the turn: one transaction for both, and nothing lost where that goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import service
from bot.content.wording import Message
from bot.delivery.limits import Chats, Limits, Window
from bot.delivery.sender import Sender
from bot.engine.events import Started
from bot.errors import TryAgain, Unavailable
from bot.outcomes import Left, Sent
from bot.service import Content, Service
from storage import transaction
from storage.rows import Claim
from storage.store import Store
from storage.tables import addresses, outbox
from storage.transaction import Transaction
from tests.delivery.makers import Desk, calls_ended, turns
from tests.service.house import Person, serving


class Talking:
    """A channel on which every message is one part."""

    name, keeps_talk, brings, attaches = "telegram", False, True, False

    def own_data(self, learner_id: str) -> str:
        return ""

    def parts(self, message: Message, event: object) -> list[dict[str, object]]:
        return [{"text": message.body}]

    def holds(self, body: object) -> bool:
        return True


@dataclass
class Riding:
    """A service with a sender that rides along, and how often the sender went by itself."""

    service: Service
    desk: Desk
    alone: list[Claim]

    def person(self, name: str = "ana") -> Person:
        return Person(self.service, self.desk.clock, name, channel="telegram")  # type: ignore[arg-type]  # it moves alike

    async def states(self, store: Store) -> list[str]:
        async with store.read() as look:
            return list((await look.connection.execute(select(outbox.c.state).order_by(outbox.c.id))).scalars())


class SlowDisk:
    """Keeps nothing before the test says so."""

    def __init__(self) -> None:
        self.waiting, self.there, self._came = 0, asyncio.Event(), asyncio.Event()

    async def kept(self) -> None:
        self.waiting += 1
        self._came.set()
        await self.there.wait()

    async def until(self, waiting: int) -> None:
        """Comes back once so many have asked."""
        while self.waiting < waiting:
            self._came.clear()
            await self._came.wait()


@pytest.fixture
async def riding(store: Store, content: Content, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Riding]:
    desk, alone = Desk(store), []
    claim = store.claim

    async def counted(wanted: Claim) -> Any:
        alone.append(wanted)
        return await claim(wanted)

    monkeypatch.setattr(store, "claim", counted)
    async with serving(store, content, desk.clock) as service:
        service.channels["telegram"] = Talking()  # type: ignore[index]  # a dict in tests
        service.riders.append(desk.sender)
        await desk.sender.round()  # takes the lease
        alone.clear()
        yield Riding(service, desk, alone)


async def test_a_reply_is_sent_without_a_claim_of_its_own(riding: Riding, store: Store) -> None:
    ana = riding.person()
    await ana.starts()
    await calls_ended(riding.desk.sender)
    assert riding.desk.platform.texts == [ana.said[-1].body]
    assert riding.alone == []
    assert await riding.states(store) == ["sending"]


async def test_outcomes_are_written_down_with_the_next_turn(riding: Riding, store: Store) -> None:
    ana, bob = riding.person(), riding.person("bob")
    await ana.starts()
    await calls_ended(riding.desk.sender)
    await bob.starts()
    assert await riding.states(store) == ["sent", "sending"]
    assert riding.alone == []
    assert (await store.books())["sent"] == 1


async def test_nothing_goes_out_before_the_turn_is_committed(
    riding: Riding, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(books: object, shard: int) -> Any:
        raise Unavailable

    monkeypatch.setattr(transaction, "shares", refused)
    with pytest.raises(Unavailable):
        await riding.person().starts()
    await turns()
    assert riding.desk.platform.got == []
    assert await riding.states(store) == []


async def test_when_a_commit_may_have_been_kept_unheard_nobody_hangs(
    riding: Riding, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = Transaction.hand_over
    unheard: list[Exception] = [Unavailable()]

    async def kept_but(self: Transaction, claims: Any) -> Any:
        rows = await hand_over(self, claims)
        if unheard and store.dialect == "sqlite":  # committed with the hand-over
            raise unheard.pop()
        return rows

    monkeypatch.setattr(Transaction, "hand_over", kept_but)
    event = riding.person().event(Started, campaign=None)
    with suppress(Unavailable):
        await riding.service.handle(event)
    await riding.service.handle(event)  # the platform delivers it again
    await riding.desk.work(rounds=4)
    assert len(riding.desk.platform.got) == 1
    assert await riding.states(store) == ["sent"]


async def test_a_turn_that_is_tried_again_takes_the_claim_along_again(
    riding: Riding, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = Transaction.hand_over
    tries: list[int] = []

    async def in_the_way(self: Transaction, claims: Any) -> Any:
        tries.append(len(claims))
        if len(tries) == 1:
            raise TryAgain
        return await hand_over(self, claims)

    monkeypatch.setattr(Transaction, "hand_over", in_the_way)
    await riding.person().starts()
    await calls_ended(riding.desk.sender)
    assert tries == [1, 1]
    assert len(riding.desk.platform.got) == 1
    assert riding.alone == []


async def test_who_left_is_settled_before_anything_more_is_claimed(riding: Riding, store: Store) -> None:
    ana, bob = riding.person(), riding.person("bob")
    riding.desk.platform.answers = lambda row: Left("blocked")
    await ana.starts()
    await calls_ended(riding.desk.sender)
    riding.desk.platform.answers = lambda row: Sent(None)
    await bob.starts()
    assert riding.desk.platform.texts == [ana.said[-1].body]  # bob's waits for a look of the sender's own
    await riding.desk.work(rounds=3)
    assert len(riding.desk.platform.got) == 2
    assert await riding.states(store) == ["failed", "sent"]


async def test_a_sender_without_room_or_without_its_lease_stays_behind(riding: Riding, store: Store) -> None:
    riding.desk.sender.limits = Limits(Window(0.01), Chats(0, 1))
    await riding.person().starts()
    await riding.person("bob").starts()
    await turns()
    assert len(riding.desk.platform.got) == 1
    assert await riding.states(store) == ["sending", "waiting"]
    riding.desk.clock.move(120)  # past the lease
    riding.desk.sender.limits = Limits(Window(0), Chats(0, 1))
    await riding.person("cyd").starts()
    await turns()
    assert len(riding.desk.platform.got) == 1
    await riding.desk.work(rounds=4)
    assert await riding.states(store) == ["sent", "sent", "sent"]


async def test_a_lease_lost_meanwhile_leaves_the_reply_to_the_new_holder(riding: Riding, store: Store) -> None:
    riding.desk.clock.move(5)
    assert await store.lease("telegram", "another", riding.desk.clock() + timedelta(minutes=2), 60) == 2
    await riding.person().starts()
    await turns()
    assert riding.desk.platform.got == []
    assert await riding.states(store) == ["waiting"]


async def test_a_bug_of_a_sender_costs_nobody_a_turn(
    riding: Riding, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, channels: object) -> Any:
        raise LookupError("nobody planned this")

    monkeypatch.setattr(Sender, "claim", broken)
    ana = riding.person()
    await ana.starts()
    assert ana.said
    await riding.desk.work(rounds=2)
    assert riding.desk.platform.texts == [ana.said[-1].body]


@pytest.mark.parametrize("damaged", ["sealed", "body"])
async def test_a_part_that_cannot_be_read_any_more_stands_in_nobodys_way(
    riding: Riding, store: Store, damaged: str
) -> None:
    riding.desk.sender.limits = Limits(Window(0.01), Chats(0, 1))
    await riding.person().starts()
    await riding.person("bob").starts()  # waits: there is no room
    table = addresses.update().where(addresses.c.id == 2).values(sealed="1.nothing")
    async with store.transaction() as tx:
        await tx.connection.execute(table if damaged == "sealed" else outbox.update().values(body="{"))
    riding.desk.sender.limits = Limits(Window(0), Chats(0, 1))
    cyd = riding.person("cyd")
    await cyd.starts()
    await riding.desk.work(rounds=2)
    assert riding.desk.platform.texts[-1] == cyd.said[-1].body
    assert await riding.states(store) == ["sent", "failed", "sent"]
    books = await store.books()
    assert (books["due"], books["sent"], books["failed"]) == (3, 2, 1)


async def test_nothing_is_told_and_nothing_goes_out_before_it_is_kept(
    riding: Riding, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk()
    monkeypatch.setattr(store, "kept", disk.kept)
    monkeypatch.setattr(service, "ENOUGH", 1)
    ana, bob = riding.person(), riding.person("bob")
    one = asyncio.create_task(ana.starts())
    await disk.until(1)
    two = asyncio.create_task(bob.starts())  # the next batch is worked on meanwhile
    await disk.until(2)
    await turns()
    assert await riding.states(store) == ["sending", "sending"]
    assert [one.done(), two.done()] == [False, False]
    assert riding.desk.platform.got == []
    disk.there.set()
    await one
    await two
    await calls_ended(riding.desk.sender)
    assert riding.desk.platform.texts == [ana.said[-1].body, bob.said[-1].body]


async def test_a_few_wait_until_the_batch_before_them_is_kept_and_are_one_batch_then(
    riding: Riding, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk()
    monkeypatch.setattr(store, "kept", disk.kept)
    first = asyncio.create_task(riding.person().starts())
    await disk.until(1)
    few = [asyncio.create_task(riding.person(name).starts()) for name in ("bob", "cy")]
    await turns()
    assert await riding.states(store) == ["sending"]
    disk.there.set()
    await asyncio.gather(first, *few)
    assert disk.waiting == 2


async def test_told_to_stop_a_sender_waits_for_what_is_not_kept_yet(
    riding: Riding, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk()
    with monkeypatch.context() as slow:
        slow.setattr(store, "kept", disk.kept)
        coming = asyncio.create_task(riding.person().starts())
        await disk.until(1)
    ending = asyncio.create_task(riding.desk.sender.finish())
    await turns()
    assert not ending.done()
    disk.there.set()
    await coming
    await ending
    assert await riding.states(store) == ["sent"]


async def test_while_more_wait_for_the_platform_than_for_us_the_first_are_answered_sooner(
    riding: Riding, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(riding.service, "counted", lambda size, seconds: sizes.append(size))
    answered = asyncio.Event()

    async def far_away() -> Sent:
        await answered.wait()
        return Sent(None)

    riding.desk.platform.answers = lambda row: far_away()
    coming = [riding.person(f"person{number}").event(Started, campaign=None) for number in range(40)]
    await riding.desk.sender.round()  # time has gone by: the lease is renewed

    async def come(first: int, last: int) -> None:
        await asyncio.gather(*(riding.service.handle(event) for event in coming[first:last]))

    await come(0, 16)
    await come(16, 28)
    answered.set()
    await calls_ended(riding.desk.sender)
    await come(28, 40)
    assert sizes == [16, 8, 4, 12]
