"""The planner on a real database: who is due gets their lesson in their minute, or a reason."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.content.message_policy import read_rules
from bot.delivery.planner import Planner
from bot.engine.window import Rules
from bot.service import Content, Service
from bot.wiring.house import POLICIES
from storage.rows import Brought
from storage.store import Store
from tests.service.house import Clock, Person, serving

RULES = read_rules(POLICIES)


@dataclass
class Phone:
    """A channel that keeps nothing itself: its parts go to the outbox. ``category`` is of its approved template."""

    name: str = "whatsapp"
    keeps_talk: bool = False
    brings: bool = True
    own_data: str = ""
    category: str | None = None
    invited: list[tuple[str, str, str]] = field(default_factory=list)

    def parts(self, message: Any, event: Any) -> list[dict[str, object]]:
        return [{"text": message.body, "heard": event.heard.isoformat() if event.heard else ""}]

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
        return person

    async def plans(self, at: datetime) -> None:
        """The planner does all it has to at this moment."""
        self.clock.now = at
        while await self.planner.plan():
            pass

    async def last(self, person: Person) -> Brought:
        learner = await self.store.learner_at(person.event(Nothing).address)
        assert learner is not None
        return (await self.store.brought(learner))[0]

    async def parts(self) -> list[Any]:
        async with self.store.read() as look:
            rows = await look.connection.exec_driver_sql(
                "SELECT kind, priority, body, due_at FROM outbox WHERE kind <> 'reply' ORDER BY id"
            )
            return list(rows)


from bot.engine.events import Started as Nothing  # noqa: E402


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
    await world.plans(SEVEN)
    last = await world.last(ana)
    assert (last.occasion.way, last.occasion.reason, last.occasion.kind) == ("free_form", "window_open", "lesson")
    (part,) = await world.parts()
    assert part.priority > 0
    assert "lesson" in part.body
