"""Deliveries come twice, at once and by several processes; each counts once, in order."""

import asyncio
from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from bot.engine.events import Address
from bot.engine.learner import Learner
from bot.seal import Seal
from storage.engine import open_engine
from storage.rows import Arrival, Claim, Handled, Unusable
from storage.store import Store
from storage.tables import addresses, inbox
from tests.databases import SECRET
from tests.storage.makers import NOON, arrive, learner, part, play, said


def counting(arrival: Arrival, known: Learner | None) -> Handled:
    """Each event makes the learner's count one higher and sends it."""
    now = known or learner(f"learner-{arrival.address_id}")
    now = now.but(asked={"count": now.asked.get("count", 0) + 1})
    heard = part(arrival, now.id, str(now.asked["count"]))
    return Handled(arrival.event, arrival.address_id, now, known is None, (), (heard,))


async def count_of(store: Store, who: str) -> int:
    learner_id = await store.learner_at(Address("telegram", who))
    assert learner_id is not None
    async with store.read() as look:
        return (await look.learners([learner_id]))[learner_id].asked["count"]


async def test_the_same_event_twenty_times_at_once_has_one_effect(store: Store) -> None:
    await asyncio.gather(*(play(store, [said("e1")], counting) for _ in range(20)))
    assert await count_of(store, "ada") == 1
    assert await store.depth() == {("telegram", "waiting"): 1}
    assert await store.counters() == {"received": 20, "handled": 1, "duplicate": 19, "due": 1}


async def test_two_processes_given_the_same_first_event_make_one_learner(store: Store, database_url: str) -> None:
    second = Store(open_engine(database_url), Seal(SECRET))
    try:
        await asyncio.gather(*(play(one, [said("e1")], counting) for one in (store, second) * 5))
        assert await count_of(store, "ada") == 1
    finally:
        await second.close()


async def test_two_first_events_of_one_person_in_two_processes_make_one_learner(
    store: Store, database_url: str
) -> None:
    second = Store(open_engine(database_url), Seal(SECRET))
    try:
        both = enumerate((store, second) * 4)
        await asyncio.gather(*(play(one, [said(f"e{n}")], counting) for n, one in both))
        assert await count_of(store, "ada") == 8
    finally:
        await second.close()


async def test_an_event_given_twice_in_one_call_arrives_once(store: Store) -> None:
    arrivals = await play(store, [said("e1"), said("e2"), said("e1", text="again")], counting)
    assert [arrival.event.id for arrival in arrivals] == ["e1", "e2"]
    assert (await store.counters())["duplicate"] == 1


async def test_the_same_id_on_two_channels_is_two_events(store: Store) -> None:
    arrivals = await play(store, [said("1"), said("1", channel="whatsapp")], counting)
    assert [arrival.event.address.channel for arrival in arrivals] == ["telegram", "whatsapp"]


async def test_two_hundred_events_of_fifty_learners_keep_each_learners_order(store: Store) -> None:
    events = [said(f"e{199 - n}", who=f"who-{n * 7 % 50}") for n in range(200)]
    arrivals = await play(store, events, counting)
    assert [arrival.event for arrival in arrivals] == events
    epoch = await store.lease("telegram", "sender", NOON, 60)
    assert epoch is not None
    heard = Counter[int]()
    for turn in range(1, 5):
        rows = await store.claim(Claim("telegram", NOON, 100, "telegram", epoch)) or []
        assert {row.body["text"] for row in rows} == {str(turn)}
        heard.update(row.address_id for row in rows)
        async with store.transaction() as tx:
            await tx.connection.exec_driver_sql("UPDATE outbox SET state = 'sent' WHERE state = 'sending'")
    assert set(heard.values()) == {4}
    assert len(heard) == 50


