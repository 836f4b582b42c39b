"""The planner on a real database: who is due gets their lesson in their minute, or a reason."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.content.message_policy import read_rules
from bot.delivery.planner import Planner
from bot.engine.events import Address, Refused, Unsent
from bot.engine.learner import Learner
from bot.engine.window import Budget, Rules
from bot.metrics.books import imbalances
from bot.service import Content, Service
from bot.wiring.house import POLICIES
from bot.wiring.planning import came_to_nothing
from storage.rows import SCHEDULED, Brought
from storage.store import Store
from tests.service.house import Clock, Person, serving

RULES = read_rules(POLICIES)


@dataclass
class Phone:
    """A channel that keeps nothing itself: its parts go to the outbox. ``category`` is of its approved template."""

    name: str = "whatsapp"
    keeps_talk: bool = False
    brings: bool = True
    attaches: bool = False
    category: str | None = None
    invited: list[tuple[str, str, str]] = field(default_factory=list)

    def own_data(self, learner_id: str) -> str:
        return ""

    def parts(self, message: Any, event: Any) -> list[dict[str, object]]:
        return [{"text": message.body, "heard": event.heard.isoformat() if event.heard else ""}]

    def holds(self, body: Any) -> bool:
        return True

    def invited_by(self, kind: str, language: str) -> str | None:
        return self.category

    def invitation(self, kind: str, language: str, time: str) -> dict[str, object] | None:
        self.invited.append((kind, language, time))
        return {"template": f"asked_{kind}", "category": self.category} if self.category else None


@dataclass
class World:
    """A house with a planner, a phone channel and a clock that the test moves."""

    store: Store
    content: Content
    clock: Clock
    service: Service
    phone: Phone
    rules: Rules = RULES

    @property
    def planner(self) -> Planner:
        inviting = {"whatsapp": self.phone}
        return Planner(
            self.service, self.store, self.rules, content=lambda: self.content, clock=self.clock, inviting=inviting
        )

    async def subscriber(self, name: str = "ana", channel: str = "whatsapp", hour: str = "7:00") -> Person:
        """Somebody in Madrid who asked for a lesson every day."""
        person = Person(self.service, self.clock, name, channel)
        await person.at_first_question()
        for words in (f"daily {hour}", "Every day"):
            await person.says(words)
        if "right now" in person.said[-1].body:
            await person.presses("z:Europe--Madrid")
        await person.presses("c:enough")
        return person

    async def plans(self, at: datetime) -> None:
        """The planner does all it has to at this moment."""
        self.clock.now = at
        while await self.planner.plan():
            pass

    async def learner(self, person: Person) -> Learner:
        id_ = await self.store.learner_at(Address(person.channel, person.name))
        assert id_ is not None
        learner = await self.store.learner(id_)
        assert learner is not None
        return learner

    async def last(self, person: Person) -> Brought:
        return (await self.store.brought((await self.learner(person)).id))[0]

    async def parts(self) -> list[Any]:
        async with self.store.read() as look:
            rows = await look.connection.exec_driver_sql(
                "SELECT kind, priority, body, due_at FROM outbox WHERE kind <> 'reply' ORDER BY id"
            )
            return list(rows)


@pytest.fixture
async def world(store: Store, content: Content) -> AsyncIterator[World]:
    clock = Clock()
    async with serving(store, content, clock) as service:
        phone = Phone()
        service.channels = {**service.channels, "whatsapp": phone}
        yield World(store, content, clock, service, phone)


SEVEN = datetime(2026, 11, 25, 6, tzinfo=UTC)


async def test_a_lesson_comes_in_its_minute_behind_everybodys_replies(world: World):
    ana = await world.subscriber()
    await world.plans(SEVEN - timedelta(seconds=1))
    assert await world.parts() == []
    await world.plans(SEVEN)
    last = await world.last(ana)
    assert (last.occasion.way, last.occasion.reason, last.occasion.kind) == ("free_form", "window_open", "lesson")
    (part,) = await world.parts()
    assert (part.kind, part.priority) == ("lesson", SCHEDULED)
    assert (await world.store.next_due()) == SEVEN + timedelta(days=1)


async def test_the_page_shows_it_in_its_talk(world: World):
    ana = await world.subscriber(channel="web")
    learner = await world.learner(ana)
    before = len(await world.store.chat_lines(learner.id))
    await world.plans(SEVEN)
    (line,) = (await world.store.chat_lines(learner.id))[before:]
    assert line.side == "bot"
    assert "Here is your lesson" in line.body["lead"]
    assert (await world.last(ana)).occasion.reason == "always_open"


async def test_outside_the_window_without_a_template_the_day_is_held_and_counted(world: World):
    ana = await world.subscriber()
    await world.plans(SEVEN)
    await world.plans(SEVEN + timedelta(days=1))
    last = await world.last(ana)
    assert (last.occasion.way, last.occasion.reason) == ("hold", "window_closed_no_template")
    books = await world.store.counters()
    assert books["held"] == 1
    assert list(imbalances(await world.store.books())) == []


async def test_outside_the_window_an_approved_template_asks_them_in(world: World):
    ana = await world.subscriber()
    world.phone.category = "utility"
    await world.plans(SEVEN)
    await world.plans(SEVEN + timedelta(days=1))
    last = await world.last(ana)
    assert (last.occasion.way, last.occasion.country) == ("utility_template", None)
    assert world.phone.invited[-1] == ("lesson", "en", "07:00")
    (spent,) = await world.store.spent("2026-11-26")
    assert (spent.templates, spent.micros) == (1, last.occasion.micros)


async def test_a_template_that_a_platform_holds_back_is_not_tried_before_its_time(world: World):
    ana = await world.subscriber()
    world.phone.category = "utility"
    await world.plans(SEVEN)
    until = SEVEN + timedelta(days=2)
    await world.service.handle(Refused(
        id="r", address=Address("whatsapp", "ana"), at=SEVEN, category="utility", until=until,
    ))  # fmt: skip
    await world.plans(SEVEN + timedelta(days=1))
    assert (await world.last(ana)).occasion.reason == "template_refused"
    await world.plans(until)
    assert (await world.last(ana)).occasion.way == "utility_template"


async def test_what_the_platform_says_of_a_learner_is_no_word_of_theirs(world: World):
    ana = await world.subscriber()
    await world.plans(SEVEN)
    world.clock.now = SEVEN + timedelta(hours=20)
    await world.service.handle(Refused(
        id="r", address=Address("whatsapp", "ana"), at=world.clock(), category="x", until=SEVEN,
    ))  # fmt: skip
    await world.plans(SEVEN + timedelta(days=1))
    assert (await world.last(ana)).occasion.reason == "window_closed_no_template"


async def test_a_used_up_budget_holds_everybody_who_is_not_in_a_lesson(world: World):
    ana, bob = await world.subscriber(), await world.subscriber("bob")
    world.rules = replace(RULES, day=Budget(messages=0, micros=10**9))
    await bob.presses("c:next-lesson")
    await world.plans(SEVEN)
    assert (await world.last(ana)).occasion.reason == "budget_messages"
    assert (await world.last(bob)).occasion.way == "free_form"


async def test_what_could_not_be_sent_is_decided_again_once(world: World):
    ana = await world.subscriber()
    world.phone.category = "utility"
    await world.plans(SEVEN)
    for number in (1, 2):
        await world.service.handle(Unsent(
            id=f"u{number}", address=Address("whatsapp", "ana"), at=SEVEN, kind="lesson", day=SEVEN.date(), closed=True,
        ))  # fmt: skip
        await world.plans(SEVEN + timedelta(minutes=number))
    last = await world.last(ana)
    assert (last.occasion.way, last.occasion.due) == ("utility_template", SEVEN)
    assert len(await world.store.brought((await world.learner(ana)).id, 5)) == 1
    assert [part.kind for part in await world.parts()] == ["lesson", "lesson"]


async def test_a_word_of_theirs_opens_the_window_again(world: World):
    ana = await world.subscriber()
    await world.service.handle(Unsent(
        id="u", address=Address("whatsapp", "ana"), at=SEVEN, kind="lesson", day=SEVEN.date(), closed=True,
    ))  # fmt: skip
    assert "service" in (await world.learner(ana)).refused
    await ana.says("hello")
    assert (await world.learner(ana)).refused == {}


async def test_two_planners_bring_a_day_once(world: World):
    for name in ("ana", "bob", "cyd"):
        await world.subscriber(name)
    world.clock.now = SEVEN
    await asyncio.gather(*(world.planner.plan() for _ in range(4)))
    await world.plans(SEVEN)
    assert len(await world.parts()) == 3


async def test_a_day_that_stands_is_not_brought_again(world: World):
    ana = await world.subscriber()
    await world.plans(SEVEN)
    async with world.store.transaction() as tx:  # as if the answer to the commit had been lost
        await tx.connection.exec_driver_sql("UPDATE learners SET due_at = (SELECT due_at FROM occasions)")
    await world.plans(SEVEN + timedelta(minutes=1))
    assert len(await world.parts()) == 1
    assert (await world.learner(ana)).due == SEVEN + timedelta(days=1)


async def test_a_fault_of_ours_costs_one_learner_a_day_and_nobody_else_anything(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    ana, bob = await world.subscriber(), await world.subscriber("bob")
    faulty = (await world.learner(ana)).id
    worded = world.service.worded

    def fails(before: Any, *given: Any, **named: Any) -> Any:
        if before.id == faulty:
            raise RuntimeError("planted")
        return worded(before, *given, **named)

    monkeypatch.setattr(world.service, "worded", fails)
    await world.plans(SEVEN)
    assert (await world.last(ana)).occasion.reason == "our_fault"
    assert (await world.last(bob)).occasion.way == "free_form"
    assert (await world.learner(ana)).due == SEVEN + timedelta(days=1)


async def test_a_row_the_database_refuses_stands_alone(world: World, monkeypatch: pytest.MonkeyPatch):
    ana, bob = await world.subscriber(), await world.subscriber("bob")
    faulty = (await world.learner(ana)).id
    worded = world.service.worded

    def fails(before: Any, *given: Any, **named: Any) -> Any:
        decided = worded(before, *given, **named)
        broken = replace(decided.row, learner=replace(decided.row.learner, language=None))
        return replace(decided, row=broken) if before.id == faulty else decided

    monkeypatch.setattr(world.service, "worded", fails)
    await world.plans(SEVEN)
    assert (await world.last(ana)).occasion.reason == "our_fault"
    assert (await world.last(bob)).occasion.way == "free_form"


async def test_why_says_what_happened_and_when_the_next_one_comes(world: World):
    ana = await world.subscriber()
    await ana.says("why")
    assert ana.said[0].lead == "Nothing was due for you so far."
    await world.plans(SEVEN)
    await world.plans(SEVEN + timedelta(days=1))
    await ana.says("why")
    assert "more than 24 hours" in ana.said[0].lead
    assert "Thursday 26 November" in ana.said[0].lead
    assert "Friday 27 November" in ana.said[0].body


async def test_erased_people_are_owed_nothing_and_leave_no_record(world: World):
    ana = await world.subscriber()
    await world.plans(SEVEN)
    await ana.says("delete")
    await ana.taps("Yes, delete all")
    assert await world.store.next_due() is None
    assert await world.store.decisions(SEVEN - timedelta(days=1)) == {}


async def test_an_hour_in_which_nobody_was_there_is_made_up_for_up_to_three_hours(world: World):
    ana = await world.subscriber()
    await world.plans(SEVEN + timedelta(hours=2))
    assert (await world.last(ana)).occasion.way == "free_form"
    assert await world.store.lateness(SEVEN) == []  # not sent yet


@pytest.mark.parametrize("words", ["stop", "pause", "pause 0"])
async def test_what_waits_to_be_sent_is_called_off_by_a_word(world: World, words: str):
    ana = await world.subscriber()
    await world.plans(SEVEN)
    await ana.says(words)
    async with world.store.read() as look:
        rows = await look.connection.exec_driver_sql("SELECT state, outcome FROM outbox WHERE kind = 'lesson'")
        assert list(rows) == [("cancelled", "the learner called it off")]
    books = await world.store.counters()
    assert books["cancelled"] == 1


async def test_what_answers_the_learner_still_goes(world: World):
    ana = await world.subscriber()
    before = await world.store.depth()
    await ana.says("stop")
    assert sum((await world.store.depth()).values()) == sum(before.values()) + 1


@pytest.mark.parametrize("broken", ['state = \'{"daily": {"pace": "hourly"}}\'', "state = 'nonsense'"])
async def test_a_learner_nobody_can_read_stands_in_nobodys_way(world: World, broken: str):
    ana, bob = await world.subscriber(), await world.subscriber("bob")
    async with world.store.transaction() as tx:
        await tx.connection.exec_driver_sql(
            f"UPDATE learners SET {broken} WHERE id = '{(await world.learner(ana)).id}'"
        )
    await world.plans(SEVEN)
    assert (await world.last(bob)).occasion.way == "free_form"
    assert await world.store.next_due() == SEVEN + timedelta(hours=1)


async def test_a_zone_that_this_machine_does_not_know_stands_in_nobodys_way(world: World):
    ana, bob = await world.subscriber(), await world.subscriber("bob")
    async with world.store.transaction() as tx:
        await tx.connection.exec_driver_sql(
            "UPDATE learners SET state = replace(state, 'Europe/Madrid', 'Mars/Olympus') "
            f"WHERE id = '{(await world.learner(ana)).id}'"
        )
    await world.plans(SEVEN)
    assert (await world.last(bob)).occasion.way == "free_form"


async def test_metas_limit_counts_the_last_24_hours_and_not_the_day(world: World):
    ana = await world.subscriber()
    world.phone.category = "utility"
    whatsapp = replace(RULES.channels["whatsapp"], templates_a_day=0)
    world.rules = replace(RULES, channels={**RULES.channels, "whatsapp": whatsapp})
    await world.plans(SEVEN)
    await world.plans(SEVEN + timedelta(days=1))
    assert (await world.last(ana)).occasion.reason == "template_limit"


async def test_each_part_knows_until_when_it_may_go_out(world: World):
    await world.subscriber(hour="20:00")
    await world.plans(datetime(2026, 11, 25, 19, 30, tzinfo=UTC) - timedelta(days=1))
    (part,) = await world.parts()
    assert "2026-11-24 20:00:00+00:00" in part.body  # 21:00 in Madrid


async def test_a_refused_lesson_is_no_silence_of_the_learners(world: World):
    ana = await world.subscriber()
    await world.plans(SEVEN)
    async with world.store.read() as look:
        (id_,) = [
            row[0] for row in await look.connection.exec_driver_sql("SELECT id FROM outbox WHERE kind = 'lesson'")
        ]
    part = await world.store.part(id_)
    assert part is not None
    house: Any = SimpleNamespace(store=world.store, service=world.service, clock=world.clock)
    await came_to_nothing(house, part, "telegram 400: can't parse entities")
    learner = await world.learner(ana)
    assert learner.daily is not None
    assert (learner.daily.silent, learner.due) == (0, SEVEN + timedelta(days=1))
