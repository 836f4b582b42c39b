"""Makes small courses, learners and events for tests, so that a story needs one line of set-up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from rapidfuzz.distance import OSA

from bot.engine.advance import advance
from bot.engine.arrive import newcomer
from bot.engine.course import Card, Course, Feedback, Form, Hook, Language, Lesson, Library, Option, Question, Source
from bot.engine.events import Address, Event, Said, SentOther, Started, Tapped
from bot.engine.learner import Learner
from bot.engine.turn import Choice, City, Phrase, Say, Text, Turn, Verbatim, When, Why, Words

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADDRESS = Address("console", "me")
SERIAL = count(1)

WORDS = (
    "start menu lessons next back skip daily pause why stop language light progress review feedback privacy mydata "
    "delete help"
)
TALK = {"thanks": "talk:thanks", "who are you": "talk:who", "hello": "hello:en"}
ENGLISH = {word: word for word in WORDS.split()} | TALK
SPANISH = {**ENGLISH, "hola": "hello:es", "ayuda": "help", "menu": "menu"}


def v(text: str) -> Verbatim:
    return Verbatim(text)


def option(id_: str, *, right: bool = False) -> Option:
    return Option(id_, v(f"option {id_}"), right, v(f"why {id_}" if right else f"hint {id_}"))


def question(id_: str, *, key: bool = False, forms: int = 2) -> Question:
    made = tuple(
        Form("abc"[n], v(f"{id_} {'abc'[n]}?"), (option("good", right=True), option("bad"), option("worse")))
        for n in range(forms)
    )
    return Question(id_, "choice", made, key=key)


def lesson(id_: str, course: str = "one", **changes: Any) -> Lesson:
    path = f"{course}/{id_}"
    made = Lesson(
        course=course,
        id=id_,
        title=v(f"Title {id_}"),
        about=v(f"About {id_}"),
        hook=Hook(
            v(f"hook {id_}"),
            (Option("yes", v("Yes!"), line=v("reply yes")), Option("no", v("No!"), line=v("reply no"))),
        ),
        cards=(Card("first", v(f"first card of {id_}"), ("book",)), Card("second", v(f"second card of {id_}"))),
        questions=(question(f"{path}/key", key=True, forms=3), question(f"{path}/other")),
        takeaway=v(f"takeaway {id_}"),
        thought=v(f"thought {id_}"),
        version="v1",
        languages=frozenset({"en", "es"}),
    )
    return replace(made, **changes)


def feedback(id_: str, kind: str, **when: int) -> Feedback:
    options = tuple(Option(o, v(f"choice {o}")) for o in ("x", "y", "z")) if kind in ("choice", "multiple") else ()
    return Feedback(Question(id_, kind, (Form("a", v(f"{id_}?"), options),)), **when)


def label(text: Text, language: str) -> str:
    match text:
        case Verbatim():
            return text.text
        case Phrase(values=values) if "label" in values:
            return f"✔ {label(values['label'], language)}"  # type: ignore[arg-type]
        case Phrase():
            return text.key
        case Words():
            return text.key
        case Why():
            return label(text.line, language)
        case When():
            return f"{text.at:%Y-%m-%d %H:%M} {text.zone}"
        case City():
            return text.zone.rpartition("/")[2]


def library(*lessons: Lesson, **changes: Any) -> Library:
    lessons = lessons or (lesson("alpha"), lesson("beta"), lesson("gamma"))
    made = Library(
        courses=(Course("one", v("Course one"), v("About one"), lessons),),
        feedback=(feedback("clear", "rating5"), feedback("recommend", "rating10"), feedback("change", "open")),
        languages=(Language("en", "English"), Language("es", "Español")),
        sources={"book": Source("book", "A Book", "A Press", "2022", "https://example.org/book")},
        label=label,
        typed=lambda language: SPANISH if language == "es" else ENGLISH,
        distance=OSA.distance,
        age_limit=lambda country: 13 if country == "XX" else 16,
        helpline=lambda country: "Line of FR: 119" if country == "FR" else None,
        campaigns=lambda code: code == "poster",
    )
    return replace(made, **changes)


class Talk:
    """A learner talking to the engine, with a clock that the test moves."""

    def __init__(self, library: Library, *, seed: int = 1, languages: tuple[str, ...] = ("en",), **facts: Any) -> None:
        self.library, self.seed, self.now = library, seed, NOON
        self.facts = {"languages": languages, **facts}
        self.learner: Learner | None = None
        self.turn: Turn | None = None
        self.turns: list[Turn] = []

    def _event(self, made_of: type, **what: Any) -> Event:
        self.now += timedelta(seconds=7)
        made: Event = made_of(id=f"e{next(SERIAL)}", address=ADDRESS, at=self.now, **self.facts, **what)
        return made

    def happens(self, event: Event) -> Turn:
        learner = self.learner or newcomer("learner", self.seed, event, self.library)
        self.turn = advance(learner, event, self.library, self.now)
        self.learner = self.turn.learner
        self.turns.append(self.turn)
        return self.turn

    def start(self, campaign: str | None = None) -> Turn:
        return self.happens(self._event(Started, campaign=campaign))

    def says(self, text: str) -> Turn:
        return self.happens(self._event(Said, text=text))

    def taps(self, data: str) -> Turn:
        return self.happens(self._event(Tapped, data=data))

    def sends(self, kind: str) -> Turn:
        return self.happens(self._event(SentOther, kind=kind))

    def picks(self, words: str) -> Turn:
        """Taps the button whose label holds these words."""
        return self.taps(self.find(words).data)

    def find(self, words: str) -> Choice:
        return next(choice for choice in self.say.choices if words in label(choice.label, "en"))

    @property
    def say(self) -> Say:
        assert self.turn is not None
        assert len(self.turn.says) == 1
        return self.turn.says[0]

    @property
    def lead(self) -> list[str]:
        return [label(text, "en") for text in self.say.lead]

    @property
    def body(self) -> list[str]:
        return [label(text, "en") for text in self.say.body]

    @property
    def rows(self) -> list[Any]:
        return [record for turn in self.turns for record in turn.records]

    def wait(self, **time: float) -> "Talk":
        self.now += timedelta(**time)
        return self

    def at_first_question(self, keep: str = "both", age: str = "young") -> "Talk":
        """Through hook and cards of the first lesson, consent and age."""
        self.start()
        self.picks("Yes!")
        self.picks("button.next")
        self.picks("button.next")
        self.picks(f"consent.{keep}")
        if keep != "nothing":
            self.picks(f"age.{age}")
        return self

    def finish_lesson(self) -> "Talk":
        """From the first question through to the reaction, all right."""
        self.picks("good")
        self.picks("good")
        self.picks("reaction.liked")
        return self
