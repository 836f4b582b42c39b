"""Somebody who does one thing after another, at random: taps, numbers, letters, words, commands, nonsense."""

import re
from collections.abc import Callable, Sequence
from random import Random
from zoneinfo import ZoneInfo

from rapidfuzz.distance import Levenshtein

from bot.content.wording import Option
from bot.engine.events import Address, Event, Said, SentOther, Started, Tapped
from tests.service.house import Clock
from tests.walks.books import TALK, Books
from tests.walks.screen import Eyes

COMMANDS = [
    "menu", "help", "progress", "privacy", "mydata", "language", "lessons", "back", "next", "skip", "stop", "start",
    "ask", "light", "delete", "feedback", "review", "review", "daily", "daily", "daily", "pause", "why", "why",
]  # fmt: skip
IN_ONE = ["daily 21:15", "daily 6.30", "pause 3", "pause 2 weeks"]
HOURS = ["7:30", "18h45", "9 pm", "20.00"]
KATHMANDU = "Asia/Kathmandu"  # nobody else's clock shows the same
PLACES = [(None, ""), (None, KATHMANDU), ("FR", "Europe/Paris"), ("SN", "Africa/Dakar")]  # as the platform tells
EVEN_IN_OWN_WORDS = {"stop", "menu", "help", "delete", "skip"}
NONSENSE = ["qwzx plmk vbnt", "🤷", "…", "999", "wkrz, wkrz!", "?!"]
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


class Walker(Books):
    """Each act is an event, and goes into the books as what it means."""

    def __init__(self, seed: int, number: int, eyes: Eyes, clock: Clock) -> None:
        self.dice = Random(seed)
        address = Address(self.dice.choice(["web", "console"]), f"canary-address-{number}-{seed}")
        country, zone = self.dice.choice(
            [(None, ""), (None, KATHMANDU), ("FR", "Europe/Paris"), ("SN", "Africa/Dakar")]
        )
        super().__init__(address, country, zone, eyes, clock)
        self.language = self.dice.choice(["en", "es", "fr", "tlh"])
        self.diligence = self.dice.choice([0.0, 0.5, 0.95])  # some wander, some go straight on
        self.joined = self.events = 0
        self.learner_id = ""

    def acts(self) -> Event:
        self.over = self.opens = self.erases = False
        if self.screen is None:
            return self._starts()
        if self.eyes.shows("daily.ask_zone", self.screen) and self.dice.random() < 0.7:
            return self._tells_the_time()
        if self._is_asked_when and self.dice.random() < 0.3:
            return self._event(Said, text=self.dice.choice(HOURS))
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

    @property
    def _is_asked_when(self) -> bool:
        """Whether a typed hour is one for the daily lesson."""
        assert self.screen is not None
        return any(self.eyes.shows(key, self.screen) for key in ("daily.ask_hour", "daily.offer"))

    def _tells_the_time(self) -> Event:
        """What a clock in Kathmandu shows; a guest's is not asked for."""
        self.known.zone = KATHMANDU
        return self._event(Said, text=f"{self.clock().astimezone(ZoneInfo(KATHMANDU)):%H:%M}")

    def _event(self, made_of: type[Event], **what: object) -> Event:
        self.events += 1
        self.talk.append(f"> {made_of.__name__} {what}")
        return made_of(
            id=f"{self.address.id}-{self.events}", address=self.address, at=self.clock(),
            languages=(self.language,), country=self.country, zone=self.zone or None, **what,
        )  # fmt: skip

    def _starts(self) -> Event:
        campaign = self.dice.choice([None, None, "poster", "nobody-knows-it"])
        self.known.stopped = False
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
                clear = clear and not label[4].isdigit()  # another number would be another answer
                return label[:4] + label[5:] if clear and "·" not in label and "…" not in label else None
            case "number" if is_answer and not any(re.sub(r"\W", "", text).isdigit() for text in labels):
                return str(position + 1)
            case "letter" if is_answer and not self._asks("rating10") and self._takes_letters(options[position]):
                return self.dice.choice("aA") if position == 0 else "ABCDEFGHIJ"[position]
        return None

    def _takes_letters(self, option: Option) -> bool:
        """Not beside a question that waits, but for a list; and there no letter deletes or withdraws anything."""
        in_list = self._must_choose and not option.data.startswith(("c:erase", "c:keep-"))
        return self._at_place or in_list or not self._stands

    def _commands(self, word: str = "") -> Event:
        word = word or self.dice.choice(COMMANDS + TALK + IN_ONE)
        return self._types(word, lambda: self._command(word))

    def _types(self, text: str, otherwise: Callable[[], None] = lambda: None) -> Event:
        """Words: the learner's own where words are wanted, else what they mean."""
        shown = self.dice.choice([text, text.upper()]) if text in COMMANDS else text
        if self._words_wanted and text not in EVEN_IN_OWN_WORDS:
            self._says(shown)
        elif self._own_words and text not in COMMANDS + IN_ONE and not self._at_place:
            self._says_behind(shown)
        else:
            otherwise()
        return self._event(Said, text=shown)

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
        """The question's own button, while something else is on the screen; or its letter where that is no list."""
        if not self._stands or self._at_place or self._own_words or self._commenting or self._asks("rating10"):
            return self._goes_on()
        assert self.asked is not None
        data = [one for one in self.old if one.startswith(f"q:{self.asked.serial}-")]
        chosen = data.index(self.dice.choice(data))
        tapped = self._asks("multiple") or self._must_choose or data[chosen].endswith("-skip")
        if tapped or self.dice.random() < 0.5:
            self._presses(data[chosen])
            return self._event(Tapped, data=data[chosen])
        self._presses(data[chosen])
        return self._event(Said, text="ABCDEFGHIJ"[chosen])
