"""When a lesson comes: at the learner's hour, on their days, by their clocks, once a date and never left out."""

import itertools
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.schedule import (
    EVERY_DAY,
    LATE,
    NOBODYS,
    Due,
    at_local,
    is_late,
    is_quiet,
    known_zone,
    local_day,
    local_hour,
    next_due,
    out_of_quiet,
)
from tests.engine.clocks import lessons, ticks, utc, wall


def on(text: str) -> date:
    return date.fromisoformat(text)


def dues(hour: str, zone: str, after: str, count: int, days: Iterable[int] = EVERY_DAY) -> list[Due]:
    """The next lessons, each planned when the one before it was brought."""
    found: list[Due] = []
    moment, served, days = utc(after), None, frozenset(days)
    for _ in range(count):
        found.append(next_due(hour, days, zone, moment, served))
        moment, served = found[-1].at, found[-1].day
    return found


# An hour on a wall, and the moment it stands for.


@pytest.mark.parametrize(
    ("zone", "day", "hour", "moment"),
    [
        ("Europe/Madrid", "2025-03-29", "07:00", "2025-03-29 06:00"),
        ("Europe/Madrid", "2025-03-30", "07:00", "2025-03-30 05:00"),
        ("Europe/Madrid", "2025-10-26", "07:00", "2025-10-26 06:00"),
        ("America/New_York", "2025-03-08", "20:00", "2025-03-09 01:00"),
        ("America/New_York", "2025-03-09", "20:00", "2025-03-10 00:00"),
        ("America/Santiago", "2025-06-10", "07:00", "2025-06-10 11:00"),
        ("America/Santiago", "2025-12-10", "07:00", "2025-12-10 10:00"),
        ("Australia/Sydney", "2025-06-10", "07:00", "2025-06-09 21:00"),
        ("Australia/Sydney", "2025-12-10", "07:00", "2025-12-09 20:00"),
        ("Asia/Kathmandu", "2025-06-10", "07:00", "2025-06-10 01:15"),
        ("Pacific/Kiritimati", "2025-06-10", "07:00", "2025-06-09 17:00"),
        ("Pacific/Honolulu", "2025-06-10", "20:00", "2025-06-11 06:00"),
    ],
)
def test_an_hour_is_the_one_on_the_learner_s_wall(zone: str, day: str, hour: str, moment: str):
    assert at_local(on(day), hour, zone) == utc(moment)


def test_casablanca_goes_back_for_ramadan_and_the_lesson_goes_with_it():
    hours = {day: at_local(on(day), "07:00", "Africa/Casablanca") for day in ("2025-02-22", "2025-02-24", "2025-04-07")}
    assert [moment and moment.hour for moment in hours.values()] == [6, 7, 6]


@pytest.mark.parametrize(
    ("zone", "day", "hour", "moment", "shown"),
    [
        ("Europe/Madrid", "2025-03-30", "02:30", "2025-03-30 01:00", "03:00"),
        ("America/New_York", "2025-03-09", "02:00", "2025-03-09 07:00", "03:00"),
        ("Australia/Lord_Howe", "2025-10-05", "02:15", "2025-10-04 15:30", "02:30"),
        ("Africa/Cairo", "2024-04-26", "00:30", "2024-04-25 22:00", "01:00"),
        ("America/Santiago", "2025-09-07", "00:00", "2025-09-07 04:00", "01:00"),
        ("America/Nuuk", "2024-03-30", "23:30", "2024-03-31 01:00", "00:00"),
    ],
)
def test_an_hour_that_is_skipped_is_the_first_moment_after_the_gap(
    zone: str, day: str, hour: str, moment: str, shown: str
):
    assert at_local(on(day), hour, zone) == utc(moment)
    assert local_hour(utc(moment), zone) == shown


