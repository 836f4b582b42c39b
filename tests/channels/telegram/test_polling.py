"""Asking for updates: what was not stored is asked for again, and nothing in a batch stops the loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from bot.channels.telegram import polling as polling_module
from bot.channels.telegram.client import Client
from bot.channels.telegram.door import Door
from bot.channels.telegram.parse import WANTED
from bot.channels.telegram.polling import PAUSES, WAIT, Polling
from bot.channels.telegram.reading import written
from bot.service import Content
from tests.channels.telegram.makers import ADA
from tests.channels.telegram.test_webhook import House
from tests.delivery.makers import turns
from tests.fakes.telegram import TOKEN, Cut, FakeTelegram, Fault, Flood, Hang, Raw, Says, Shown, Trouble
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
    seconds: float = 0.0  # on the clock that only goes forward


@pytest.fixture
async def asking(telegram: FakeTelegram, content: Content) -> AsyncIterator[Asking]:
    client, house, turn = Client(TOKEN, telegram.url), House(), Ours()
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    door = Door(house, lambda: content.catalogue, clock=lambda: NOON)
    polling = Polling(client, door, turn, sleep=sleep, monotonic=lambda: asking.seconds)
    asking = Asking(polling, house, turn, pauses)
    yield asking
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


async def test_while_the_webhook_cannot_be_taken_out_it_waits_as_told(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.webhook = {"url": "https://old.example"}
    telegram.trouble = lambda method, args: Flood(40) if method == "deleteWebhook" else None
    await asking.polling.ask()
    assert asking.pauses == [40]


def told(*updates: bytes) -> Raw:
    return Raw(b'{"ok":true,"result":[' + b",".join(updates) + b"]}")


@pytest.mark.parametrize(
    "updates", [b"", b"null,5", b'{"message":{"text":"x"}}', b'{"update_id":"17"}', b'{"update_id":true}']
)
async def test_what_brings_nothing_new_at_once_is_asked_for_less_and_less_often(
    telegram: FakeTelegram, asking: Asking, updates: bytes
) -> None:
    telegram.trouble = lambda method, args: told(updates)
    for _ in range(7):
        await asking.polling.ask()
    assert asking.pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]


async def test_the_same_update_again_and_again_is_nothing_new(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.trouble = lambda method, args: told(b'{"update_id":7}')
    for _ in range(3):
        await asking.polling.ask()
    assert asking.pauses == [*PAUSES[:2]]


async def test_a_quiet_hour_is_no_trouble(telegram: FakeTelegram, asking: Asking) -> None:
    def quiet(method: str, args: object) -> Raw:
        asking.seconds += WAIT
        return told()

    telegram.trouble = quiet
    for _ in range(3):
        await asking.polling.ask()
    assert asking.pauses == []


def started(number: int) -> bytes:
    """Somebody's first message, in an update of this number."""
    message = {"message_id": 1, "from": {"id": ADA}, "chat": {"id": ADA, "type": "private"}, "text": "/start"}
    return orjson.dumps({"update_id": number, "message": message})


