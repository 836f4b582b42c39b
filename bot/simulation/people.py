"""Invented people: where they live, what they wish for, how they answer, and what they tap.

Everything about a person is drawn from dice that a seed was given to, so that the same run comes out the same again.
"""

from datetime import datetime
from math import exp
from random import Random
from zoneinfo import ZoneInfo

from bot.engine.events import Address, Event, Said, Started, Tapped
from bot.engine.fixed import fixed
from bot.engine.learner import Learner
from bot.engine.subscription import EVERY_DAY, WEEKDAYS
from bot.simulation.places import somewhere

CHANNELS = ("mix", "telegram", "whatsapp")
ON_WHATSAPP = 0.6  # of a mix
# Most take a button, the others type an hour of their own.
HOURS = ("07:00", "12:30", "20:00", "06:15", "08:00", "17:45", "18:30", "21:00")
HOUR_WEIGHTS = (30, 15, 25, 5, 8, 5, 8, 4)
# Who changes may choose these too: clocks are moved at night, and dates begin there.
AT_NIGHT = ("00:00", "00:15", "01:30", "02:00", "02:30", "23:30")
ON_WEEKDAYS = 0.25
DROPS = 0.01  # of taps are followed by nothing: somebody rings at the door
ONE_MORE = 0.05  # go on with another lesson when one is done
QUICK = 45.0  # minutes: half of those who answer have done so
DAY = 24 * 60.0


@fixed(frozen=True, slots=True)
class Habits:
    """How people behave; shares of one, each day.

    ``answering`` of the days on which something came; ``silence`` fall silent for good on a day, ``pausing`` take a
    break of a week, ``stopping`` write STOP, ``blocking`` block the bot, ``changing`` choose another hour or live by
    other clocks. ``arriving`` is over how many days they come.
    """

    channel: str = "mix"
    answering: float = 0.6
    silence: float = 0.01
    pausing: float = 0.002
    stopping: float = 0.002
    blocking: float = 0.001
    changing: float = 0.0
    arriving: int = 10


class Person:
    """Somebody with a phone. ``offer`` is what the last message that reached them has to tap."""

    __slots__ = (
        "address", "answering", "country", "days", "gone", "hour", "in_talk", "language", "number", "random", "seen",
        "told", "zone",
    )  # fmt: skip

    def __init__(self, number: int, random: Random, habits: Habits) -> None:
        self.random = random
        mixed = "whatsapp" if random.random() < ON_WHATSAPP else "telegram"
        channel = mixed if habits.channel == "mix" else habits.channel
        self.number = number
        self.address = Address(channel, f"whatsapp:+999{number:09d}" if channel == "whatsapp" else str(10**9 + number))
        place, self.zone = somewhere(random)
        self.country, self.language = place.code, place.language
        self.hour = random.choices(HOURS, HOUR_WEIGHTS)[0]
        self.days = WEEKDAYS if random.random() < ON_WEEKDAYS else EVERY_DAY
        # Some nearly always answer, some hardly ever; together they come to the share that was asked for.
        spread = min(habits.answering, 1 - habits.answering, 0.25)
        self.answering = habits.answering + random.uniform(-spread, spread)
        self.gone = False  # silent for good
        self.in_talk = False
        self.told = 0  # messages of theirs
        self.seen: datetime | None = None  # their last one

    def arrives_on(self, habits: Habits) -> float:
        """How many minutes into the run: evenly over the days of arriving."""
        return self.random.random() * habits.arriving * DAY

    def answers_in(self) -> float | None:
        """How many minutes after something came they answer it, None for not at all."""
        if self.gone or self.random.random() >= self.answering:
            return None
        # Half within three quarters of an hour, the slowest near a day.
        return min(QUICK * exp(self.random.gauss(0, 1.5)), DAY - 10)

    def changes_to(self, random: Random) -> tuple[str, str]:
        """Another hour, or another zone: the one that stays is empty."""
        if random.random() < 0.5:
            self.hour = random.choice([hour for hour in HOURS + AT_NIGHT if hour != self.hour])
            return self.hour, ""
        while (zone := somewhere(random)[1]) == self.zone:
            pass
        self.zone = zone
        return "", zone

    # --- what they do ---------------------------------------------------------------------------------------------

    def does(self, kind: type[Event], at: datetime, **what: object) -> Event:
        """A thing they do, as the channel would tell it."""
        self.told += 1
        self.seen = at
        on_whatsapp = self.address.channel == "whatsapp"
        return kind(
            id=f"{self.number}-{self.told}",
            address=self.address,
            at=at,
            languages=(self.language,),
            # A phone number tells its country, a chat at Telegram does not.
            country=self.country if on_whatsapp else None,
            **what,  # type: ignore[arg-type]
        )

    def arrives(self, at: datetime) -> Event:
        return self.does(Started, at)

    def next_word(self, learner: Learner, at: datetime) -> Event | None:
        """What they tap or type next on what is in front of them; None when they put the phone away."""
        typed = self._asked_for(learner, at)
        if typed is not None:
            return typed
        datas = [choice.data for choice in learner.offer if not choice.minor]
        pressed = self._chosen(datas or [choice.data for choice in learner.offer], learner)
        return None if pressed is None else self.does(Tapped, at, data=pressed)

    def _asked_for(self, learner: Learner, at: datetime) -> Event | None:
        """An answer to the talk about the daily lesson: their hour, their days, their clock."""
        datas = {choice.data for choice in learner.offer}
        match learner.aside:
            case "daily:hour" | "daily:offer":
                return self._taps_or_types(f"d:{self.hour.replace(':', '')}", self.hour, datas, at)
            case "daily:days":
                return self.does(Tapped, at, data="d:week" if self.days == WEEKDAYS else "d:all")
            case "daily:zone":
                clock = f"{at.astimezone(ZoneInfo(self.zone)):%H:%M}"
                button = f"z:{self.zone.replace('/', '--')}"
                same = next((choice.data for choice in learner.offer if choice.data.startswith("z:")), button)
                # Their own place may stand there under a neighbour's name; then the time, and what shows it.
                asked_before = self.told and "c:on" not in datas
                return self._taps_or_types(same if asked_before else button, clock, datas, at)
        return None

    def _taps_or_types(self, data: str, words: str, datas: set[str], at: datetime) -> Event:
        return self.does(Tapped, at, data=data) if data in datas else self.does(Said, at, text=words)

    def _chosen(self, datas: list[str], learner: Learner) -> str | None:
        """One of the buttons: what is asked once is answered with yes, questions at random."""
        if "c:enough" in datas:
            more = "c:next-lesson" in datas and learner.daily is not None and self.random.random() < ONE_MORE
            return "c:next-lesson" if more else "c:enough"
        for data in datas:
            if data == "d:own" or (data.startswith("q:") and data.partition("-")[2] in ("both", "young")):
                return data
        answers = [data for data in datas if data[0] in "qn"] or [data for data in datas if data.startswith("g:")]
        if answers:
            return self.random.choice(answers)
        # Beside a lesson "go on" leads back into it; beside nothing it would only open the next one.
        place_asks = learner.place.step.value not in ("rest", "next")
        return "c:on" if "c:on" in datas and place_asks else None
