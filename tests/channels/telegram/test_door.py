"""Groups get one line once in a while, in words of their language, and only where there are words."""

from dataclasses import dataclass, replace

import pytest

from bot.channels.telegram.door import GAPS, PRIVATE, Door
from bot.channels.telegram.parse import AnswerTap, AskPrivate
from bot.content.catalogue import Catalogue
from bot.service import Content
from tests.channels.telegram.test_webhook import House
from tests.makers import NOON

LINE = "Write to me in private: {link}"
GROUP = AskPrivate(-100, "en-GB", asked=False)


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(content: Content, clock: Clock) -> Door:
    words = {"en": {PRIVATE: (LINE,)}, "es": {PRIVATE: ("Escríbeme en privado: {link}",)}}
    catalogue = Catalogue(content.library.languages, words, {})
    made = Door(House(), lambda: catalogue, clock=lambda: NOON, monotonic=clock)
    made.link = "https://t.me/sse_bot"
    return made


def test_a_group_is_told_where_to_write(door: Door) -> None:
    told = door.worded(GROUP)
    assert told == {"method": "sendMessage", "chat_id": -100, "text": "Write to me in private: https://t.me/sse_bot"}


def test_it_is_told_in_the_language_of_whoever_wrote(door: Door) -> None:
    told = door.worded(replace(GROUP, language="es-MX"))
    assert told is not None
    assert str(told["text"]).startswith("Escríbeme")


def test_a_busy_group_is_told_once_a_day(door: Door, clock: Clock) -> None:
    assert door.worded(GROUP)
    clock.seconds = GAPS[False] - 1
    assert door.worded(GROUP) is None
    clock.seconds = GAPS[False]
    assert door.worded(GROUP)


def test_somebody_who_calls_the_bot_is_told_again_after_a_minute(door: Door, clock: Clock) -> None:
    assert door.worded(GROUP)
    calling = replace(GROUP, asked=True)
    assert door.worded(calling) is None
    clock.seconds = GAPS[True]
    assert door.worded(calling)


def test_in_a_forum_it_is_told_in_the_topic_where_the_bot_was_called(door: Door) -> None:
    told = door.worded(replace(GROUP, asked=True, topic=42))
    assert told is not None
    assert (told["chat_id"], told["message_thread_id"]) == (-100, 42)


def test_groups_are_told_apart(door: Door) -> None:
    assert door.worded(GROUP)
    assert door.worded(replace(GROUP, chat=-200))


def test_a_tap_elsewhere_gets_words_and_one_at_home_none(door: Door) -> None:
    assert door.worded(AnswerTap("q")) == {"method": "answerCallbackQuery", "callback_query_id": "q"}
    refused = door.worded(AnswerTap("q", refused="en"))
    assert refused is not None
    assert str(refused["text"]).startswith("Write to me")


def test_without_words_nothing_is_said(content: Content) -> None:
    silent = Door(House(), lambda: Catalogue(content.library.languages, {"en": {}}, {}), clock=lambda: NOON)
    assert silent.worded(GROUP) is None
