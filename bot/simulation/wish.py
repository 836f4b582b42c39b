"""What somebody waits for: worked out anew from what they asked for, what came, and a clock on their own wall.

Nothing here asks the engine. Its arithmetic of days and hours, of silence and of lateness stands here a second time
and in another way, so that a day it leaves out, doubles, brings at another minute or holds for no good reason is seen.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from bot.engine.occasion import FOLLOW_UP, SLOWER, Occasion

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MINUTE = timedelta(minutes=1)
TOO_LATE = timedelta(hours=3)
HERE = timedelta(minutes=10)
EVENING, MORNING = "21:00", "07:00"
PATIENCE = 3  # unanswered days, and then weeks
STALE = 21  # days without a word of theirs that could not be brought

Asked = tuple[str, tuple[int, ...], str]


@dataclass(slots=True)
class Wish:
    """An hour on some weekdays in a zone. ``last`` is the day up to which there is nothing to wait for; ``heard`` when
    they wrote last; ``silent`` and ``held`` count what came, or could not come, since then."""

    hour: str
    days: tuple[int, ...]
    zone: str
    last: date
    heard: datetime
    waiting: bool = True  # not while asleep, paused without end or stopped
    weekly: bool = False
    silent: int = 0
    held: int = 0

    @property
    def asked(self) -> Asked:
        return self.hour, self.days, self.zone

    def following(self) -> date:
        """The next day of theirs: then something comes, or it is on record why not."""
        day = self.last + (WEEK if self.weekly else DAY)
        while day.weekday() not in self.days or not was(day, self.zone):
            day += DAY
        return day

    def wrote(self, at: datetime) -> None:
        """A word of theirs: silence begins anew, and each of their days counts again."""
        self.silent = self.held = 0
        self.heard = at
        if not self.weekly:
            return
        overdue = self.following()
        self.weekly = False
        waited = moment(overdue, self.hour, self.zone) <= at
        self.last = overdue - DAY if waited else max(self.last, passed(at, self.hour, self.zone))

    def happened(self, occasion: Occasion) -> None:
        """What a day of theirs came to."""
        self.last = occasion.day
        if not occasion.held:
            self.silent += 1
            self.weekly = self.weekly or occasion.kind == SLOWER
        elif occasion.reason == "asleep":
            self.waiting = False
        elif occasion.reason not in ("here", "late", "quiet", "all_done"):
            self.held += 1

    # --- what may be, and what may not ----------------------------------------------------------------------------

    def may_come(self, occasion: Occasion, at: datetime) -> bool:
        """Whether bringing it was right: not too late, not at night, not more often than silence lets it."""
        if at - occasion.due > TOO_LATE and at - self.heard >= DAY:
            return False
        if self.at_night(occasion, at) or self.worn_out:
            return False
        too_often = not self.weekly and self.silent >= PATIENCE
        return occasion.kind == FOLLOW_UP or (occasion.kind == SLOWER) is too_often

    def is_so(self, occasion: Occasion, at: datetime) -> bool:
        """Whether it was held for a reason that was one. Windows and budgets have other watchers."""
        match occasion.reason:
            case "late":
                return at - occasion.due > TOO_LATE
            case "quiet":
                return self.at_night(occasion, at)
            case "asleep":
                return self.worn_out
            case "here":
                return at - self.heard < HERE
        return occasion.reason not in ("", "our_fault")

    @property
    def worn_out(self) -> bool:
        """So long without a word that nothing comes any more."""
        return (self.weekly and self.silent >= 2 * PATIENCE + 1) or self.held >= STALE

    def at_night(self, occasion: Occasion, at: datetime) -> bool:
        """Whether it comes late, and in hours of theirs in which nobody is disturbed who did not ask for it."""
        asked_for_it = not MORNING <= self.hour < EVENING
        return at - occasion.due > HERE and not asked_for_it and not MORNING <= shown(at, self.zone) < EVENING


def shown(at: datetime, zone: str) -> str:
    """What the clock on their wall shows."""
    return f"{at.astimezone(_clock(zone)):%H:%M}"


def today(at: datetime, zone: str) -> date:
    return at.astimezone(_clock(zone)).date()


def passed(at: datetime, hour: str, zone: str) -> date:
    """The last day whose hour has come."""
    day = today(at, zone)
    return day if moment(day, hour, zone) <= at else day - DAY


@lru_cache(maxsize=50_000)  # many share an hour, a day and a clock
def moment(day: date, hour: str, zone: str) -> datetime:
    """When the clock on the wall first shows that hour of that day, or is first past it where clocks jump over it."""
    clock = _clock(zone)
    wall = datetime(day.year, day.month, day.day, int(hour[:2]), int(hour[3:]))
    at = wall.replace(tzinfo=clock).astimezone(UTC)  # of an hour that comes twice, the first
    if at.astimezone(clock).replace(tzinfo=None) == wall:
        return at
    while (at - MINUTE).astimezone(clock).replace(tzinfo=None) >= wall:
        at -= MINUTE  # back to where the gap ends
    return at


@cache
def was(day: date, zone: str) -> bool:
    """Whether the zone ever had that date: noon of one that was skipped comes back as another's."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=_clock(zone))
    return noon.astimezone(UTC).astimezone(noon.tzinfo).date() == day


@cache
def _clock(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)
