"""What learners wrote while nobody could take it is read from Twilio's list, once, as soon as the list can be read."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.channels.whatsapp.missed import sent_at
from bot.engine.events import Address
from bot.engine.learner import Status
from bot.errors import Unavailable
from bot.wiring import House
from bot.wiring.serving import _works
from bot.wiring.whatsapp import Ear
from tests.channels.whatsapp.phone import Phone, platform, whatsapp_house
from tests.fakes.twilio import SENDER, SID, FakeTwilio
from tests.makers import NOON
from tests.service.house import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def house(twilio: FakeTwilio, clock: Clock, sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with whatsapp_house(twilio, sqlite_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def phone(house: House, twilio: FakeTwilio) -> AsyncIterator[Phone]:
    made = Phone(house, twilio)
    yield made
    await made.close()


@pytest.fixture
def ear(house: House) -> Ear:
    """That of the process with the hooks, which has just begun."""
    listen = platform(house).ears[0]
    made: Ear = listen.__self__  # type: ignore[attr-defined]  # it is a method of the ear
    return made


def written(twilio: FakeTwilio, phone: Phone, text: str, at: datetime) -> None:
    twilio.received(phone.number, text, date_sent=format_datetime(at))


@pytest.mark.parametrize("status", [503, 429, 401, 500])
async def test_a_list_that_cannot_be_read_is_read_when_it_can(
    twilio: FakeTwilio, clock: Clock, phone: Phone, ear: Ear, status: int
):
    await ear.look()
    clock.now += timedelta(minutes=30)
    written(twilio, phone, "hola", clock.now - timedelta(minutes=20))
    anew = Ear(ear.house, ear.client)
    twilio.ailing = status
    with structlog.testing.capture_logs() as logs:
        await anew.look()
        clock.now += timedelta(hours=2)
        await anew.look()
    assert [one["event"] for one in logs] == ["whatsapp.list_not_read"] * 2
    twilio.ailing = None
    await anew.look()
    await phone.receives()
    assert len(phone.shown) == 1


async def test_what_was_read_is_not_asked_for_again(twilio: FakeTwilio, ear: Ear):
    await ear.look()
    await ear.look()
    assert twilio.asked == 1


async def test_after_a_message_that_could_not_be_stored_the_list_is_read(
    twilio: FakeTwilio, clock: Clock, phone: Phone, ear: Ear, monkeypatch: pytest.MonkeyPatch
):
    async def away(event: object) -> None:
        raise Unavailable

    await ear.look()
    clock.now += timedelta(hours=1)
    written(twilio, phone, "hola", clock.now)
    with monkeypatch.context() as broken:
        broken.setattr(ear.house.service, "handle", away)
        with pytest.raises(Unavailable):
            await ear.handle(None)  # type: ignore[arg-type]  # nobody looks at it
    await ear.look()
    await phone.receives()
    assert len(phone.shown) == 1


async def test_the_window_of_what_is_read_late_counts_from_when_it_was_written(
    twilio: FakeTwilio, clock: Clock, phone: Phone, ear: Ear, house: House
):
    await ear.look()
    clock.now += timedelta(hours=22, minutes=30)
    written(twilio, phone, "hola", NOON + timedelta(hours=1))
    anew = Ear(house, ear.client)
    await anew.look()
    part = await house.store.part(1)
    assert part is not None
    assert datetime.fromisoformat(str(part.body["until"])) == NOON + timedelta(hours=25, seconds=-30)
    clock.now += timedelta(hours=3)
    await phone.receives()
    assert phone.shown == [], "their window has closed meanwhile"


async def writes(phone: Phone, twilio: FakeTwilio, text: str) -> None:
    """By the webhook, and so that Twilio's list has it too."""
    listed = twilio.received(phone.number, text)
    fields = {"MessageSid": listed["sid"], "AccountSid": SID, "From": phone.number, "To": SENDER, "Body": text}
    assert (await phone.post(**fields)).status_code == 200
    await phone.receives()


async def status(phone: Phone) -> Status:
    learner_id = await phone.house.store.learner_at(Address("whatsapp", phone.number))
    learner = await phone.house.store.learner(str(learner_id))
    assert learner is not None
    return learner.status


@pytest.mark.parametrize("old", ["START", "EMPEZAR", "1"])
async def test_an_old_word_changes_nothing_for_who_has_written_stop_since(
    twilio: FakeTwilio, phone: Phone, ear: Ear, house: House, old: str
):
    """It was missed; its writer has gone on by the webhook before the list could be read."""
    await writes(phone, twilio, "hola")
    written(twilio, phone, old, NOON)
    await writes(phone, twilio, "STOP")
    before = await house.store.counters()
    await ear.look()
    await phone.receives()
    assert await status(phone) is Status.STOPPED
    assert phone.shown == []
    after = await house.store.counters()
    assert [after[name] - before[name] for name in ("received", "handled", "due")] == [1, 1, 0]
    await Ear(house, ear.client).look()
    assert await house.store.counters() == after, "it is known from now on"