@pytest.mark.parametrize(
    ("zone", "day", "hour", "moment"),
    [
        ("Europe/Madrid", "2025-10-26", "02:30", "2025-10-26 00:30"),
        ("America/New_York", "2025-11-02", "01:30", "2025-11-02 05:30"),
        ("Australia/Lord_Howe", "2025-04-06", "01:45", "2025-04-05 14:45"),
        ("Africa/Cairo", "2024-10-31", "23:30", "2024-10-31 20:30"),
        ("Pacific/Kwajalein", "1969-09-30", "12:00", "1969-09-30 01:00"),
    ],
)
def test_an_hour_that_comes_twice_is_the_first_one(zone: str, day: str, hour: str, moment: str):
    assert at_local(on(day), hour, zone) == utc(moment)
    again = next_due(hour, EVERY_DAY, zone, utc(moment))
    assert again.day == on(day) + timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Pacific/Apia", "2011-12-30"),
        ("Pacific/Fakaofo", "2011-12-30"),
        ("Pacific/Kwajalein", "1993-08-21"),
        ("Pacific/Kiritimati", "1994-12-31"),
    ],
)
@pytest.mark.parametrize("hour", ["00:00", "07:00", "23:59"])
def test_a_date_that_never_was_has_no_hours(zone: str, day: str, hour: str):
    assert at_local(on(day), hour, zone) is None
    assert at_local(on(day) - timedelta(days=1), hour, zone) is not None
    assert at_local(on(day) + timedelta(days=1), hour, zone) is not None


# One lesson after the other.


def test_a_lesson_comes_every_day_at_the_same_hour_through_both_changes_of_the_clock():
    for start in ("2025-03-27 12:00", "2025-10-23 12:00"):
        week = dues("07:00", "Europe/Madrid", start, 7)
        assert {local_hour(due.at, "Europe/Madrid") for due in week} == {"07:00"}
        assert [due.day for due in week] == [local_day(due.at, "Europe/Madrid") for due in week]
        assert {later.day - due.day for due, later in itertools.pairwise(week)} == {timedelta(days=1)}


def test_the_hour_that_is_striking_now_is_over():
    assert next_due("07:00", EVERY_DAY, "Asia/Kathmandu", utc("2025-06-10 01:14:59")).day == on("2025-06-10")
    assert next_due("07:00", EVERY_DAY, "Asia/Kathmandu", utc("2025-06-10 01:15")).day == on("2025-06-11")


def test_this_evening_is_still_to_come_where_greenwich_has_tomorrow_already():
    due = Due(utc("2025-06-11 03:00"), on("2025-06-10"))
    assert next_due("20:00", EVERY_DAY, "America/Los_Angeles", utc("2025-06-11 02:00")) == due


def test_weekdays_are_the_learner_s_own():
    """Monday morning in Kiritimati is still Sunday in Greenwich."""
    mondays = dues("07:00", "Pacific/Kiritimati", "2025-06-01 00:00", 3, days={0})
    assert [due.day for due in mondays] == [on("2025-06-02"), on("2025-06-09"), on("2025-06-16")]
    assert {due.at.weekday() for due in mondays} == {6}


def test_apia_goes_to_bed_on_thursday_and_learns_on_saturday():
    days = [due.day for due in dues("07:00", "Pacific/Apia", "2011-12-28 20:00", 3)]
    assert days == [on("2011-12-29"), on("2011-12-31"), on("2012-01-01")]


def test_who_learns_on_fridays_only_waits_a_week_longer_in_apia():
    days = [due.day for due in dues("07:00", "Pacific/Apia", "2011-12-22 20:00", 2, days={4})]
    assert days == [on("2011-12-23"), on("2012-01-06")]


def test_without_weekdays_there_is_no_next_lesson():
    for days in ((), {7}):
        with pytest.raises(ValueError, match="weekday"):
            next_due("07:00", days, "Europe/Madrid", utc("2025-06-10 12:00"))


def test_moving_from_kiritimati_to_honolulu_repeats_no_date():
    """Their clocks show the same hour, a day apart: the morning of the tenth would come a second time."""
    had = next_due("07:00", EVERY_DAY, "Pacific/Kiritimati", utc("2025-06-09 12:00"))
    assert had == Due(utc("2025-06-09 17:00"), on("2025-06-10"))
    moved = next_due("07:00", EVERY_DAY, "Pacific/Honolulu", had.at, had.day)
    assert moved == Due(utc("2025-06-11 17:00"), on("2025-06-11"))


