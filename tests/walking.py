"""Somebody on a random walk through the course, who keeps books of their own.

A walker sees only what a learner sees: it reads off the screen which question stands in front of it, and remembers what
it has answered and what may be kept. Nothing of that is asked of the engine, so the two must agree cell by cell.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from rapidfuzz.distance import Levenshtein

from bot.channels.console import text_of
from bot.content.wording import Message, Option
from bot.engine.course import Question
from bot.engine.events import Address, Event, Said, SentOther, Started, Tapped
from bot.engine.turn import Phrase, Text
from bot.service import Content, Outcome
from tests.service.house import Clock

PLACE = re.compile(r"^([qn]):(\d+)(?:-(.+))?$")
BETWEEN = {"consent": {"both", "place", "nothing"}, "age": {"under", "young", "grown"}}
FACES = {"liked", "so_so", "not_for_me"}
BANDS = {"under": "under_16", "young": "16_24", "grown": "25_plus"}
KEPT_BANDS = {"16_24", "25_plus"}
SCORED = {"pre", "quiz", "review"}
OPINIONS = {"reaction", "feedback", "role"}

COMMANDS = [
    "menu",
    "help",
    "progress",
    "privacy",
    "mydata",
    "language",
    "lessons",
    "back",
    "next",
    "skip",
    "stop",
    "start",
    "ask",
    "light",
    "delete",
]
TALK = ["thanks", "who are you", "hi", "bye"]
EVEN_IN_OWN_WORDS = {"stop", "menu", "help", "delete", "skip"}
NONSENSE = ["qwzx plmk vbnt", "🤷", "…", "99", "wkrz, wkrz!", "?!"]
WORDS = [
    "More from Senegal, please.",
    "start earlier",
    '=HYPERLINK("https://evil.example")',
    "+34 911 234 567 is my number",
    'Two\nlines, and "quotes"; all kept',
    "-5 for the pictures",
    "@lina_91 says 🙂",
    "next",
    "A",
    "2",
]
SECRETS_IN_WORDS = ("911 234 567", "lina_91", "evil.example")
KINDS = ["voice", "photo", "sticker", "location", "contact", "file", "hologram"]

Row = dict[str, str]


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

    def same_as(self, other: "Asked | None") -> bool:
        return other is not None and (self.what, self.question, self.form) == (other.what, other.question, other.form)


class Eyes:
    """Reads a screen by its words, as somebody who knows the lessons would."""

    def __init__(self, content: Content) -> None:
        self.library, self.catalogue = content.library, content.catalogue
        self.lessons = [lesson for course in self.library.courses for lesson in course.lessons]
        quiz = [question for lesson in self.lessons for question in lesson.questions]
        self.opinions = {feedback.question.id for feedback in self.library.feedback}
        asked = [*quiz, *(feedback.question for feedback in self.library.feedback)]
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
        lesson = question.id.rpartition("/")[0] if what in ("pre", "quiz") else ""
        return Asked(what, serial, now, question, form.id, form.text, lesson)

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


@dataclass
class Known:
    """What is known of somebody until they have themselves deleted; ``rows`` is what must be exported."""

    rows: list[Row] = field(default_factory=list)
    keep: str = ""
    age: str = ""
    role: str = ""
    campaign: str = ""
    lesson: str = ""
    done: set[str] = field(default_factory=set)
    met: Counter[str] = field(default_factory=Counter)
    drawn: dict[str, bool] = field(default_factory=dict)

    @property
    def shares(self) -> bool:
        return self.keep == "both" and self.age in KEPT_BANDS


class Walker:
    """Somebody who does one thing after another, and remembers all of it."""

    def __init__(self, seed: int, number: int, eyes: Eyes, clock: Clock) -> None:
        self.dice, self.eyes, self.clock = Random(seed), eyes, clock
        self.address = Address(self.dice.choice(["web", "console"]), f"canary-address-{number}-{seed}")
        self.language = self.dice.choice(["en", "es", "fr", "tlh"])
        self.diligence = self.dice.choice([0.0, 0.5, 0.95])  # some wander, some go straight on
        self.country = self.dice.choice([None, "FR", "SN"])
        self.known, self.erased = Known(), 0
        self.asked: Asked | None = None
        self.screen: Message | None = None
        self.talk: list[str] = []
        self.old: list[str] = []
        self.joined = self.events = 0
        self.picked: list[str] = []
        self.sitting: Asked | None = None  # a question missed once: its next try is the second
        self.over = self.opens = self.erases = False  # what the last act did to the place

    # --- acts -----------------------------------------------------------------------------------------------

    def acts(self) -> Event:
        self.over = self.opens = self.erases = False
        if self.screen is None:
            return self._starts()
        roll = self.dice.random()
        if self._words_wanted and roll < 0.5:
            return self._types(self.dice.choice(WORDS))
        if self.dice.random() < self.diligence:
            return self._goes_on()
        for chance, act in (
            (0.66, self._goes_on), (0.76, self._commands), (0.81, self._presses_old), (0.84, self._is_unclear),
            (0.86, self._sends), (0.89, self._switches), (0.91, self._starts), (0.94, self._comments),
        ):  # fmt: skip
            if roll < chance:
                return act()
        return self._answers_behind()

    def _event(self, made_of: type[Event], **what: object) -> Event:
        self.events += 1
        self.talk.append(f"> {made_of.__name__} {what}")
        return made_of(
            id=f"{self.address.id}-{self.events}", address=self.address, at=self.clock(),
            languages=(self.language,), country=self.country, **what,
        )  # fmt: skip

    @property
    def _words_wanted(self) -> bool:
        return self._commenting or (self._own_words and self._at_place)

    @property
    def _commenting(self) -> bool:
        return self.screen is not None and self.eyes.shows("feedback.ask", self.screen)

    @property
    def _own_words(self) -> bool:
        return self._asks("open")

    @property
    def _at_place(self) -> bool:
        return self.screen is not None and any(PLACE.match(option.data) for option in self.screen.options)

    def _asks(self, *kinds: str) -> bool:
        return self.asked is not None and self.asked.question is not None and self.asked.question.kind in kinds

    @property
    def _stands(self) -> bool:
        """Whether a question is in front, perhaps behind what is on the screen."""
        return self.asked is not None and (self.asked.question is not None or self.asked.what == "reaction")

    def _starts(self) -> Event:
        campaign = self.dice.choice([None, None, "poster", "nobody-knows-it"])
        if campaign == "poster" and not self.known.campaign:
            self.known.campaign = campaign
            self.joined += 1
        if self.screen is not None and campaign == "poster" and self.dice.random() < 0.5:
            return self._event(Said, text="START poster")
        return self._event(Started, campaign=campaign)

    def _goes_on(self) -> Event:
        assert self.screen is not None
        options = list(self.screen.options)
        if not options:
            return self._commands("next")
        likely = {"c:on": 4, "c:erase": 1, "c:keep-place": 1, "c:keep-nothing": 1, "c:enough": 1, "c:next-lesson": 6}
        ends = {"both": 16, "place": 1, "nothing": 1, "under": 1, "young": 5, "grown": 5}
        weights = [
            likely.get(o.data, 1) * ends.get(o.data.partition("-")[2], 2) * (1 if o.minor else 3) for o in options
        ]
        position = self.dice.choices(range(len(options)), weights)[0]
        return self._chooses(options, position)

    def _chooses(self, options: Sequence[Option], position: int) -> Event:
        """One of the options on the screen, in one of the ways that mean it."""
        option, way = options[position], self.dice.choice(["tap", "tap", "number", "letter", "label", "typo"])
        text = self._typed(options, position, way)
        if text is None or self._words_wanted:
            self._presses(option.data)
            return self._event(Tapped, data=option.data)
        if self._asks("multiple") and self._at_place and way in ("number", "letter"):
            self._answers([option.data.partition("-")[2]])
        else:
            self._presses(option.data)
        return self._event(Said, text=text)

    def _typed(self, options: Sequence[Option], position: int, way: str) -> str | None:
        """The option as typed words; None where these words could mean something else."""
        labels = [option.label for option in options]
        label, at_question = labels[position], self._stands and self._at_place
        is_answer = not at_question or (not options[position].minor and not options[position].data.endswith("-done"))
        match way:
            case "label" if "…" not in label and len({text.casefold() for text in labels}) == len(labels):
                return self.dice.choice([label, label.upper(), f"  {label.lower()} "])
            case "typo" if at_question and is_answer and not self._asks("multiple", "rating10", "open"):
                others = [text for text in labels if text != label]
                clear = len(label) >= 8 and label.isascii() and all(Levenshtein.distance(label, o) > 4 for o in others)
                return label[:4] + label[5:] if clear and "·" not in label and "…" not in label else None
            case "number" if is_answer and not any(re.sub(r"\W", "", text).isdigit() for text in labels):
                return str(position + 1)
            case "letter" if is_answer and not self._asks("rating10") and (self._at_place or not self._stands):
                return self.dice.choice("aA") if position == 0 else "ABCDEFGHIJ"[position]
        return None

    def _commands(self, word: str = "") -> Event:
        word = word or self.dice.choice(COMMANDS + TALK)
        return self._types(word, lambda: self._command(word))

    def _types(self, text: str, otherwise: Callable[[], None] = lambda: None) -> Event:
        """Words: the learner's own where words are wanted, else what they mean."""
        shown = self.dice.choice([text, text.upper()]) if text in COMMANDS else text
        if self._words_wanted and text not in EVEN_IN_OWN_WORDS:
            self._says(shown)
        elif self._own_words and text not in COMMANDS and not self._at_place:
            self._says_behind(shown)
        else:
            otherwise()
        return self._event(Said, text=shown)

    def _says(self, text: str) -> None:
        if self._commenting:
            self._keeps("comment", "open", Phrase("feedback.ask"), "a", own=text, phase="feedback")
        else:
            self._answers([], own=text)

    def _says_behind(self, text: str) -> None:
        """An open question still takes words when help is on the screen; after ASK they are what is asked."""
        assert self.screen is not None
        if not self.eyes.shows("ask.what", self.screen) or text in TALK:
            self._answers([], own=text)

    def _command(self, word: str) -> None:
        what = self.asked.what if self.asked else ""
        if word == "skip" or (word == "next" and what in OPINIONS):
            self._skips()
        if word in ("skip", "next") and self.asked is None and self.known.lesson:
            self._begins("c:next-lesson")

    def _presses_old(self) -> Event:
        data = self.dice.choice(self.old)
        self._presses(data)
        return self._event(Tapped, data=data)

    def _is_unclear(self) -> Event:
        return self._types(self.dice.choice(NONSENSE[:3] if self._own_words else NONSENSE))

    def _sends(self) -> Event:
        return self._event(SentOther, kind=self.dice.choice(KINDS))

    def _switches(self) -> Event:
        name, code = self.dice.choice([("English", "en"), ("ESPAÑOL", "es"), ("français", "fr")])
        if self.dice.random() < 0.5:
            return self._event(Tapped, data=f"g:{code}")
        return self._types(self.dice.choice([name, code]))

    def _comments(self) -> Event:
        return self._types("feedback")

    def _answers_behind(self) -> Event:
        """The question's own button or letter, while something else is on the screen."""
        if not self._stands or self._at_place or self._own_words or self._commenting or self._asks("rating10"):
            return self._goes_on()
        assert self.asked is not None
        data = [one for one in self.old if one.startswith(f"q:{self.asked.serial}-")]
        chosen = data.index(self.dice.choice(data))
        if self._asks("multiple") or self.dice.random() < 0.5 or data[chosen].endswith("-skip"):
            self._presses(data[chosen])
            return self._event(Tapped, data=data[chosen])
        self._presses(data[chosen])
        return self._event(Said, text="ABCDEFGHIJ"[chosen])

    # --- what acts mean -------------------------------------------------------------------------------------

    def _presses(self, data: str) -> None:
        match = PLACE.match(data)
        if match and match[1] == "q" and self.asked is not None and int(match[2]) == self.asked.serial:
            self._chosen(self.asked, match[3])
        elif data.startswith("c:keep-") and not (self.known.age and self.known.age not in KEPT_BANDS):
            self._consents(data.removeprefix("c:keep-"))
        elif data.startswith("l:") or data in ("c:again", "c:next-lesson"):
            self._begins(data)
        elif data == "c:enough":
            self.over = True
        elif data == "c:erase" and self.screen is not None and data in {o.data for o in self.screen.options}:
            self.erases = True

    def _begins(self, data: str) -> None:
        """A lesson: the one that was picked, the same again, or the first that is not done."""
        self.opens = self.over = True
        coming = (lesson.path for lesson in self.eyes.lessons if lesson.path not in self.known.done)
        if data.startswith("l:"):
            self.known.lesson = data.removeprefix("l:").replace("_", "/", 1)
        elif data == "c:next-lesson":
            self.known.lesson = next(coming, self.known.lesson)

    def _chosen(self, asked: Asked, choice: str) -> None:
        if asked.what == "consent":
            self._consents(choice)
        elif asked.what == "age":
            self.known.age, self.over = BANDS[choice], True
        elif choice == "skip":
            self._skips()
        elif asked.what == "role":
            self.known.role, self.over = choice, True
        elif asked.what == "hook":
            return
        elif self._asks("multiple") and choice != "done":
            self.picked = [one for one in self.picked if one != choice] + [choice] * (choice not in self.picked)
        elif choice != "done" or self.picked:
            self._answers(self.picked if choice == "done" else [choice])

    def _consents(self, keep: str) -> None:
        if self.known.keep == "both" and keep != "both":
            self.known.rows.clear()
        self.known.keep, self.over = keep, True

    def _skips(self) -> None:
        if self.asked is None:
            return
        if self.asked.what == "age":
            self.known.age, self.over = "unknown", True
        if self.asked.what in ("quiz", "review") and not self.asked.tries:
            assert self.asked.question is not None
            self.known.met[self.asked.question.id] += 1
        if self.asked.what in {*SCORED, *OPINIONS}:
            self._ends(self.asked)

    def _ends(self, asked: Asked) -> None:
        self.over, self.sitting, self.opens = True, None, asked.what == "review"
        if asked.what == "reaction":
            self.known.done.add(self.known.lesson)

    def _answers(self, choices: Sequence[str], own: str = "") -> None:
        """An answer to what stands in front: its row, and what it means for the next."""
        asked = self.asked
        assert asked is not None
        form = next((form for form in asked.question.forms if form.id == asked.form), None) if asked.question else None
        in_order = [option.id for option in form.options if option.id in choices] if form and form.options else choices
        right = {option.id for option in form.options if option.right} if form else set()
        correct = all(choice in right for choice in choices) if asked.what in SCORED else None
        question = (asked.question.id, asked.question.kind) if asked.question else ("reaction", "reaction")
        text = asked.text or Phrase("reaction.ask")
        self._keeps(*question, text, asked.form or "a", in_order, own, correct, asked.what, asked)
        if asked.what in SCORED and not asked.tries:
            self.known.met[question[0]] += 1
        if correct is False and not asked.tries and asked.what != "pre":
            self.sitting = asked
        else:
            self._ends(asked)

    def _keeps(
        self,
        question: str,
        kind: str,
        text: Text,
        form: str,
        choices: Sequence[str] = (),
        own: str = "",
        correct: bool | None = None,
        phase: str = "",
        asked: Asked | None = None,
    ) -> None:
        """The row that must come out, where answers may be kept."""
        assert self.screen is not None
        known = self.known
        if not known.shares:
            return
        course, _, lesson = known.lesson.partition("/")
        met = known.met[question] - bool(asked and asked.tries) if phase in SCORED else 0
        words = own.strip() if asked is None else own.strip() or ";".join(self.eyes.english(asked, c) for c in choices)
        there = self.eyes.library.lesson(known.lesson)
        known.rows.append(
            {
                "answered_at": f"{self.clock():%Y-%m-%dT%H:%M:%SZ}",
                "channel": self.address.channel,
                "language": self.screen.language,
                "role": known.role,
                "age_band": known.age,
                "country": self.country or "",
                "campaign": known.campaign,
                "course": course,
                "lesson": lesson,
                "content_version": there.version if there else "",
                "phase": phase,
                "question_id": question,
                "question_kind": kind,
                "question_text": self.eyes.catalogue.label(text, "en").strip(),
                "form": form,
                "attempt": str(1 + (asked.tries if asked else 0)),
                "pre_assigned": {None: "", True: "true", False: "false"}[known.drawn.get(question)],
                "exposures": str(met),
                "answer_id": ";".join(choices),
                "answer_text": f"'{words}" if words[0] in "=+-@" else words,
                "correct": {None: "", True: "true", False: "false"}[correct],
                "seconds_to_answer": str(int((self.clock() - asked.since).total_seconds())) if asked else "",
            }
        )

    # --- what comes back ------------------------------------------------------------------------------------

    def sees(self, outcome: Outcome) -> None:
        """Exactly one message (and one's own data, where they were asked for), never empty, never the last again."""
        self.talk += [f"< {text_of(message)}" for message in outcome.messages]
        assert outcome.fresh
        asked_for_data = self.address.channel == "console" and self.eyes.shows("mydata.intro", outcome.messages[0])
        assert len(outcome.messages) == 1 + asked_for_data
        assert all(message.body.strip() for message in outcome.messages)
        screen = outcome.messages[0]
        assert self.screen is None or text_of(self.screen) != text_of(screen)
        self.screen = screen
        assert outcome.erased == self.erases
        self.old += [option.data for option in screen.options if option.data not in self.old]
        if self.erases:
            self.erased += 1
            self.known.rows.clear()
            self.known, self.asked, self.sitting, self.screen, self.old = Known(), None, None, None, []
            return
        self._finds_itself(screen)

    def _finds_itself(self, screen: Message) -> None:
        seen = self.eyes.read(screen, self.clock())
        if seen is None:
            self.asked = None if self.over else self.asked
            return
        if self.asked is not None and seen.serial == self.asked.serial:
            return
        self.picked = []
        if seen.same_as(self.sitting):
            seen = replace(seen, tries=1)
        elif seen.what not in BETWEEN:
            self.sitting = None
        self.known.lesson = seen.lesson or self.known.lesson
        self._is_drawn(seen)
        self.asked = seen

    def _is_drawn(self, seen: Asked) -> None:
        """Whoever shares answers and meets a key idea for the first time is drawn for a guess, or not."""
        lesson = self.eyes.library.lesson(seen.lesson)
        key = lesson.key_question if lesson and self.opens and seen.what in ("hook", "pre") else None
        if key and len(key.forms) > 2 and self.known.shares and not {key.id} & {*self.known.met, *self.known.drawn}:
            self.known.drawn[key.id] = seen.what == "pre"
