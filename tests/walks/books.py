"""The books a walker keeps: what stands in front of it, what it has answered, what may be kept.

Made from the screen and from what the walker did. Nothing is asked of the engine, so the two must agree.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.console import text_of
from bot.content.wording import Message
from bot.engine.events import Address
from bot.engine.turn import Phrase, Text
from bot.service import Outcome
from tests.service.house import Clock
from tests.walks.screen import BETWEEN, PLACE, Asked, Eyes

BANDS = {"under": "under_16", "young": "16_24", "grown": "25_plus"}
KEPT_BANDS = {"16_24", "25_plus"}
SCORED = {"pre", "quiz", "review", "recall"}
OPINIONS = {"reaction", "feedback", "role", "follow_up"}

WISHED = {"7:00", "12:30", "20:00", "21:15", "6:30", "7:30", "18:45", "21:00"}  # hours that are tapped and typed

Row = dict[str, str]
TALK = ["thanks", "who are you", "hi", "bye"]


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
    shown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # forms, but for the later check
    checked: dict[str, str] = field(default_factory=dict)  # the form of the later check
    coming: list[tuple[datetime, str, int]] = field(default_factory=list)  # follow-ups that were promised
    followed: set[str] = field(default_factory=set)
    later: tuple[str, int] = ("", 0)  # the follow-up that is being asked
    hour: str = ""  # of the daily lesson, as the learner was told it
    zone: str = ""
    stopped: bool = False
    brought: int = 0
    days: set[date] = field(default_factory=set)  # on which a lesson came by itself

    @property
    def remembered(self) -> bool:
        return self.keep in ("both", "place") and self.age in KEPT_BANDS

    @property
    def shares(self) -> bool:
        return self.keep == "both" and self.age in KEPT_BANDS


class Books:
    """What is known after each act and each answer of the bot."""

    def __init__(self, address: Address, country: str | None, zone: str, eyes: Eyes, clock: Clock) -> None:
        self.address, self.country, self.zone, self.eyes, self.clock = address, country, zone, eyes, clock
        self.known = Known()
        self.asked: Asked | None = None
        self.screen: Message | None = None
        self.talk: list[str] = []
        self.old: list[str] = []  # what could be pressed so far
        self.picked: list[str] = []
        self.sitting: Asked | None = None  # a question missed once: its next try is the second
        self.held: tuple[Asked | None, list[str]] | None = None  # sitting and picked where a review leads back to
        self.over = self.opens = self.erases = False  # what the last act did to the place
        self.erased = self.reviewed = 0

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

    @property
    def _stands(self) -> bool:
        """Whether a question is in front, perhaps behind what is on the screen."""
        return self.asked is not None and (self.asked.question is not None or self.asked.what == "reaction")

    @property
    def _must_choose(self) -> bool:
        """Whether a list or question beside the place is on the screen: letters, numbers and signs are for it alone."""
        assert self.screen is not None
        many = len(self.screen.options) > 1 or self.eyes.shows("daily.ask_zone", self.screen)
        return many and not self._at_place

    def _asks(self, *kinds: str) -> bool:
        return self.asked is not None and self.asked.question is not None and self.asked.question.kind in kinds

    def _presses(self, data: str) -> None:
        match = PLACE.match(data)
        if match and match[1] == "q" and self.asked is not None and int(match[2]) == self.asked.serial:
            self._chosen(self.asked, match[3])
        elif data.startswith("c:keep-") and not (self.known.age and self.known.age not in KEPT_BANDS):
            self._consents(data.removeprefix("c:keep-"))
        elif data.startswith("l:") or data in ("c:again", "c:next-lesson"):
            self._begins(data)
        elif data == "c:enough":
            self.over, self.held = True, None
        elif data == "c:today":
            self.over = True
        elif data.startswith("z:") and self.known.remembered:
            self.known.zone = data.removeprefix("z:").replace("--", "/")
        elif data == "c:erase" and self.screen is not None and data in {o.data for o in self.screen.options}:
            self.erases = True

    def _begins(self, data: str) -> None:
        """A lesson: the one that was picked, the same again, or the first that is not done."""
        self.opens = self.over = True
        self.held = None
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
            self._keeps_promises()
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
        self._keeps_promises()

    def _keeps_promises(self) -> None:
        """Guests are forgotten each day, and so is what they wished for."""
        if not self.known.remembered:
            self.known.coming.clear()
            self.known.hour = ""

    def _skips(self) -> None:
        if self.asked is None:
            return
        if self.asked.what == "age":
            self.known.age, self.over = "unknown", True
            self._keeps_promises()
        if self.asked.what in ("quiz", "review", "recall") and not self.asked.tries:
            assert self.asked.question is not None
            self.known.met[self.asked.question.id] += 1
        if self.asked.what in {*SCORED, *OPINIONS}:
            self._ends(self.asked)

    def _ends(self, asked: Asked) -> None:
        self.over, self.sitting, self.opens = True, None, asked.what == "review" and not asked.beside
        if asked.what == "reaction" and self.known.lesson not in self.known.done:
            self.known.done.add(self.known.lesson)
            self._is_promised(self.known.lesson.partition("/")[0])

    def _is_promised(self, course: str) -> None:
        """Two follow-ups after the last lesson of a course, once, to those who are remembered."""
        (whole,) = [c for c in self.eyes.library.courses if c.id == course]
        done = all(lesson.path in self.known.done for lesson in whole.lessons)
        if whole.follow_up and done and self.known.remembered and course not in self.known.followed:
            self.known.followed.add(course)
            self.known.coming += [(self.clock() + timedelta(days=days), course, days) for days in (7, 28)]

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
        self.reviewed += asked.what == "review" and asked.beside
        if correct is False and not asked.tries and asked.what not in ("pre", "recall"):
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
        about = question.rpartition("/")[0] if asked and asked.beside else known.lesson
        about = known.later[0] if phase == "follow_up" else about
        course, _, lesson = about.partition("/")
        met = known.met[question] - bool(asked and asked.tries) if phase in SCORED else 0
        words = own.strip() if asked is None else own.strip() or ";".join(self.eyes.english(asked, c) for c in choices)
        there = self.eyes.library.lesson(about)
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

    def _says(self, text: str) -> None:
        if self._commenting:
            self._keeps("comment", "open", Phrase("feedback.ask"), "a", own=text, phase="feedback")
        else:
            self._answers([], own=text)

    def _says_behind(self, text: str) -> None:
        """An open question still takes words when help is on the screen; after ASK they are what is asked."""
        assert self.screen is not None
        is_sign = self._must_choose and not any(letter.isalpha() for letter in text)
        if not is_sign and (not self.eyes.shows("ask.what", self.screen) or text in TALK):
            self._answers([], own=text)

    def _command(self, word: str) -> None:
        what = self.asked.what if self.asked else ""
        self.known.stopped = word == "stop" or (self.known.stopped and word != "start")
        if word == "skip" or (word == "next" and what in OPINIONS):
            self._skips()
        if word in ("skip", "next") and self.asked is None and self.known.lesson:
            self._begins("c:next-lesson")

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
            self.held = None
            return
        self._finds_itself(screen)

    def is_brought(self, screen: Message, to_the_minute: bool) -> None:
        """Something comes unasked: only to those who wished for it, or were told that it would, and once a day."""
        self.talk.append(f"< {text_of(screen)}")
        known, what = self.known, self.eyes.hello(screen)
        assert known.remembered
        assert not known.stopped
        assert what, text_of(screen)
        assert known.coming if what == "follow_up" else known.hour
        if what != "follow_up":
            here = self.clock().astimezone(ZoneInfo(known.zone))
            assert here.date() not in known.days
            assert not to_the_minute or f"{here:%H:%M}" == known.hour.zfill(5)
            known.days.add(here.date())
        assert self.screen is None or text_of(self.screen) != text_of(screen)
        known.brought += 1
        self.over = self.opens = False
        self.screen = screen
        self.old += [option.data for option in screen.options if option.data not in self.old]
        self._finds_itself(screen)

    def _is_told(self, screen: Message) -> None:
        """What is promised to come by itself, and what comes no more."""
        told = self.eyes.tells("daily.confirmed", screen)
        if told:
            self.known.hour = re.findall(r"\d?\d:\d\d", told)[0]
            assert self.known.hour in WISHED
            self.known.zone = self.known.zone or self.zone
            self.known.stopped = False
        if self.eyes.shows("daily.off_done", screen):
            self.known.hour = ""

    def _is_welcomed(self, screen: Message) -> None:
        """A new lesson, or what was promised weeks ago, with its first line."""
        match self.eyes.hello(screen):
            case "lesson":
                self._begins("c:next-lesson")
            case "follow_up":
                first = min(self.known.coming)
                self.known.coming.remove(first)
                self.known.later = first[1:]

    def _finds_itself(self, screen: Message) -> None:
        self._is_told(screen)
        self._is_welcomed(screen)
        seen = self.eyes.read(screen, self.clock())
        if seen is None:
            self.asked = None if self.over else self.asked
            return
        if self.asked is not None and seen.serial == self.asked.serial:
            return
        self._looks_aside(seen)
        if seen.what == "follow_up":
            seen = replace(seen, form=f"day-{self.known.later[1]}")
        if seen.same_as(self.sitting):
            seen = replace(seen, tries=1)
        elif seen.what not in BETWEEN:
            self.sitting = None
        self.known.lesson = seen.lesson or self.known.lesson
        self._is_drawn(seen)
        self.asked = seen

    def _looks_aside(self, seen: Asked) -> None:
        """What a review leaves waiting and takes up again; the form of the later check comes there and nowhere else."""
        if seen.beside and not (self.asked and self.asked.beside):
            self.held = (self.sitting, self.picked) if self.asked and self.asked.what not in BETWEEN else self.held
        self.picked = []
        if not seen.beside and seen.what not in BETWEEN and self.held is not None:
            (self.sitting, self.picked), self.held = self.held, None
        if seen.question is None or seen.what not in SCORED:
            return
        shown, name = self.known.shown[seen.question.id], seen.question.id
        if seen.what == "recall":
            self.known.checked[name] = seen.form
        else:
            shown.add(seen.form)
        assert len(seen.question.forms) < 3 or self.known.checked.get(name) not in shown

    def _is_drawn(self, seen: Asked) -> None:
        """Whoever shares answers and meets a key idea for the first time is drawn for a guess, or not."""
        lesson = self.eyes.library.lesson(seen.lesson)
        key = lesson.key_question if lesson and self.opens and seen.what in ("hook", "pre") else None
        if key and len(key.forms) > 2 and self.known.shares and not {key.id} & {*self.known.met, *self.known.drawn}:
            self.known.drawn[key.id] = seen.what == "pre"