def test_moving_from_honolulu_to_kiritimati_goes_on_with_the_next_morning_there():
    had = next_due("07:00", EVERY_DAY, "Pacific/Honolulu", utc("2025-06-10 12:00"))
    moved = next_due("07:00", EVERY_DAY, "Pacific/Kiritimati", had.at, had.day)
    assert moved == Due(had.at + timedelta(days=1), on("2025-06-12"))


def test_an_hour_put_later_on_the_same_day_brings_no_second_lesson():
    had = next_due("07:00", EVERY_DAY, "Europe/Madrid", utc("2025-06-10 00:00"))
    assert next_due("20:00", EVERY_DAY, "Europe/Madrid", had.at, had.day).day == on("2025-06-11")


def test_a_machine_whose_clock_falls_back_a_day_repeats_nothing():
    had = next_due("07:00", EVERY_DAY, "Europe/Madrid", utc("2025-06-10 00:00"))
    again = next_due("07:00", EVERY_DAY, "Europe/Madrid", had.at - timedelta(days=1), had.day)
    assert again == Due(had.at + timedelta(days=1), on("2025-06-11"))


def test_a_year_asleep_is_made_up_for_by_nothing():
    """What was due before the sleep may still be brought; the next one lies ahead of the waking."""
    had = next_due("07:00", EVERY_DAY, "Europe/Madrid", utc("2025-06-10 00:00"))
    waking = had.at + timedelta(days=365, minutes=5)
    assert is_late(had.at, waking)
    assert next_due("07:00", EVERY_DAY, "Europe/Madrid", waking, had.day).day == on("2026-06-11")


# Lateness, quiet hours, names.


def test_late_is_what_is_more_than_three_hours_after():
    due = utc("2025-06-10 05:00")
    assert not is_late(due, due - timedelta(days=1))
    assert not is_late(due, due + LATE)
    assert is_late(due, due + LATE + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("moment", "out"),
    [
        ("2025-06-10 18:59", "2025-06-10 18:59"),
        ("2025-06-10 19:00", "2025-06-11 05:00"),
        ("2025-06-10 23:30", "2025-06-11 05:00"),
        ("2025-06-11 04:59:59", "2025-06-11 05:00"),
        ("2025-06-11 05:00", "2025-06-11 05:00"),
        ("2025-03-29 22:00", "2025-03-30 05:00"),
        ("2025-10-25 22:00", "2025-10-26 06:00"),
    ],
)
def test_nobody_in_madrid_is_disturbed_from_nine_to_seven(moment: str, out: str):
    assert out_of_quiet(utc(moment), "Europe/Madrid") == utc(out)
    assert is_quiet(utc(moment), "Europe/Madrid") is (moment != out)


def test_the_night_before_the_date_that_never_was_ends_on_the_next_one():
    assert out_of_quiet(utc("2011-12-30 08:00"), "Pacific/Apia") == utc("2011-12-30 17:00")


@pytest.mark.parametrize(
    "zone", ["", "Europe", "Nowhere/Else", "../etc/passwd", "/etc/passwd", "x\0y", "\ud800", "zone.tab", "a" * 5000]
)
def test_any_text_may_be_asked_about_as_a_zone(zone: str):
    assert not known_zone(zone)


def test_what_the_machine_itself_is_set_to_is_nobody_s_zone():
    assert not known_zone("localtime")
    assert known_zone("Europe/Madrid")
    assert known_zone("UTC")


# Any zone, any hour, any days, any moment: as somebody would who watches the wall.

ZONES = st.sampled_from(sorted(available_timezones() - NOBODYS))
HOURS = st.times().map(lambda clock: f"{clock:%H:%M}")
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))

