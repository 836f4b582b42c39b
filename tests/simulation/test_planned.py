"""Planner and window alone, over years: forty zones, silence, breaks and a house that is down now and then."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.message_policy import read_rules
from bot.engine import due, schedule
from bot.engine.course import Library
from bot.engine.fixed import fixed
from bot.engine.learner import Learner, Status
from bot.engine.occasion import Occasion
from bot.service import Content
from bot.simulation import people, wish
from bot.simulation.figures import Figures
from bot.simulation.people import Habits
from bot.simulation.places import COUNTRIES
from bot.simulation.plan import START, Plan, lifted
from bot.simulation.planned import planned
from bot.simulation.watch import Watch
from bot.wiring.house import POLICIES

RULES = lifted(read_rules(POLICIES))
# Awake for long: people who fall silent early would leave nothing to look at in the second year.
FOR_YEARS = Habits(answering=0.8, silence=0.001, pausing=0.01, stopping=0.0003, changing=0.01, arriving=60)
# Casablanca's clocks stood still for Ramadan, Apia left out 30 December 2011, and half the world moved its clocks.
SINCE_2011 = datetime(2011, 3, 1, tzinfo=UTC)


Down = tuple[tuple[datetime, datetime], ...]


@fixed(frozen=True, slots=True)
class Broken(Plan):
    """With outages of the test's own."""

    spans: Down = ()

    @property
    def down(self) -> Down:
        return self.spans


def played(content: Content, plan: Plan) -> Figures:
    return planned(plan, content.library, RULES, lambda day: None)


def years(content: Content, learners: int, days: int = 730, **changes: Any) -> Figures:
    plan = Plan(learners, days, habits=FOR_YEARS, endless=True, outages=True, start=SINCE_2011)
    return played(content, replace(plan, **changes))


def some_days(content: Content, learners: int, days: int, down: Down = (), **habits: Any) -> Figures:
    return played(content, Broken(learners, days, habits=Habits(**habits), spans=down))


def test_there_are_forty_clocks_and_more() -> None:
    assert len({zone for country in COUNTRIES for zone in country.zones}) >= 40


@pytest.mark.timeout(600)  # some twenty seconds of a processor that may be shared with many
def test_two_years_in_forty_zones_bring_every_day_in_its_minute_or_say_why_not(content: Content) -> None:
    figures = years(content, 300)
    assert dict(+figures.broken) == {}
    assert sum(figures.decisions.values()) > 100_000
    assert {"Pacific/Apia", "Pacific/Kiritimati", "Australia/Lord_Howe", "Africa/Casablanca"} <= figures.zones
    assert len(figures.zones) > 40
    reasons = {reason for _, way, reason in figures.decisions if way == "hold"}
    assert {"late", "quiet", "asleep"} <= reasons


def test_when_every_lesson_is_done_days_are_held_and_nobody_falls_asleep(content: Content) -> None:
    figures = some_days(content, 20, 99, answering=1.0, silence=0, pausing=0, stopping=0, arriving=1)
    assert figures.promises_kept
    lessons = sum(len(course.lessons) for course in content.library.courses)
    assert figures.decisions["lesson", "hold", "all_done"] >= 20 * 20
    assert figures.counts["lessons"] == 20 * (lessons - 1)
    assert figures.decisions["lesson", "hold", "asleep"] == 0


def test_a_short_outage_makes_it_late_and_a_long_one_says_so(content: Content) -> None:
    night_out = ((START + timedelta(days=6), START + timedelta(days=8, hours=12)),)
    figures = some_days(content, 100, 12, night_out, answering=0.9, silence=0, arriving=3)
    assert figures.promises_kept
    assert figures.by_decision()["hold: late"] > 50
    assert 0 < figures.lateness()["max"] <= 3 * 3600