ODD = {
    "no number": b'"x":NaN',
    "deep": b'"x":' + b"[" * 3000 + b"]" * 3000,
    "no text": b'"x":"\xff"',
    "endless": b'"x":' + b"9" * 4500,
    "a line break": b'"x":"a\nb"',
    "half a sign": b'"x":"\\ud800"',
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_an_odd_value_in_one_update_holds_nobody_up(telegram: FakeTelegram, asking: Asking, odd: bytes) -> None:
    telegram.trouble = lambda method, args: told(b'{"update_id":7,' + odd + b"}", started(8))
    await asking.polling.ask()
    assert [event.id for event in asking.house.events] == ["telegram:8"]
    assert [unusable[1:3] for unusable in asking.house.unusables] == [("telegram:7", "unknown kind of update")]
    assert (asking.polling.offset, asking.pauses) == (9, [])


def serving(*updates: tuple[int, bytes]) -> Callable[[str, Mapping[str, Any]], Trouble]:
    """A platform with these updates, numbered, some of them no JSON."""

    def serves(method: str, args: Mapping[str, Any]) -> Trouble:
        return told(*[raw for number, raw in updates if number >= args.get("offset", 0)][: args["limit"]])

    return serves


GARBLED = b'{"update_id":8,"message":{"text":"a SECRET "word"}}'


async def test_what_is_no_json_at_all_is_stepped_over_and_those_before_and_behind_it_are_answered(
    telegram: FakeTelegram, asking: Asking
) -> None:
    telegram.trouble = serving((7, started(7)), (8, GARBLED), (9, started(9)), (10, started(10)))
    for _ in range(4):
        await asking.polling.ask()
    assert [event.id for event in asking.house.events] == ["telegram:7", "telegram:9", "telegram:10"]
    assert asking.house.unusables == [("telegram", "telegram:8", "no JSON", "")]
    assert [call.args["limit"] for call in telegram.calls("getUpdates")] == [100, 1, 1, 100]
    assert asking.polling.offset == 11


async def test_it_is_stored_before_it_is_stepped_over(telegram: FakeTelegram, asking: Asking) -> None:
    telegram.trouble = serving((8, GARBLED), (9, started(9)))
    asking.house.down = True
    for _ in range(3):
        await asking.polling.ask()
    assert asking.polling.offset is None
    asking.house.down = False
    for _ in range(3):
        await asking.polling.ask()
    assert [event.id for event in asking.house.events] == ["telegram:9"]


@pytest.mark.parametrize("raw", [b"<html>a gateway</html>", b'{"ok":true,"result":[' + started(7)[:-5], b""])
async def test_a_page_of_some_gateway_and_what_was_cut_off_step_over_nobody(
    telegram: FakeTelegram, asking: Asking, raw: bytes
) -> None:
    telegram.trouble = lambda method, args: Raw(raw)
    for _ in range(6):
        await asking.polling.ask()
    assert asking.house.untouched
    assert asking.pauses == [*PAUSES, PAUSES[-1]]
    telegram.trouble = serving((7, started(7)))
    await asking.polling.ask()
    assert [event.id for event in asking.house.events] == ["telegram:7"]


async def test_a_tap_that_cannot_be_answered_holds_nobody_up(telegram: FakeTelegram, asking: Asking) -> None:
    tap = b'{"update_id":7,"callback_query":{"id":"\\ud800","from":{"id":1001},"data":"c:on"}}'
    telegram.trouble = lambda method, args: told(tap, started(8)) if method == "getUpdates" else None
    await asking.polling.ask()
    assert [event.id for event in asking.house.events] == ["telegram:8"]
    assert asking.polling.offset == 9


CALLED = {"message_id": 1, "from": {"id": ADA}, "chat": {"id": -555, "type": "group"}, "text": "/start"}


async def test_a_group_that_became_another_gets_its_line_there(telegram: FakeTelegram, asking: Asking) -> None:
    group = telegram.person(-100555)
    moved = Says(400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": -100555})
    telegram.trouble = lambda method, args: moved if args.get("chat_id") == -555 else None
    telegram.tell({"message": CALLED})
    await asking.polling.ask()
    await telegram.until(lambda: bool(group.sees))
    assert len(telegram.calls("sendMessage")) == 2


async def test_words_that_cannot_be_written_are_told_in_the_log(telegram: FakeTelegram, asking: Asking) -> None:
    asking.polling.door.link = "https://t.me/\ud800"
    telegram.tell({"message": CALLED})
    with capture_logs() as logs:
        await asking.polling.ask()
        await turns()
    assert [line["event"] for line in logs] == ["telegram.not_answered"]


async def test_a_platform_that_hangs_keeps_nobody_who_is_told_to_stop(
    telegram: FakeTelegram, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_module, "FAREWELL", 0.01)
    telegram.trouble = lambda method, args: Hang() if method == "sendMessage" else None
    telegram.tell({"message": CALLED})
    running = asyncio.create_task(asking.polling.run())
    await telegram.until(lambda: bool(telegram.calls("sendMessage")))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


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
