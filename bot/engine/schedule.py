"""When a daily lesson is due: the learner's own hour, on the days they chose, by the clocks where they live.

Three laws. A local date is served at most once, whatever zone or clock do. Of a date that was chosen and not served
none is left out, unless the zone never had it. What comes too late waits for the next day.

The moment at which clocks first show an hour *or are past it* never falls back from one date to the next, also where
an hour comes twice or never; so the search may begin at today's local date and never has to look behind it.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from bot.engine.fixed import fixed

# A lesson later than this waits for the next day.
LATE = timedelta(hours=3)
# Nobody is disturbed in these local hours unless they picked one.
QUIET = (time(21), time(7))

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
EVERY_DAY = range(7)

# A weekday comes back within 7 dates; one may have passed today and the next be a date that the zone never had.
FARTHEST = 3 * 7

# Files that are no place's clock: what this machine is set to, and what a machine fresh from the factory shows.
NOBODYS = frozenset({"localtime", "Factory"})


@fixed(frozen=True, slots=True)
class Due:
    """One lesson that is due: ``at`` (aware, UTC) and the learner's local date it belongs to.

    Where clocks skip the last hour of a date, ``at`` is the first moment of the following one.
    """

    at: datetime
    day: date


@cache
def clocks(zone: str) -> ZoneInfo:
    """The clocks of a zone, kept: the library itself keeps only the eight used last. There are some 600 zones."""
    return ZoneInfo(zone)


@lru_cache(maxsize=1440)
def _time(hour: str) -> time:
    return time.fromisoformat(hour)


def known_zone(zone: str) -> bool:
    """Whether this is the name of a place's time zone; any text may be asked about."""
    try:
        clocks(zone)
    except (LookupError, ValueError, OSError):
        return False
    return zone not in NOBODYS


def at_local(day: date, hour: str, zone: str) -> datetime | None:
    """The UTC moment at which the zone's clocks show ``hour`` ("HH:MM") on that local date.

    An hour that a clock change skips: the first moment after the gap. An hour that comes twice: the first one.
    A date that the zone never had (Apia 2011-12-30): None. The zone must be a known one.
    """
    wall = datetime.combine(day, _time(hour), clocks(zone))
    gap = _offset(wall.replace(fold=1)) - _offset(wall)
    return _after_gap(wall, gap) if gap > timedelta() else wall.astimezone(UTC)


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None, "clocks of a zone always have an offset"
    return offset


def _after_gap(wall: datetime, gap: timedelta) -> datetime | None:
    """The first moment after the gap in which clocks never showed ``wall``; None if it took the whole date."""
    before = _offset(wall)
    latest = wall.astimezone(UTC)
    end = changed(_zone_of(wall), latest - gap, latest)
    skipped_from = (end + before).replace(tzinfo=None)
    midnight = datetime.combine(wall.date(), time())
    whole_date = skipped_from <= midnight and midnight + DAY <= skipped_from + gap
    return None if whole_date else end


def _zone_of(wall: datetime) -> ZoneInfo:
    assert isinstance(wall.tzinfo, ZoneInfo)
    return wall.tzinfo


def changed(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second in (low, high] whose offset from UTC is another than that of ``low``.

    The offset changes once between the two, which are UTC.
    """
    first = _offset(low.astimezone(zone))
    while high - low > SECOND:
        middle = low + SECOND * ((high - low) // SECOND // 2)
        if _offset(middle.astimezone(zone)) == first:
            low = middle
        else:
            high = middle
    return high


def next_due(hour: str, days: Collection[int], zone: str, after: datetime, served: date | None = None) -> Due:
    """The first due strictly after ``after``, on a weekday of ``days`` (Monday 0 … Sunday 6).

    Its local date is later than ``served``, the last one that had its lesson: so one local date is served at most
    once, also when zone or clock jump back. Raises ``ValueError`` when ``days`` holds no weekday.
    """
    day = local_day(after, zone)
    if served is not None and served >= day:
        day = served + DAY
    for _ in range(FARTHEST):
        if day.weekday() in days:
            at = at_local(day, hour, zone)
            if at is not None and at > after:
                return Due(at, day)
        day += DAY
    raise ValueError("no weekday from 0 to 6 among the days")


def local_day(moment: datetime, zone: str) -> date:
    """The date that the zone's calendars show."""
    return moment.astimezone(clocks(zone)).date()


def local_hour(moment: datetime, zone: str) -> str:
    """The time that the zone's clocks show, as "HH:MM"."""
    local = moment.astimezone(clocks(zone))
    return f"{local.hour:02}:{local.minute:02}"


def is_quiet(moment: datetime, zone: str) -> bool:
    """Whether it is evening or night there."""
    local = moment.astimezone(clocks(zone)).time()
    return local >= QUIET[0] or local < QUIET[1]


def out_of_quiet(moment: datetime, zone: str) -> datetime:
    """The same moment, or when it is a quiet one, the next at which the quiet hours end there (UTC)."""
    if not is_quiet(moment, zone):
        return moment
    return next_due(f"{QUIET[1]:%H:%M}", EVERY_DAY, zone, moment).at


def quiet_after(moment: datetime, zone: str) -> datetime:
    """When the next quiet hours begin there (UTC)."""
    return next_due(f"{QUIET[0]:%H:%M}", EVERY_DAY, zone, moment).at


def is_late(due: datetime, now: datetime) -> bool:
    """Whether a lesson has missed its hour by so much that it waits for the next day."""
    return now - due > LATE
