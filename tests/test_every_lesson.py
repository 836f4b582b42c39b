"""Every lesson in every language, from its first card to "where next": short enough, and fit for every channel."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.channel import Channel
from bot.channels.console import ConsoleChannel, text_of
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import Client as TelegramClient
from bot.channels.web import WebChannel
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account, Client
from bot.channels.whatsapp.templates import TEMPLATES
from bot.content.rules.guessing import COLD, HEDGES, WARM, any_of
from bot.content.wording import Message, word
from bot.engine import path
from bot.engine.advance import advance
from bot.engine.arrive import newcomer
from bot.engine.course import Course, Lesson
from bot.engine.events import Address, Event, Said, Started, Tapped
from bot.engine.learner import FollowUp, Keep, Learner, Memory, Step
from bot.engine.pressing import DATA
from bot.engine.turn import Phrase, Why
from bot.service import Content
from bot.settings import Settings
from bot.web.lines import shown_message
from bot.wiring import read_content
from storage.rows import OutboxRow
from tests.fakes import telegram_rules
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio
from tests.makers import NOON

CONTENT = read_content(Settings(), set())
LESSONS = [lesson for course in CONTENT.library.courses for lesson in course.lessons]
LANGUAGES = [language.code for language in CONTENT.library.languages]
WORD = re.compile(r"\w+(?:[’'.,-]\w+)*")
PHONE = Address("whatsapp", "whatsapp:+34911234567")

ANSWER = re.compile(r"^q:\d+-(?!liked|so_so|not_for_me|skip)")

MESSAGES, WORDS, TOUR_WORDS = 10, 380, 200


@dataclass
class Walk:
    """A learner of a language going straight through a lesson; ``told`` is what they were shown."""

    content: Content
    language: str
    learner: Learner
    told: list[Message]
    count: int = 0

    def event(self, data: str) -> Event:
        self.count += 1
        at = NOON + timedelta(seconds=self.count)
        return Tapped(id=f"e{self.count}", address=Address("telegram", "1001"), at=at, data=data)

    def go(self, choice: int | None = None) -> None:
        """Takes the right option, or the first; a ``choice`` takes that one."""
        place = self.learner.place
        options = [option.data for option in self.told[-1].options]
        right = self._right() if place.step is Step.QUESTION and choice is None else None
        data = f"q:{place.serial}-{right}" if right else options[choice or 0]
        turn = advance(self.learner, self.event(data), self.content.library, NOON + timedelta(seconds=self.count))
        assert len(turn.says) == 1, "a tap brings one message"
        self.learner = turn.learner
        self.told.append(word(turn.says[0], self.language, self.content.catalogue))

    def _right(self) -> str:
        question = self.content.library.question(self.learner.place.item)
        assert question is not None
        form = question.form(self.learner.place.form)
        assert form is not None
        return next(option.id for option in form.options if option.right)


def begun(lesson: Lesson, language: str, seed: int = 3, **changes: Any) -> Walk:
    """At the door of the lesson, with consent and age behind them."""
    hello = Started(id="e", address=Address("telegram", "1001"), at=NOON, languages=(language,))
    learner = newcomer("learner", seed, hello, CONTENT.library)
    learner = learner.but(**{"keep": Keep.PLACE, "age_band": "25_plus", **changes})
    walk = Walk(CONTENT, language, path.begin(learner, lesson, CONTENT.library, NOON), [])
    from bot.engine.show import show

    walk.told.append(word(show(walk.learner, CONTENT.library), language, CONTENT.catalogue))
    return walk


def straight(lesson: Lesson, language: str, **how: Any) -> Walk:
    walk = begun(lesson, language, **how)
    while walk.learner.place.step is not Step.NEXT:
        walk.go()
    return walk


def words(message: Message) -> int:
    """What a learner reads: the reply, the body, and answers that stand on buttons (not Next, Source and faces)."""
    answers = [option for option in message.options if ANSWER.match(option.data) and not option.letter]
    labels = " ".join(option.label for option in answers)
    return len(WORD.findall(f"{message.lead} {message.body} {labels}"))


each = pytest.mark.parametrize(
    ("lesson", "language"),
    [pytest.param(lesson, code, id=f"{lesson.path}-{code}") for lesson in LESSONS for code in LANGUAGES],
)


@each
def test_the_straight_path_is_short(lesson: Lesson, language: str):
    """At most ten messages, and no more words than three minutes take; what comes after the lesson not counted."""
    assert language in lesson.languages
    for seed in range(6):  # so that every form comes up
        walk = straight(lesson, language, seed=seed)
        assert len(walk.told) <= MESSAGES
        read = sum(words(message) for message in walk.told[:-1]) + words(replace(walk.told[-1], body=""))
        assert read <= (TOUR_WORDS if lesson.course == "tour" else WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "course", [course for course in CONTENT.library.courses if course.follow_up], ids=lambda c: c.id
)
def test_the_last_lesson_of_a_course_is_short_with_its_promise(course: Course, language: str):
    """What is said about the weeks to come stands on a message that comes anyway, and in the same count of words."""
    *before, last = course.lessons
    for seed in range(6):
        walk = straight(last, language, seed=seed, done=tuple(lesson.path for lesson in before))
        assert CONTENT.catalogue.text(Phrase("follow_up.promise"), language) in walk.told[-1].lead
        assert [follow_up.days for follow_up in walk.learner.follow_ups] == [7, 28]
        assert len(walk.told) <= MESSAGES
        assert sum(words(message) for message in walk.told[:-1]) + words(replace(walk.told[-1], body="")) <= WORDS


@each
def test_no_two_messages_in_a_row_are_alike_and_none_is_empty(lesson: Lesson, language: str):
    texts = [text_of(message) for message in straight(lesson, language).told]
    assert all(text.strip() for text in texts)
    assert all(one != two for one, two in itertools.pairwise(texts))


def everything(lesson: Lesson, language: str) -> Iterator[Message]:
    """Every message a learner can meet in a lesson: each option of each question in each form, hints included."""
    for seed in range(4):
        for choice in (0, 1, 2):
            walk = begun(lesson, language, seed, keep=Keep.BOTH)
            while walk.learner.place.step not in (Step.NEXT, Step.ROLE, Step.FEEDBACK):
                answering = bool(ANSWER.match(walk.told[-1].options[-1].data))
                walk.go(choice if answering else 0)
                if walk.told[-1].body == walk.told[-2].body:
                    walk.go()
                assert len(walk.told) < 40
            yield from walk.told


@pytest.fixture(scope="module")
def channels() -> dict[str, Channel]:
    catalogue = CONTENT.catalogue
    telegram = TelegramChannel(TelegramClient("1:x"), lambda: catalogue)
    client = Client(Account(SID, TOKEN, SENDER))
    whatsapp = WhatsApp(client, public_url="https://x.org", words=catalogue.text, sign=str, clock=lambda: NOON)
    return {"telegram": telegram, "whatsapp": whatsapp, "web": WebChannel(), "console": ConsoleChannel()}


@each
def test_every_message_fits_every_channel(lesson: Lesson, language: str, channels: dict[str, Channel]):
    """Judged by the platforms' own rules: a call that would be refused is a fault."""
    templates = FakeTwilio(contents={name: {**t.body(), "sid": name} for name, t in TEMPLATES.items()})
    for message in {text_of(message): message for message in everything(lesson, language)}.values():
        tap = Tapped(id="e", address=Address("telegram", "1001"), at=NOON, data="q:1-a")
        for part in channels["telegram"].parts(message, tap):
            telegram_taken(part)
        for part in channels["whatsapp"].parts(message, replace(tap, address=PHONE)):
            whatsapp_taken(templates, channels["whatsapp"], part)
        assert shown_message(message)["side"] == "bot"
        assert len(message.body) + len(message.lead) <= 1024


