"""Somebody whose platform tells two addresses of theirs, a number and a user id: one person by either."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.engine.events import Address, Event, Said
from bot.service import Content
from storage.store import Store
from storage.tables import addresses, learners
from tests.makers import NOON
from tests.service.house import Clock, Person, serving

USER_ID = Address("console", "ES.1A2B3C")


async def at_addresses(store: Store) -> list[str | None]:
    """The learner at each address that is kept."""
    async with store.read() as look:
        return list((await look.connection.execute(select(addresses.c.learner_id))).scalars())


async def learners_kept(store: Store) -> list[str]:
    async with store.read() as look:
        return list((await look.connection.execute(select(learners.c.id).order_by(learners.c.id))).scalars())


def both_at_once(service: Any, clock: Clock) -> list[Event]:
    """A word from the number with the user id beside it, and one from the user id alone."""
    by_number, by_user_id = Person(service, clock, "+34600"), Person(service, clock, USER_ID.id)
    return [by_number.event(Said, text="hi", alias=USER_ID), by_user_id.event(Said, text="hello")]


@pytest.mark.parametrize("turned", [False, True])
async def test_two_first_words_at_once_by_number_and_by_user_id_make_one_learner(
    store: Store, content: Content, turned: bool
):
    clock = Clock()
    async with serving(store, content, clock) as service:
        first = both_at_once(service, clock)
        outcomes = await asyncio.gather(*(service.handle(one) for one in (reversed(first) if turned else first)))
        (learner_id,) = {outcome.learner_id for outcome in outcomes}
        again = await Person(service, clock, USER_ID.id, counter=9).says("menu")
        assert again.learner_id == learner_id
    assert await learners_kept(store) == [learner_id]
    assert await at_addresses(store) == [learner_id] * 2


@pytest.mark.parametrize("since", ["long", "only now"])
async def test_delete_leaves_neither_the_number_nor_the_user_id(store: Store, content: Content, since: str):
    clock = Clock()
    told_before = USER_ID if since == "long" else None
    async with serving(store, content, clock) as service:
        ana = Person(service, clock, "+34600")
        await service.handle(ana.event(Said, text="hi", alias=told_before))
        await service.handle(ana.event(Said, text="delete", alias=told_before))
        assert (await service.handle(ana.event(Said, text="1", alias=USER_ID))).erased
    assert await at_addresses(store) == []
    assert await learners_kept(store) == []


async def test_who_deletes_everything_and_writes_twice_at_once_begins_anew_once(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock)
        await ana.says("hi")
        await ana.says("delete")
        words = [ana.event(Said, text=word) for word in ("1", "hi", "menu")]
        erased, first, second = await asyncio.gather(*(service.handle(word) for word in words))
    assert erased.erased
    assert first.learner_id == second.learner_id != erased.learner_id
    assert await learners_kept(store) == [first.learner_id]


async def test_a_word_picked_up_late_opens_no_window_at_the_user_id_either(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        late = Person(service, clock, "+34600").event(Said, text="hi", alias=USER_ID)
        clock.move(hours=20)
        await service.handle(late)
    async with store.read() as look:
        heard = list((await look.connection.execute(select(addresses.c.last_inbound_at))).scalars())
    assert heard == [NOON + timedelta(seconds=3)] * 2