async def test_a_stop_counts_whenever_it_is_read(twilio: FakeTwilio, phone: Phone, ear: Ear):
    await writes(phone, twilio, "hola")
    written(twilio, phone, "STOP", NOON)
    await writes(phone, twilio, "1")
    await ear.look()
    await phone.receives()
    assert await status(phone) is Status.STOPPED
    assert len(phone.shown) == 1, "and they are told so"


async def test_what_was_missed_after_the_last_answer_is_answered_in_order(twilio: FakeTwilio, phone: Phone, ear: Ear):
    await writes(phone, twilio, "hola")
    written(twilio, phone, "STOP", NOON)
    written(twilio, phone, "START", NOON)
    await ear.look()
    await phone.receives()
    assert await status(phone) is Status.ACTIVE
    assert len(phone.shown) == 2


async def test_who_writes_while_the_list_is_being_read_has_overtaken_it(
    twilio: FakeTwilio, phone: Phone, ear: Ear, house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    await writes(phone, twilio, "hola")
    written(twilio, phone, "START", NOON)
    known = house.store.known_deliveries

    async def meanwhile(*asked: Any) -> set[str]:
        clock.now += timedelta(seconds=1)
        await phone.says("STOP")
        return await known(*asked)

    monkeypatch.setattr(house.store, "known_deliveries", meanwhile)
    await ear.look()
    assert await status(phone) is Status.STOPPED


async def test_who_was_deleted_since_is_not_made_anew_by_an_old_word(
    twilio: FakeTwilio, phone: Phone, ear: Ear, house: House
):
    await writes(phone, twilio, "hola")
    written(twilio, phone, "1", NOON)
    for word in ("borrar", "sí"):
        await writes(phone, twilio, word)
    await ear.look()
    assert await house.store.learner_at(Address("whatsapp", phone.number)) is None


@pytest.mark.parametrize("changes", [{"from": SENDER}, {"to": "whatsapp:+15550000000"}])
async def test_the_list_answers_neither_ourselves_nor_for_another_sender(
    twilio: FakeTwilio, phone: Phone, ear: Ear, house: House, changes: dict[str, str]
):
    written(twilio, phone, "hola", NOON)
    twilio.messages[-1] |= changes
    twilio.unsorted = True
    await ear.look()
    assert await house.store.counters() == {}


@pytest.mark.parametrize("date", [None, "", "yesterday", 17])
async def test_a_message_without_a_readable_date_is_as_old_as_it_can_be(date: object):
    assert sent_at({"date_sent": date}, NOON, NOON + timedelta(hours=1)) == NOON


async def test_a_date_of_the_future_is_now():
    late = format_datetime(NOON + timedelta(days=1))
    assert sent_at({"date_sent": late}, NOON - timedelta(hours=1), NOON) == NOON


def names(works: list[object]) -> set[str]:
    return {str(getattr(work, "__qualname__", "")) for work in works}


@pytest.mark.parametrize(("role", "listens"), [("web", True), ("sender", False), ("planner", False)])
async def test_the_process_with_the_hooks_listens_and_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch, role: str, listens: bool
):
    kept: list[object] = []

    def going_on(work: Callable[[], object], *_: object) -> object:
        kept.append(work)
        return None

    monkeypatch.setattr("bot.wiring.serving.kept_going", going_on)
    for work in _works(house, frozenset({role})):
        if work is not None:
            work.close()
    assert ("Ear.listen" in names(kept)) is listens


async def test_a_lost_answer_stays_in_doubt_while_the_list_cannot_be_read(
    house: House, phone: Phone, twilio: FakeTwilio, clock: Clock
):
    twilio.faults = ["cut"]
    await phone.says("hola")
    twilio.ailing = 503
    clock.now += timedelta(seconds=100)
    await phone.receives()
    assert [state for _, state in await house.store.depth()] == ["unknown"]
    twilio.ailing = None
    clock.now += timedelta(minutes=20)
    await phone.receives()
    assert await house.store.depth() == {}
    assert len(twilio.sent_to(phone.number)) == 1


async def test_the_same_words_sent_before_are_not_taken_for_those_that_were_lost(
    phone: Phone, twilio: FakeTwilio, clock: Clock
):
    await phone.says("hola")
    await phone.says("privacy")
    await phone.says("privacy")  # once more, which it says
    clock.now += timedelta(seconds=30)
    twilio.faults = ["drop"]
    await phone.says("privacy")
    assert phone.shown == []
    clock.now += timedelta(seconds=100)
    await phone.receives()
    assert len(phone.shown) == 1
    first, _, third = (message["body"] for message in twilio.sent_to(phone.number)[1:])
    assert first == third
