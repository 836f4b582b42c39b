"""Golden conversations: the learner writes, the bot answers, in real words.

Each file in the folder of a language is a talk. It is played through the service on a real database, so the learner
is saved and loaded again between any two messages. ``sse-bot chat --save FILE`` records a new one, and
``python -m tests.conversations`` writes all of them anew after words have changed on purpose.

    language: es          the language the platform guesses
    seed: 7               draws the forms and the order of options
    channel: whatsapp     where it is held; the terminal if nothing is said
    zone: Africa/Dakar    the time zone the platform tells, if it does
    talk:
      - bot: …            what the bot says, word for word
      - me: hola          what is typed
      - tap: Siguiente    a button by its words (or letter)
      - sends: voice      something that is no text
      - wait: 2 days      time goes by, and the planner brings what is due meanwhile, each in its minute
      - clock: 25.11. 6:59   the same, until the learner's clocks show this (a talk begins on 24.11. at noon, UTC)
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.channels.console import ConsoleChannel, text_of
from bot.content.message_policy import read_rules
from bot.content.wording import Message
from bot.delivery.planner import Planner
from bot.engine.events import Address, Event, LessonDue, Said, SentOther, Started, Tapped
from bot.service import Content, Service
from bot.wiring import running
from bot.wiring.house import POLICIES
from storage.store import Store
from tests.makers import NOON

FOLDER = Path(__file__).parent
TALKS = sorted(file for file in FOLDER.glob("*/*.yaml") if file.parent.name != "kinds")
RULES = read_rules(POLICIES)


class Screen(ConsoleChannel):
    """Shows what is brought like what is answered."""

    brings = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.brought: list[Message] = []

    def parts(self, message: Message, event: Event | None) -> list[dict[str, object]]:
        if isinstance(event, LessonDue):
            self.brought.append(message)
        return []


class Played:
    """A talk being played, line by line."""

    def __init__(self, store: Store, content: Content, talk: dict[str, Any]) -> None:
        self.now = NOON
        self.count = 0
        self.language, seed = talk["language"], talk["seed"]
        self.zone = talk.get("zone")
        self.store, self.screen = store, Screen(talk.get("channel", "console"))
        self.me = Address(self.screen.name, "me")
        self.service = Service(
            store,
            lambda: content,
            {self.screen.name: self.screen},
            clock=self.clock,
            new_id=lambda: ("learner", seed),
        )
        self.planner = Planner(self.service, store, RULES, content=lambda: content, clock=self.clock)
        self.said: list[Message] = []

    def clock(self) -> datetime:
        return self.now

    async def happens(self, made_of: type[Event], **what: Any) -> None:
        self.count += 1
        self.now += timedelta(seconds=5)
        told = {"languages": (self.language,), "zone": self.zone}
        event = made_of(id=f"e{self.count}", address=self.me, at=self.now, **told, **what)
        self.said = list((await self.service.handle(event)).messages)
        self.last = self.said[0]

    async def passes(self, until: datetime) -> None:
        """The clock goes from one due moment to the next, and the planner does what it has to at each."""
        self.screen.brought.clear()
        while (due := await self.store.next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            await self.planner.plan()
        self.now = until
        self.said = list(self.screen.brought)
        self.last = self.said[-1] if self.said else self.last

    def shown_on_clocks(self, moment: str) -> datetime:
        """``25.11. 6:59`` on the learner's clocks, or in universal time where nobody knows theirs."""
        zone = ZoneInfo(self.zone or "UTC")
        return datetime.strptime(f"{NOON.year} {moment}", "%Y %d.%m. %H:%M").replace(tzinfo=zone).astimezone(UTC)

    def button(self, words: str) -> str:
        options = [*self.last.options, *self.last.extra]
        found = [option.data for option in options if words in (option.label, option.letter)]
        assert found, f"no button says {words!r}, only {[option.label for option in options]}"
        return found[0]

    async def play(self, line: dict[str, str]) -> None:
        match line:
            case {"me": words}:
                await self.happens(Said, text=words)
            case {"tap": words}:
                await self.happens(Tapped, data=self.button(words))
            case {"sends": kind}:
                await self.happens(SentOther, kind=kind)
            case {"wait": time}:
                number, unit = time.split()
                await self.passes(self.now + timedelta(**{unit if unit.endswith("s") else f"{unit}s": int(number)}))
            case {"clock": moment}:
                await self.passes(self.shown_on_clocks(moment))
            case {"bot": _}:
                pass
            case _:
                raise ValueError(f"a line is me, tap, sends, wait, clock or bot: {line}")


def written(file: Path) -> dict[str, Any]:
    talk: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return talk


async def goes_as_written(talk: dict[str, Any], store: Store, content: Content) -> None:
    """Plays a talk and compares every word the bot says."""
    played = Played(store, content, talk)
    async with running(played.service.run()):
        await played.happens(Started)
        for line in talk["talk"]:
            if "bot" in line:
                assert played.said, f"the bot said nothing before: {line['bot'][:60]}"
                assert text_of(played.said.pop(0)).strip() == line["bot"].strip()
            else:
                assert not played.said, f"the bot also said: {text_of(played.said[0])}"
                await played.play(line)
    assert not played.said, f"the bot also said: {text_of(played.said[0])}"


@pytest.mark.parametrize("file", TALKS, ids=[str(talk.relative_to(FOLDER)) for talk in TALKS])
async def test_the_talk_goes_as_it_is_written(file: Path, store: Store, content: Content):
    await goes_as_written(written(file), store, content)


def test_there_is_a_talk_in_every_language(content: Content):
    told = {written(file)["language"] for file in TALKS}
    assert told >= {language.code for language in content.library.languages}