def test_who_never_answers_gets_less_and_then_nothing(content: Content) -> None:
    figures = some_days(content, 40, 60, answering=0.0, silence=0, pausing=0, stopping=0, arriving=1)
    assert figures.promises_kept
    assert figures.decisions["slower", "free_form", "always_open"] > 0
    assert {"asleep"} == {reason for _, way, reason in figures.decisions if way == "hold"}
    assert sum(figures.decisions.values()) <= 40 * 8


def test_the_same_seed_gives_the_same_years(content: Content) -> None:
    assert years(content, 30, 40).told() == years(content, 30, 40).told()


# --- planted bugs ------------------------------------------------------------------------------------------------


def test_a_served_date_that_is_forgotten_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    onwards = due.onwards

    def forgets(learner: Learner, occasion: Occasion) -> Learner:
        again = occasion.due + timedelta(hours=2)
        return learner.but(due=again) if occasion.due.hour == 4 else onwards(learner, occasion)

    monkeypatch.setattr(due, "onwards", forgets)
    assert some_days(content, 40, 10, arriving=1).broken["doubles"] > 0


def test_a_window_that_is_ignored_is_seen(content: Content) -> None:
    always = replace(RULES.channels["whatsapp"], free_for=None)
    rules = replace(RULES, channels={**RULES.channels, "whatsapp": always})
    figures = planned(Plan(40, 10, habits=Habits(arriving=1)), content.library, rules, lambda day: None)
    assert figures.broken["free_form_outside_window"] > 0


def test_a_planner_that_sleeps_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "_was_down", lambda self, due, at: False)
    down = ((START + timedelta(days=3), START + timedelta(days=3, hours=2)),)
    assert some_days(content, 40, 6, down, arriving=1).broken["not_in_their_minute"] > 0