@each
def test_a_review_and_what_is_asked_weeks_later_fit_every_channel(
    lesson: Lesson, language: str, channels: dict[str, Channel]
):
    templates = FakeTwilio(contents={name: {**t.body(), "sid": name} for name, t in TEMPLATES.items()})
    for message in weeks_later(lesson, language):
        tap = Tapped(id="e", address=Address("telegram", "1001"), at=NOON, data="q:1-a")
        assert len(message.body) + len(message.lead) <= 1024
        for part in channels["telegram"].parts(message, tap):
            telegram_taken(part)
        for part in channels["whatsapp"].parts(message, replace(tap, address=PHONE)):
            whatsapp_taken(templates, channels["whatsapp"], part)


def weeks_later(lesson: Lesson, language: str) -> Iterator[Message]:
    """A review of the lesson's questions and its follow-up, with every miss there can be."""
    from bot.engine.show import show

    met = {question.id: Memory(due=NOON, exposures=1, right=True) for question in lesson.questions}
    for seed, choice in itertools.product(range(3), range(3)):
        learner = begun(lesson, language, seed, keep=Keep.BOTH, memory=met).learner
        reviewing = path.begin_review(learner, tuple(met), CONTENT.library, NOON)
        asked_later = path.begin_follow_up(learner, FollowUp(lesson.course, 7, NOON), CONTENT.library, NOON)
        for there in (reviewing, asked_later):
            walk = Walk(CONTENT, language, there, [word(show(there, CONTENT.library), language, CONTENT.catalogue)])
            while walk.learner.place.step in path.BESIDE:
                walk.go(choice)
            yield from walk.told


@each
def test_every_card_can_be_found_and_quoted_in_one_message(lesson: Lesson, language: str, channels: dict[str, Channel]):
    """With its sources, the other finds, and buttons that any platform takes."""
    templates = FakeTwilio(contents={name: {**t.body(), "sid": name} for name, t in TEMPLATES.items()})
    found = searched(lesson, language)
    assert any(option.data == f"l:{lesson.course}_{lesson.id}" for message in found for option in message.options)
    for message in found:
        said = Said(id="e", address=Address("telegram", "1001"), at=NOON, text="ask")
        assert len(message.body) <= 1024
        assert all(DATA.fullmatch(option.data) for option in message.options)
        for part in channels["telegram"].parts(message, said):
            telegram_taken(part)
        for part in channels["whatsapp"].parts(message, replace(said, address=PHONE)):
            whatsapp_taken(templates, channels["whatsapp"], part)


