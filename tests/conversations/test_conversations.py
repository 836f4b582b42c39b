"""Golden conversations: the learner writes, the bot answers, in real words.

Each file in the folder of a language is a talk. It is played through the service on a real database, so the learner
is saved and loaded again between any two messages. ``sse-bot chat --save FILE`` records a new one, and
``python -m tests.conversations`` writes all of them anew after words have changed on purpose.

    language: es          the language the platform guesses
    seed: 7               draws the forms and the order of options
    talk:
      - bot: …            what the bot says, word for word
      - me: hola          what is typed
      - tap: Siguiente    a button by its words (or letter)
      - sends: voice      something that is no text
      - wait: 2 days      time goes by
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.console import ConsoleChannel, text_of
from bot.content.wording import Message
from bot.engine.events import Address, Event, Said, SentOther, Started, Tapped
from bot.service import Content, Service
from bot.wiring import running
from storage.store import Store
from tests.makers import NOON

FOLDER = Path(__file__).parent
TALKS = sorted(file for file in FOLDER.glob("*/*.yaml") if file.parent.name != "kinds")
ME = Address("console", "me")


class Played:
    """A talk being played, line by line."""

    def __init__(self, store: Store, content: Content, talk: dict[str, Any]) -> None:
        self.now = NOON
        self.count = 0
        self.language, seed = talk["language"], talk["seed"]
        self.service = Service(
            store, lambda: content, {"console": ConsoleChannel()}, clock=self.clock, new_id=lambda: ("learner", seed)
        )
        self.said: list[Message] = []

    def clock(self) -> datetime:
        return self.now

    async def happens(self, made_of: type[Event], **what: Any) -> None:
        self.count += 1
        self.now += timedelta(seconds=5)
        event = made_of(id=f"e{self.count}", address=ME, at=self.now, languages=(self.language,), **what)
        self.said = list((await self.service.handle(event)).messages)
        self.last = self.said[0]

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
                self.now += timedelta(**{unit if unit.endswith("s") else f"{unit}s": int(number)})
            case {"bot": _}:
                pass
            case _:
                raise ValueError(f"a line is me, tap, sends, wait or bot: {line}")


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
