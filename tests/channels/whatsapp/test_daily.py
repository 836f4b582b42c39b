"""A lesson every day on WhatsApp: free-form while the window is open, by an approved template after that, or held."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery.planner import Planner
from bot.engine.events import Address
from bot.engine.learner import Learner
from bot.metrics.books import imbalances
from bot.wiring import House
from bot.wiring.planning import open_planner, tell
from storage.rows import Brought
from tests.channels.whatsapp.phone import Phone, whatsapp_house, with_templates
from tests.channels.whatsapp.test_inviting import approved
from tests.fakes.twilio import FakeTwilio
from tests.service.house import Clock

MADRID = "whatsapp:+34911234567"
SEVEN = datetime(2026, 11, 25, 6, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def house(twilio: FakeTwilio, sqlite_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[House]:
    async with whatsapp_house(twilio, sqlite_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def phone(house: House, twilio: FakeTwilio, clock: Clock) -> AsyncIterator["Daily"]:
    made = Daily(house, twilio, MADRID)
    await with_templates(house)
    await made.subscribes()
    yield made
    await made.close()


class Daily(Phone):
    """Somebody in Madrid who gets a lesson at seven every day."""

    async def subscribes(self) -> None:
        await self.says("hola")
        for step in range(9):
            words = {4: "Sí, las dos", 5: "16–24"}.get(step)
            labels = [label for label, _ in self.choices()]
            await self.taps(words if words in labels else labels[1 if step == 5 else 0])
        await self.says("daily 7:00")
        await self.taps(self.choices()[0][0])
        if any(data.startswith("z:") for _, data in self.choices()):
            await self.taps(self.choices()[0][0])
        await self.presses("c:enough")

    async def presses(self, data: str) -> None:
        await self.says("…", ButtonPayload=data, ButtonText="…", MessageType="button")

    @property
    def planner(self) -> Planner:
        return open_planner(self.house)

    async def wakes_at(self, moment: datetime) -> None:
        """The clock is moved, the planner plans, and the sender sends."""
        clock = self.house.clock
        assert isinstance(clock, Clock)
        clock.now = moment
        while await self.planner.plan():
            pass
        await self.receives()

    async def learner(self) -> Learner:
        id_ = await self.house.store.learner_at(Address("whatsapp", self.number))
        learner = await self.house.store.learner(str(id_))
        assert learner is not None
        return learner

    async def last(self) -> Brought:
        return (await self.house.store.brought((await self.learner()).id))[0]


async def test_a_lesson_comes_at_the_hour_they_chose(phone: Daily):
    await phone.wakes_at(SEVEN)
    assert len(phone.shown) == 1
    assert "⏰" in phone.text
    assert (await phone.last()).occasion.reason == "window_open"


async def test_after_a_silent_day_nothing_is_sent_without_an_approved_template(phone: Daily, twilio: FakeTwilio):
    await phone.wakes_at(SEVEN)
    twilio.closed.add(phone.number)
    await phone.wakes_at(SEVEN + timedelta(days=1))
    assert phone.shown == []
    assert (await phone.last()).occasion.reason == "window_closed_no_template"


async def test_an_approved_template_asks_them_in_and_a_tap_opens_the_lesson(
    house: House, phone: Daily, twilio: FakeTwilio
):
    await approved(house, twilio)
    await phone.wakes_at(SEVEN)
    twilio.closed.add(phone.number)
    await phone.wakes_at(SEVEN + timedelta(days=1))
    (asked,) = phone.shown
    assert "07:00" in asked["body"]
    assert (await phone.last()).occasion.reason == "window_closed_utility"
    twilio.closed.discard(phone.number)
    phone.house.clock.move(minutes=3)  # type: ignore[attr-defined]
    await phone.presses("c:today")
    assert "⏰" in phone.text
    await phone.wakes_at(SEVEN + timedelta(days=2))
    assert (await phone.last()).occasion.reason == "window_open"


async def test_a_window_that_whatsapp_calls_closed_costs_one_try_and_then_a_template(
    house: House, phone: Daily, twilio: FakeTwilio
):
    await approved(house, twilio)
    twilio.closed.add(phone.number)  # it knows better than we do
    await phone.wakes_at(SEVEN)
    (refused,) = phone.shown
    await phone.ends(refused)
    await phone.wakes_at(SEVEN + timedelta(minutes=1))
    (asked,) = phone.shown
    assert asked["form"]["ContentSid"] != refused["form"].get("ContentSid")
    assert (await phone.last()).occasion.way == "utility_template"
    await phone.ends(asked, 63016)
    await phone.wakes_at(SEVEN + timedelta(minutes=2))
    assert phone.shown == []  # a day is decided twice at most


async def test_a_template_that_meta_holds_back_rests_for_this_learner_longer_each_time(
    house: House, phone: Daily, twilio: FakeTwilio
):
    await approved(house, twilio)
    await phone.wakes_at(SEVEN)
    twilio.closed.add(phone.number)
    day, reasons = SEVEN, []
    for _ in range(6):
        day += timedelta(days=1)
        await phone.wakes_at(day)
        reasons.append((await phone.last()).occasion.reason)
        if phone.shown:
            await phone.ends(phone.shown[-1], 63049)
    rested = ["window_closed_utility", "template_refused", "window_closed_utility", "template_refused"]
    assert reasons[:1] == rested[:1]
    assert reasons.count("window_closed_utility") == 3
    assert (await phone.learner()).refused["utility"].times == 3


async def test_who_wrote_stop_to_twilio_is_left_alone(house: House, phone: Daily):
    await phone.wakes_at(SEVEN)
    await phone.ends(phone.shown[-1], 21610)
    assert (await phone.learner()).due is None
    await phone.wakes_at(SEVEN + timedelta(days=1))
    assert phone.shown == []


async def test_the_books_the_bill_and_the_lateness_are_told(house: House, phone: Daily):
    await phone.wakes_at(SEVEN + timedelta(seconds=90))
    await phone.wakes_at(SEVEN + timedelta(days=1))
    assert list(imbalances(await house.store.books())) == []
    await tell(house)
    assert house.daily["late_seconds"]["worst"] == 90.0
    assert house.daily["held"] == {"window_closed_no_template": 1}
    (spent,) = await house.store.spent("2026-11-25")
    assert (spent.country, spent.messages, spent.micros) == ("ES", 1, 25_000)


async def test_why_is_answered_in_their_language(phone: Daily):
    await phone.wakes_at(SEVEN)
    await phone.wakes_at(SEVEN + timedelta(days=1))
    await phone.says("why")
    assert "24 horas" in phone.text
