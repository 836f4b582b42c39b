"""Asking for updates: what was not stored is asked for again, and nothing in a batch stops the loop."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import orjson
import pytest

from bot.channels.telegram.client import Client
from bot.channels.telegram.door import Door
from bot.channels.telegram.parse import WANTED
from bot.channels.telegram.polling import PAUSES, Polling
from bot.channels.telegram.reading import written
from bot.service import Content
from tests.channels.telegram.makers import ADA
from tests.channels.telegram.test_webhook import House
from tests.fakes.telegram import TOKEN, Cut, FakeTelegram, Fault, Flood, Shown, Trouble
from tests.makers import NOON


@dataclass
class Ours:
    """A lease that we hold unless told otherwise."""

    held: bool = True

    async def until_held(self) -> None:
        assert self.held, "these tests do not wait for it"


@dataclass
class Asking:
    """A loop that asks, with what came of it."""

    polling: Polling
    house: House
    turn: Ours
    pauses: list[float] = field(default_factory=list)


@pytest.fixture
async def asking(telegram: FakeTelegram, content: Content) -> AsyncIterator[Asking]:
    client, house, turn = Client(TOKEN, telegram.url), House(), Ours()
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    door = Door(house, lambda: content.catalogue, clock=lambda: NOON)
    yield Asking(Polling(client, door, turn, sleep=sleep), house, turn, pauses)
    await client.close()


async def test_what_was_stored_is_acknowledged_with_the_next_question(telegram: FakeTelegram, asking: Asking) -> None:
    first = telegram.person(ADA).says("hi")
    await asking.polling.ask()
    assert asking.polling.offset == first["update_id"] + 1
    telegram.person(ADA).says("ho")
    await asking.polling.ask()
    assert [call.args.get("offset") for call in telegram.calls("getUpdates")] == [None, first["update_id"] + 1]
    assert len(asking.house.events) == 2
    assert telegram.calls("getUpdates")[0].args["allowed_updates"] == list(WANTED)


async def test_while_the_database_is_away_the_offset_stays(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.person(ADA).says("hi")
    asking.house.down = True
    await asking.polling.ask()
    assert asking.polling.offset is None
    assert asking.pauses == [PAUSES[0]]
    asking.house.down = False
    await asking.polling.ask()
    assert len(asking.house.events) == 1


async def test_an_update_nobody_can_read_does_not_stop_those_behind_it(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.tell({"hologram": {"deep": [[[1]]]}})
    telegram.tell({"message": {"chat": {"id": 1, "type": "private"}, "text": 7}})
    last = telegram.person(ADA).says("hi")
    await asking.polling.ask()
    assert len(asking.house.unusables) == 2
    assert [event.id for event in asking.house.events] == [f"telegram:{last['update_id']}"]
    assert asking.polling.offset == last["update_id"] + 1


async def test_half_a_surrogate_in_a_batch_does_not_stop_it(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.person(ADA).says("broken \ud83d emoji")
    telegram.person(ADA).says("whole")
    await asking.polling.ask()
    assert len(asking.house.events) == 2


async def test_taps_are_answered_beside(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.person(ADA).sees.append(Shown(5, "Card", [], [[{"text": "Next", "callback_data": "n:1"}]]))
    telegram.person(ADA).taps("Next")
    await asking.polling.ask()
    await telegram.until(lambda: len(telegram.answered) == 1)
    assert len(asking.house.events) == 1
    assert telegram.faults == []


@pytest.mark.parametrize("trouble", [Fault(502), Cut(done=False)], ids=repr)
async def test_troubles_are_waited_out_longer_each_time(
    telegram: FakeTelegram, asking: Asking, trouble: Trouble
) -> None:
    telegram.trouble = lambda method, args: trouble
    for _ in range(7):
        await asking.polling.ask()
    assert asking.pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]


async def test_too_many_questions_are_paused_as_told(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.trouble = lambda method, args: Flood(13)
    await asking.polling.ask()
    assert asking.pauses == [13]


async def test_a_webhook_in_the_way_is_taken_out_of_it(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.webhook = {"url": "https://old.example"}
    await asking.polling.ask()
    assert asking.pauses == [PAUSES[0]]
    assert telegram.webhook == {}
    first = telegram.person(ADA).says("hi")
    await asking.polling.ask()
    assert asking.polling.offset == first["update_id"] + 1


async def test_who_lost_the_lease_while_asking_stores_nothing(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.person(ADA).says("hi")
    question = asyncio.create_task(asking.polling.ask())
    asking.turn.held = False
    await question
    assert asking.house.untouched
    assert asking.polling.offset is None


def test_whatever_was_read_can_be_kept() -> None:
    assert orjson.loads(written({"a": [1]})) == {"a": [1]}
    assert b"1" * 30 in written({"a": int("1" * 30)})
    assert b"ud83d" in written({"a": "\ud83d"})
