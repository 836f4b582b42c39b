"""When a learner wants a lesson brought to them, and what silence has made of that wish."""

from datetime import date
from enum import Enum
from typing import Self

from bot.engine.changing import Changing
from bot.engine.fixed import fixed
from bot.engine.occasion import FOLLOW_UP

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)  # Monday is 0
WEEKDAYS = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)

UNANSWERED = 3  # daily lessons without a word, and then weekly ones: more would be nagging
HELD = 21  # days without a word of theirs on which nothing could be brought: the wish has gone stale


class Pace(Enum):
    """How often it comes."""

    OWN = "own"  # on the days the learner chose
    WEEKLY = "weekly"  # after three unanswered days
    ASLEEP = "asleep"  # after three unanswered weeks: nothing until they ask


@fixed(frozen=True)
class Subscription(Changing):
    """A daily lesson as the learner asked for it. One that lacks hour, days or zone is being asked for, never due.

    ``hour`` is "HH:MM" on the clocks of ``zone`` (IANA), ``days`` are weekdays (Monday 0); ``channel`` is where it
    was asked for, and where it comes. ``served`` is the last local date something was decided for, or without a wish
    the last on which a follow-up came: no date is served twice. ``silent`` counts what was brought since the learner's
    last word, ``held`` the days since then on which nothing was, held by us or refused for good. ``paused_until`` is
    the first local date on which it comes again; ``paused`` alone means until they come back. ``last`` is the kind of
    what came last; ``again`` the last date that was decided a second time, because what was decided first could not be
    sent: no date is decided a third time.
    """

    hour: str = ""
    days: tuple[int, ...] = ()
    zone: str = ""
    channel: str = ""
    served: date | None = None
    silent: int = 0
    held: int = 0
    pace: Pace = Pace.OWN
    paused: bool = False
    paused_until: date | None = None
    last: str = ""
    again: date | None = None

    @property
    def whole(self) -> bool:
        """Everything is known that is needed to bring it."""
        return bool(self.hour and self.days and self.zone)

    @property
    def runs(self) -> bool:
        """Whether it comes by itself, now or after a pause with an end."""
        return self.whole and self.pace is not Pace.ASLEEP and (not self.paused or self.paused_until is not None)

    @property
    def unasked(self) -> bool:
        """Whether it only tells when a follow-up came to somebody who never spoke of daily lessons."""
        return self == Subscription(served=self.served, last=FOLLOW_UP)

    def answered(self) -> Self:
        """After a word of the learner: silence begins anew, and their own days come back."""
        pace = Pace.OWN if self.pace is Pace.WEEKLY else self.pace
        return self.but(silent=0, held=0, pace=pace)

    def running(self) -> Self:
        """On again, whatever had ended it."""
        return self.but(silent=0, held=0, pace=Pace.OWN, paused=False, paused_until=None)