# Zones and moments in which clocks jump, by name: chance would seldom meet them.
JUMPS = st.sampled_from(
    [
        ("Europe/Madrid", "2025-03-30 01:00"),
        ("Europe/Madrid", "2025-10-26 01:00"),
        ("America/New_York", "2025-11-02 06:00"),
        ("America/St_Johns", "2005-04-03 03:31"),
        ("America/Nuuk", "2024-03-31 01:00"),
        ("America/Caracas", "2007-12-09 07:00"),
        ("America/Havana", "2025-03-09 05:00"),
        ("Africa/Casablanca", "2025-04-06 02:00"),
        ("Africa/Cairo", "2024-10-31 21:00"),
        ("Antarctica/Casey", "2010-03-04 15:00"),
        ("Antarctica/Troll", "2025-03-30 01:00"),
        ("Asia/Amman", "2022-10-27 22:00"),
        ("Asia/Gaza", "2011-08-01 10:00"),
        ("Asia/Pyongyang", "2015-08-14 15:00"),
        ("Australia/Lord_Howe", "2025-10-04 15:30"),
        ("Pacific/Apia", "2011-12-30 10:00"),
        ("Pacific/Fakaofo", "2011-12-30 11:00"),
        ("Pacific/Kiritimati", "1994-12-31 10:00"),
        ("Pacific/Kwajalein", "1993-08-21 12:00"),
    ]
)
NEARBY = st.timedeltas(timedelta(days=-3), timedelta(days=3))
PLACES_AND_MOMENTS = st.tuples(ZONES, MOMENTS) | st.tuples(JUMPS, NEARBY).map(
    lambda drawn: (drawn[0][0], utc(drawn[0][1]) + drawn[1])
)


@settings(deadline=None, max_examples=400)
@given(PLACES_AND_MOMENTS, HOURS, DAYS, st.none() | st.integers(-3, 9))
def test_the_next_lesson_is_the_first_that_a_watcher_of_the_wall_would_bring(
    where: tuple[str, datetime], hour: str, days: frozenset[int], ahead: int | None
):
    zone, after = where
    served = None if ahead is None else local_day(after, zone) + timedelta(days=ahead)
    due = next_due(hour, days, zone, after, served)
    assert due.at > after
    start = after.replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    watched = lessons(hour, days, zone, start, start + timedelta(days=40))
    expected = next((at, day) for at, day in watched if at > after and (served is None or day > served))
    assert (due.at, due.day) == expected


@settings(deadline=None, max_examples=200)
@given(
    PLACES_AND_MOMENTS, HOURS, DAYS, st.lists(st.timedeltas(timedelta(), timedelta(days=20)), min_size=2, max_size=12)
)
def test_fed_with_its_own_answers_it_goes_on_and_on(
    where: tuple[str, datetime], hour: str, days: frozenset[int], downtimes: list[timedelta]
):
    zone, moment = where
    due = next_due(hour, days, zone, moment)
    for downtime in downtimes:
        later = next_due(hour, days, zone, due.at + downtime, due.day)
        assert later.at > due.at + downtime
        assert later.day > due.day
        assert later.day.weekday() in days
        due = later


@settings(deadline=None, max_examples=200)
@given(MOMENTS, st.lists(st.tuples(ZONES, HOURS, DAYS, st.timedeltas(timedelta(-400), timedelta(400))), min_size=2))
def test_whoever_moves_and_whatever_the_machine_s_clock_does_no_date_comes_twice(
    moment: datetime, life: list[tuple[str, str, frozenset[int], timedelta]]
):
    served: list[date] = []
    for zone, hour, days, jump in life:
        served.append(next_due(hour, days, zone, moment, served[-1] if served else None).day)
        moment += jump
    assert served == sorted(set(served))


@settings(deadline=None)
@given(PLACES_AND_MOMENTS)
def test_out_of_the_quiet_hours_is_never_in_them(where: tuple[str, datetime]):
    zone, moment = where
    out = out_of_quiet(moment, zone)
    assert not is_quiet(out, zone)
    assert moment <= out <= moment + timedelta(hours=12)


