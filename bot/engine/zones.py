"""Finds a learner's time zone by what their clock shows now."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.engine.hours import read_hour
from bot.engine.schedule import changed, clocks, known_zone, local_hour

__all__ = ["choices", "read_hour", "zones_at"]

# Minutes. A typed time is rounded, or was under way for some minutes; most neighbours are half an hour apart.
NEAR = 10

# As many as a list can show; WhatsApp takes ten rows, and two are needed for other answers.
MOST = 8

# A year, and a month more: Morocco's clock follows the moon's year.
COMING = timedelta(days=396)

# Since 1990 no clock was changed and changed back in less than a week (northern Brazil in 2000).
STEP = timedelta(days=6)

Clock = tuple[timedelta, tuple[tuple[datetime, timedelta], ...]]


def zones_at(clock: str, now: datetime, country_zones: Sequence[str], everywhere: Sequence[str]) -> tuple[str, ...]:
    """Zones whose clocks show ``clock`` ("HH:MM") now, give or take ten minutes; at most eight.

    The learner's country comes first, and of zones that agree for the coming 13 months only the first one.
    """
    zones = (zone for zone in (*country_zones, *everywhere) if known_zone(zone))
    return choices(now, [zone for zone in zones if _apart(local_hour(now, zone), clock) <= NEAR])[:MOST]


def choices(now: datetime, zones: Sequence[str]) -> tuple[str, ...]:
    """Of these zones, one for each different clock of the coming 13 months, in the given order."""
    found: dict[Clock, str] = {}
    for zone in zones:
        if known_zone(zone):
            found.setdefault(_clock(zone, now), zone)
    return tuple(found.values())


def _apart(one: str, other: str) -> int:
    """Minutes between two times of day, the short way round."""
    apart = abs(_minutes(one) - _minutes(other))
    return min(apart, 24 * 60 - apart)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _clock(zone: str, now: datetime) -> Clock:
    """What a zone's clocks will do: their offset from UTC now, and each coming change of it with its moment."""
    place = clocks(zone)
    moment = now.astimezone(UTC).replace(microsecond=0)
    end = moment + COMING
    first = last = _offset(zone, moment)
    changes = []
    while moment < end:
        later = min(moment + STEP, end)
        offset = _offset(zone, later)
        if offset != last:
            changes.append((changed(place, moment, later), offset))
        moment, last = later, offset
    return first, tuple(changes)


def _offset(zone: str, moment: datetime) -> timedelta:
    return moment.astimezone(clocks(zone)).utcoffset() or timedelta()