@each
def test_what_the_clock_brings_is_one_call_where_calls_cost(
    lesson: Lesson, language: str, channels: dict[str, Channel]
):
    """Budgets reckon with that: a first message, or the one where a learner stopped, under the longest greeting."""
    hellos = ("daily.hello.lesson", "daily.hello.review", "daily.hello.follow_up", "daily.go_on")
    lead = max((CONTENT.catalogue.text(Phrase(key), language) for key in hellos), key=len)
    shown = {message.body: message for message in (*everything(lesson, language), *weeks_later(lesson, language))}
    parts = {body: channels["whatsapp"].parts(replace(message, lead=lead), None) for body, message in shown.items()}
    assert [body for body, calls in parts.items() if len(calls) != 1] == []


def searched(lesson: Lesson, language: str) -> list[Message]:
    """The answer to ASK with the lesson's title, and each of its cards as the button of a find shows it."""
    walk = begun(lesson, language)
    title = CONTENT.catalogue.label(lesson.title, language)
    finds = [f"f:{lesson.course}_{lesson.id}_{card}" for card in ("", *(card.id for card in lesson.cards))]
    asked = Said(id="e", address=Address("telegram", "1001"), at=NOON, text=f"ask {title}")
    turns = [advance(walk.learner, event, CONTENT.library, NOON) for event in (asked, *map(walk.event, finds))]
    return [word(turn.says[0], language, CONTENT.catalogue) for turn in turns]


def telegram_taken(part: Any) -> None:
    args = {key: value for key, value in part.items() if key not in ("method", "otherwise", "picture", "language")}
    telegram_rules.checked(part["method"], {"chat_id": 1001, "parse_mode": "HTML", **args})


def whatsapp_taken(twilio: FakeTwilio, channel: Any, part: Any) -> None:
    row = OutboxRow(1, "l", PHONE, 1, "whatsapp", part, 0, NOON, 0, "waiting", "reply", NOON)
    for known in ({}, {template.name: key for key, template in TEMPLATES.items()}):
        channel.known = known
        fields = channel.fields(row)
        if fields is not None:
            twilio._taken({"To": PHONE.id, "From": SENDER, **fields})


def test_the_first_reward_comes_after_one_tap_and_at_most_a_hundred_words():
    from bot.engine.arrive import arrive

    for language in LANGUAGES:
        hello = Started(id="e", address=Address("telegram", "1001"), at=NOON, languages=(language,))
        learner = newcomer("learner", 3, hello, CONTENT.library)
        move = arrive(learner, CONTENT.library, NOON)
        assert move.aside is not None
        first = word(move.aside, language, CONTENT.catalogue)
        walk = Walk(CONTENT, language, move.learner, [first])
        walk.go()
        assert words(first) + words(walk.told[-1]) <= 100, language


def test_every_lesson_is_there_in_every_language():
    assert len(LESSONS) == 36
    assert {lesson.course for lesson in LESSONS} == {"tour", "module-1", "module-2"}
    assert all(lesson.languages == frozenset(LANGUAGES) for lesson in LESSONS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["longest", "shortest", "most hedged", "most warm words", "fewest cold words"])
def test_guessing_by_looks_is_no_better_than_chance(language: str, which: str):
    """Always taking the longest, shortest or most careful option is right one time in three (99 % interval).

    So is taking what says *vote* and *together* most often, or *never* and *only* least often.
    """
    hedges, warm, cold = (any_of(CONTENT.catalogue.text(Phrase(key), language)) for key in (HEDGES, WARM, COLD))
    looks = {
        "longest": len,
        "shortest": lambda label: -len(label),
        "most hedged": lambda label: len(hedges.findall(label)),
        "most warm words": lambda label: len(warm.findall(label)),
        "fewest cold words": lambda label: -len(cold.findall(label)),
    }
    hits = forms = 0
    for lesson in LESSONS:
        for question in lesson.questions:
            for form in question.forms:
                has = {o.id: looks[which](CONTENT.catalogue.label(o.label, language)) for o in form.options}
                best = [o for o in form.options if has[o.id] == max(has.values())]
                hits += sum(o.right for o in best) / len(best)
                forms += 1
    assert abs(hits / forms - 1 / 3) < 2.58 * (1 / 3 * 2 / 3 / forms) ** 0.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_who_missed_twice_is_told_yes(language: str):
    """The reason of the right answer is told without its "Yes." when it was not theirs."""
    yes = CONTENT.catalogue.text(Phrase("answer.yes.words"), language).casefold().split(", ")
    for lesson in LESSONS:
        for option in (o for q in lesson.questions for form in q.forms for o in form.options if o.right and o.line):
            told = CONTENT.catalogue.text(Why(option.line), language).casefold()
            assert not any(re.match(rf"{re.escape(word)}\b", told) for word in yes), (lesson.path, told)
            assert told
