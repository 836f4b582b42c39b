"""Watches the clocks of a zone as a person would: step by step, without any arithmetic of the schedule."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
STRIDE = timedelta(minutes=15)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def zone_info(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def wall(moment: datetime, zone: str) -> datetime:
    """What clock and calendar on the wall show."""
    return moment.astimezone(zone_info(zone)).replace(tzinfo=None)


def ticks(zone: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, datetime]]:
    """Moments from start to end with what the wall showed before and then: quarter hours, minutes where it jumps."""
    moment, shown = start, wall(start, zone)
    while moment < end:
        after = wall(moment + STRIDE, zone)
        if after - shown == STRIDE:
            yield moment + STRIDE, shown, after
        else:
            for minute in range(1, 16):
                then = moment + minute * MINUTE
                yield then, wall(then - MINUTE, zone), wall(then, zone)
        moment, shown = moment + STRIDE, after


def lessons(
    hour: str, days: Collection[int], zone: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, date]]:
    """Every moment at which somebody who watches the wall would bring the lesson, once a date.

    A lesson is brought as soon as the wall shows its hour or has jumped past it; never for a date that no
    calendar showed, nor twice when the wall falls back.
    """
    clock = time.fromisoformat(hour)
    brought: set[date] = set()
    for then, before, after in ticks(zone, start, end):
        for day in dates(before.date(), after.date()):
            target = datetime.combine(day, clock)
            skipped = before.date() < day < after.date() and after - before > timedelta(days=1)
            if before < target <= after and day.weekday() in days and day not in brought and not skipped:
                brought.add(day)
                jumped = after - before not in (MINUTE, STRIDE)
                yield (then if jumped else then - (after - target)), day


def dates(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)
