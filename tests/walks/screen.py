"""Reads a screen by its words, as somebody who knows the lessons would."""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.content.wording import Message
from bot.engine.course import Question
from bot.engine.turn import Phrase, Text
from bot.service import Content

PLACE = re.compile(r"^([qn]):(\d+)(?:-(.+))?$")
BETWEEN = {"consent": {"both", "place", "nothing"}, "age": {"under", "young", "grown"}}
HELLOS = {
    **{name: f"daily.hello.{name}" for name in ("lesson", "review", "follow_up")},
    "go_on": "daily.go_on",
    "slower": "daily.slower",
}
FACES = {"liked", "so_so", "not_for_me"}


@dataclass(frozen=True)
class Asked:
    """What stands in front of a walker, as read off the screen."""

    what: str  # a phase, or consent, age, role, hook, card
    serial: int
    since: datetime
    question: Question | None = None
    form: str = ""
    text: Text | None = None
    lesson: str = ""
    tries: int = 0
    beside: bool = False  # a review or follow-up: the lesson waits

    @property
    def _sitting(self) -> tuple[object, ...]:
        return self.what, self.question, self.form, self.beside

    def same_as(self, other: "Asked | None") -> bool:
        return other is not None and self._sitting == other._sitting


class Eyes:
    """Reads a screen by its words, as somebody who knows the lessons would."""

    def __init__(self, content: Content) -> None:
        self.library, self.catalogue = content.library, content.catalogue
        self.lessons = [lesson for course in self.library.courses for lesson in course.lessons]
        quiz = [question for lesson in self.lessons for question in lesson.questions]
        self.opinions = {feedback.question.id for feedback in self.library.feedback}
        assert self.library.follow_up is not None
        self.used = self.library.follow_up
        asked = [*quiz, *(feedback.question for feedback in self.library.feedback), self.used]
        self.questions = {
            language.code: [(self.words(f.text, language.code), q, f) for q in asked for f in q.forms]
            for language in self.library.languages
        }
        self.hooks = {
            language.code: [(self.words(lesson.hook.text, language.code), lesson.path) for lesson in self.lessons]
            for language in self.library.languages
        }

    def words(self, text: Text, language: str) -> str:
        return self.catalogue.text(text, language).strip()

    def shows(self, key: str, screen: Message) -> bool:
        return self.words(Phrase(key), screen.language) in screen.body

    def tells(self, key: str, screen: Message) -> str:
        """What stands after the first words of a text with something in it, as its line goes on; empty if not there."""
        opening = self.words(Phrase(key), screen.language).split("{")[0]
        _, found, rest = f"{screen.lead}\n{screen.body}".partition(opening)
        return rest.splitlines()[0] if found else ""

    def hello(self, screen: Message) -> str:
        """What the clock has brought, as its first line says."""
        lines = {name: self.words(Phrase(key), screen.language) for name, key in HELLOS.items()}
        return next((name for name, line in lines.items() if line in f"{screen.lead}\n{screen.body}"), "")

    def read(self, screen: Message, now: datetime) -> Asked | None:
        """The place that is shown; None for a list, help, or where next."""
        found = [match for option in screen.options if (match := PLACE.match(option.data))]
        if not found:
            return None
        serial, choices = int(found[0][2]), {match[3] for match in found}
        for what, only in (*BETWEEN.items(), ("reaction", FACES)):
            if choices == only:
                return Asked(what, serial, now)
        if choices == {None}:
            return Asked("card", serial, now)
        if self.shows("role.ask", screen):
            return Asked("role", serial, now)
        return self._question(screen, serial, now) or self._hook(screen, serial, now)

    def _question(self, screen: Message, serial: int, now: datetime) -> Asked | None:
        there = [one for one in self.questions[screen.language] if one[0] in screen.body]
        if not there:
            return None
        _, question, form = max(there, key=lambda one: len(one[0]))
        what = "feedback" if question.id in self.opinions else "quiz"
        what = "review" if self.shows("warm_up.intro", screen) else what
        what = "pre" if self.shows("before.intro", screen) else what
        what = "recall" if self._recalls(screen) else what
        what = "follow_up" if question == self.used else what
        beside = what in ("recall", "follow_up") or self.shows("review.intro", screen)
        what = "review" if self.shows("review.intro", screen) else what
        lesson = question.id.rpartition("/")[0] if what in ("pre", "quiz") else ""
        return Asked(what, serial, now, question, form.id, form.text, lesson, beside=beside)

    def _recalls(self, screen: Message) -> bool:
        titles = (course.title for course in self.library.courses)
        return any(self.words(Phrase("recall.intro", {"title": t}), screen.language) in screen.body for t in titles)

    def _hook(self, screen: Message, serial: int, now: datetime) -> Asked:
        (lesson,) = [path for words, path in self.hooks[screen.language] if words in screen.body]
        return Asked("hook", serial, now, lesson=lesson)

    def english(self, asked: Asked, choice: str) -> str:
        """An option's label in English."""
        if asked.what == "reaction":
            return self.catalogue.label(Phrase(f"reaction.{choice}"), "en")
        assert asked.question is not None
        match asked.question.kind:
            case "rating5":
                return self.catalogue.label(Phrase(f"rating5.{choice}"), "en")
            case "rating10":
                return choice
        option = next(
            o for form in asked.question.forms if form.id == asked.form for o in form.options if o.id == choice
        )
        return self.catalogue.label(option.label, "en")