NIGHT = ("01:30", "02:00", "02:30")


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is up when clocks are moved."""
    monkeypatch.setattr(people, "HOURS", NIGHT)
    monkeypatch.setattr(people, "HOUR_WEIGHTS", (1, 1, 1))


def autumn(content: Content, **changes: Any) -> dict[str, int]:
    """Weeks in which clocks are set back in Europe and America."""
    plan = Plan(150, 24, habits=Habits(silence=0, arriving=1), start=datetime(2026, 10, 16, tzinfo=UTC))
    return dict(+played(content, replace(plan, **changes)).broken)


@pytest.mark.usefixtures("night")
def test_clocks_are_moved_at_night_and_nothing_is_broken(content: Content) -> None:
    assert autumn(content) == {}
    assert autumn(content, start=datetime(2026, 3, 2, tzinfo=UTC)) == {}


@pytest.mark.usefixtures("night")
def test_an_hour_that_comes_twice_and_is_taken_twice_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    onwards = due.onwards

    def twice(learner: Learner, occasion: Occasion) -> Learner:
        learner = onwards(learner, occasion)
        again = occasion.due + timedelta(hours=1)
        zone = learner.daily.zone if learner.daily else "UTC"
        same = schedule.local_hour(again, zone) == schedule.local_hour(occasion.due, zone)
        return learner.but(due=again) if same else learner

    monkeypatch.setattr(due, "onwards", twice)
    assert autumn(content)["doubles"] > 0


@pytest.mark.usefixtures("night")
def test_the_second_of_an_hour_that_comes_twice_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    def second(day: date, hour: str, zone: str) -> datetime:
        wall = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=schedule.clocks(zone), fold=1)
        return wall.astimezone(UTC)

    monkeypatch.setattr(schedule, "at_local", second)
    assert autumn(content)["wrong_minute"] > 0


@pytest.mark.parametrize("into", [timedelta(0), timedelta(hours=24)])
def test_a_date_that_apia_never_had_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch, into: timedelta) -> None:
    """Once it is served all the same, once the day behind it is left out."""
    at_local = schedule.at_local

    def wrong(day: date, hour: str, zone: str) -> datetime | None:
        found = at_local(day, hour, zone)
        if found is None or (into and zone == "Pacific/Apia" and day == date(2011, 12, 31)):
            return None if into else datetime(2011, 12, 30, 10, 1, tzinfo=UTC)
        return found

    in_apia = [country for country in COUNTRIES if country.code == "WS"]
    monkeypatch.setattr(people, "somewhere", lambda random: (in_apia[0], "Pacific/Apia"))
    plan = Plan(20, 12, habits=Habits(silence=0, stopping=0, arriving=1), start=datetime(2011, 12, 24, tzinfo=UTC))
    assert played(content, plan).promises_kept
    monkeypatch.setattr(schedule, "at_local", wrong)
    assert played(content, plan).broken["missed_in_silence" if into else "not_asked_for"] > 0


THREE_DAYS = ((START + timedelta(days=6), START + timedelta(days=9)),)


def test_a_planner_that_forgets_whoever_was_due_while_it_was_down_is_seen(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = due.look

    def forgets(learner: Learner, library: Library, now: datetime) -> due.Look:
        late = learner.due is not None and now - learner.due > timedelta(minutes=5)
        return due.Look() if late else look(learner, library, now)

    monkeypatch.setattr(due, "look", forgets)
    assert some_days(content, 60, 12, THREE_DAYS, arriving=1).broken["missed_in_silence"] > 60


def test_days_of_a_downtime_that_leave_no_record_are_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    days = due._days
    monkeypatch.setattr(due, "_days", lambda *about: days(*about)[-1:])
    assert some_days(content, 60, 12, THREE_DAYS, arriving=1).broken["missed_in_silence"] > 60


@pytest.mark.parametrize(
    ("module", "law", "value", "broken"),
    [
        (schedule, "LATE", timedelta(hours=9), "brought_against_rules"),
        (schedule, "LATE", timedelta(minutes=30), "held_without_cause"),
        (due, "UNANSWERED", 5, "brought_against_rules"),
        (due, "UNANSWERED", 2, "brought_against_rules"),
        (due, "WEEK", timedelta(days=14), "missed_in_silence"),
        (due, "WEEK", timedelta(days=5), "not_asked_for"),
        (schedule, "QUIET", (time(23, 59), time(0, 1)), "brought_against_rules"),
    ],
)
def test_a_law_that_is_bent_is_seen(
    content: Content, monkeypatch: pytest.MonkeyPatch, module: Any, law: str, value: Any, broken: str
) -> None:
    evenings = [START + timedelta(days=day, hours=14) for day in (12, 15, 19)]
    down = tuple((evening, evening + timedelta(hours=7)) for evening in evenings)
    habits = {"answering": 0.5, "silence": 0.05, "arriving": 1}
    assert some_days(content, 100, 40, down, **habits).promises_kept
    monkeypatch.setattr(module, law, value)
    assert some_days(content, 100, 40, down, **habits).broken[broken] > 0


def test_whoever_stopped_and_is_brought_something_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping leaves what was planned as it was, and nobody asks whether anything is wanted."""
    but = Learner.but

    def keeps(learner: Learner, **changes: Any) -> Learner:
        if changes.get("status") is Status.STOPPED:
            changes.pop("due")
        return but(learner, **changes)

    monkeypatch.setattr(Learner, "but", keeps)
    monkeypatch.setattr(due, "_comes", lambda learner: True)
    assert some_days(content, 60, 12, stopping=0.1, arriving=1).broken["not_asked_for"] > 0


@given(
    st.sampled_from(sorted({zone for country in COUNTRIES for zone in country.zones} | {"Antarctica/Troll"})),
    st.dates(date(2008, 1, 1), date(2027, 12, 31)),
    st.times(),
)
def test_the_clock_on_the_wall_agrees_with_the_engine_s(zone: str, day: date, clock: time) -> None:
    hour = f"{clock:%H:%M}"
    found = schedule.at_local(day, hour, zone)
    assert (found is not None) is wish.was(day, zone)
    assert found is None or found == wish.moment(day, hour, zone)