async def test_an_event_that_was_not_committed_never_happened(store: Store) -> None:
    class Broken(Exception):
        pass

    try:
        async with store.transaction() as tx:
            await tx.accept([said("e1")], NOON)
            raise Broken
    except Broken:
        pass
    assert [arrival.event.id for arrival in await play(store, [said("e1")], counting)] == ["e1"]
    assert (await store.counters())["received"] == 1


async def test_an_address_is_stored_as_a_hash_and_a_sealed_value_only(store: Store) -> None:
    await arrive(store, "+34600123456", channel="whatsapp")
    async with store.read() as look:
        row = (await look.connection.execute(select(addresses))).one()
    assert "34600123456" not in f"{row.hash}{row.sealed}"
    assert row.hash == store.seal.hash("whatsapp", "+34600123456")
    assert store.seal.unseal(row.sealed) == "+34600123456"


async def test_nobody_is_behind_an_address_that_never_wrote(store: Store) -> None:
    await arrive(store, "ada")
    assert await store.learner_at(Address("telegram", "bob")) is None
    assert await store.learner_at(Address("web", "ada")) is None


async def test_a_second_address_of_a_known_person_leads_to_the_same_learner(store: Store) -> None:
    learner_id = await arrive(store, "ada")
    other = Address("telegram", "ES.1234")
    await play(store, [said("e2", alias=other)], counting)
    assert await store.learner_at(other) == learner_id


async def test_somebody_new_with_two_addresses_is_one_learner_by_either(store: Store) -> None:
    other = Address("telegram", "ES.1234")
    await play(store, [said("e1", alias=other)], counting)
    assert await store.learner_at(other) == await store.learner_at(Address("telegram", "ada"))
    await play(store, [said("e2", who="ES.1234")], counting)
    assert await count_of(store, "ada") == 2


async def test_an_unknown_number_is_recognised_by_the_other_address(store: Store) -> None:
    await play(store, [said("e1", who="ES.1234")], counting)
    await play(store, [said("e2", who="+34600", alias=Address("telegram", "ES.1234"))], counting)
    assert await count_of(store, "+34600") == 2
    assert await count_of(store, "ES.1234") == 2


async def test_an_unusable_delivery_is_kept_sealed_for_the_operator_and_known_again(store: Store) -> None:
    strange = Unusable("telegram", "u1", "unknown kind", '{"secret": "word"}')
    await store.unusable([strange], NOON)
    await store.unusable([strange], NOON)
    kept = await store.inbox()
    assert [(row.event_id, row.state, row.reason, row.payload) for row in kept] == [
        ("u1", "unusable", "unknown kind", '{"secret": "word"}')
    ]
    async with store.read() as look:
        assert "secret" not in (await look.connection.execute(select(inbox.c.payload))).scalar_one()
    assert await store.counters() == {"received": 2, "unusable": 1, "duplicate": 1}


async def test_what_an_operator_has_seen_leaves_only_its_bare_id(store: Store) -> None:
    await store.unusable([Unusable("telegram", "u1", "unknown kind", "payload")], NOON)
    assert await store.retire("telegram", "u1") is True
    assert await store.retire("telegram", "u2") is False
    assert await store.inbox() == []
    await store.unusable([Unusable("telegram", "u1", "unknown kind", "payload")], NOON)
    assert (await store.counters())["duplicate"] == 1


async def test_what_has_come_before_is_told_from_what_is_new(store: Store) -> None:
    await play(store, [said("e1"), said("e2", channel="whatsapp")], counting)
    assert await store.known_deliveries("telegram", ["e1", "e2", "e3"]) == {"e1"}
    assert await store.known_deliveries("telegram", []) == set()


async def test_when_somebody_was_last_heard_from_is_known_at_their_address(store: Store) -> None:
    ada = Address("telegram", "ada")
    assert not await store.heard_since(ada, NOON)
    await play(store, [said("e1", at=NOON)], counting)
    assert not await store.heard_since(ada, NOON)
    assert await store.heard_since(ada, NOON - timedelta(seconds=1))