# A crowd, and two years.

CROWDED = (
    *("Europe/Madrid", "Europe/London", "Europe/Dublin", "Europe/Moscow", "Europe/Istanbul", "Europe/Chisinau"),
    *("Africa/Cairo", "Africa/Casablanca", "Africa/Lagos", "Africa/Nairobi", "Africa/Johannesburg", "Africa/El_Aaiun"),
    *("Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran", "Asia/Kabul", "Asia/Gaza", "Asia/Beirut", "Asia/Jerusalem"),
    *("Asia/Shanghai", "Asia/Tokyo", "Asia/Yangon", "Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide"),
    *("Australia/Lord_Howe", "Australia/Eucla", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia"),
    *("Pacific/Kiritimati", "Pacific/Honolulu", "America/New_York", "America/St_Johns", "America/Havana"),
    *("America/Santiago", "America/Nuuk", "America/Sao_Paulo", "America/Mexico_City", "Antarctica/Troll"),
)
START = utc("2023-02-01 00:00")
END = utc("2025-02-01 00:00")
Wish = tuple[str, str, frozenset[int]]


def calendar(zone: str) -> tuple[set[date], set[datetime]]:
    """Every date that began on this zone's wall in the two years, and the moments at which its clocks jumped on."""
    steps = list(ticks(zone, START, END))
    began = {after.date() for _, before, after in steps if after.date() > before.date()}
    return began, {then for then, before, after in steps if after - before > timedelta(minutes=15)}


def brought(wish: Wish, seed: int) -> list[Due]:
    """The lessons of one learner, each planned a few seconds after the one before was brought."""
    zone, hour, days = wish
    lag = timedelta(seconds=seed % 50)
    found = [next_due(hour, days, zone, START)]
    while found[-1].at < END:
        found.append(next_due(hour, days, zone, found[-1].at + lag, found[-1].day))
    return found[:-1]


def failures(wish: Wish, seed: int, began: set[date], jumps: set[datetime]) -> dict[str, int]:
    """Of one learner's lessons, how many came at another minute than theirs, twice, or not at all."""
    zone, hour, days = wish
    found = brought(wish, seed)
    came = [due.day for due in found]
    clock = time.fromisoformat(hour)
    wrong = [due for due in found if wall(due.at, zone) != datetime.combine(due.day, clock)]
    wanted = {day for day in began if day.weekday() in days}
    # At either end of the two years a date may have begun there and its hour not struck.
    edges = {local_day(moment + timedelta(days=shift), zone) for moment in (START, END) for shift in (-1, 0, 1)}
    return {
        "lessons": len(found),
        "displaced": len([due for due in wrong if due.at not in jumps]),
        "doubled": len(came) - len(set(came)),
        "missed": len(wanted - set(came) - edges),
        "unwanted": len(set(came) - wanted - edges),
    }


def crowd(size: int, hours: int) -> dict[Wish, int]:
    """Learners by what they wish: so many draw a zone, one of so many hours, and days."""
    draw = random.Random(20251127)
    clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in draw.sample(range(1440), hours)]
    habits = [frozenset(EVERY_DAY), frozenset(range(5)), frozenset({5, 6}), frozenset({0, 2, 4})]
    drawn = ((draw.choice(CROWDED), draw.choice(clocks), draw.choice(habits)) for _ in range(size))
    return {wish: seed for seed, wish in enumerate(drawn)}


def test_fifty_thousand_learners_get_every_lesson_of_two_years_in_its_minute_and_none_twice():
    wishes = crowd(50_000, hours=4)
    calendars = {zone: calendar(zone) for zone in CROWDED}
    total = dict.fromkeys(("lessons", "displaced", "doubled", "missed", "unwanted"), 0)
    for wish, seed in wishes.items():
        for name, count in failures(wish, seed, *calendars[wish[0]]).items():
            total[name] += count
    assert len(wishes) == len(CROWDED) * 4 * 4
    assert total.pop("lessons") > 200_000
    assert set(total.values()) == {0}, total
