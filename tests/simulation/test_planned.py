"""Planner and window alone, over years: forty zones, silence, breaks and a house that is down now and then."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot.content.message_policy import read_rules
from bot.engine import due
from bot.engine.learner import Learner
from bot.engine.occasion import Occasion
from bot.service import Content
from bot.simulation.figures import Figures
from bot.simulation.people import Habits
from bot.simulation.places import COUNTRIES
from bot.simulation.plan import START, Plan, lifted
from bot.simulation.planned import Down, planned
from bot.simulation.watch import Watch
from bot.wiring.house import POLICIES

RULES = lifted(read_rules(POLICIES))
# Awake for long: people who fall silent early would leave nothing to look at in the second year.
FOR_YEARS = Habits(answering=0.8, silence=0.001, pausing=0.01, stopping=0.0003, arriving=200)


def years(content: Content, learners: int, days: int = 730, down: Down = (), **habits: Any) -> Figures:
    plan = Plan(learners, days, habits=Habits(**habits) if habits else FOR_YEARS, endless=days > 100)
    return planned(plan, content.library, RULES, lambda day: None, down)


def outages(days: int) -> Down:
    """Every few weeks some minutes, some hours or some days."""
    dice = Random("outages")
    begins = [START + timedelta(days=day, minutes=dice.randrange(1440)) for day in range(20, days - 10, 25)]
    return [(begin, begin + timedelta(minutes=dice.choice((7, 90, 400, 4_000)))) for begin in begins]


def test_there_are_forty_clocks_and_more() -> None:
    assert len({zone for country in COUNTRIES for zone in country.zones}) >= 40


@pytest.mark.timeout(600)  # some ten seconds of a processor that may be shared with many
def test_two_years_in_forty_zones_bring_every_day_in_its_minute_or_say_why_not(content: Content) -> None:
    figures = years(content, 150, down=outages(730))
    assert dict(+figures.broken) == {}
    assert sum(figures.decisions.values()) > 30_000
    reasons = {reason for _, way, reason in figures.decisions if way == "hold"}
    assert {"late", "asleep"} <= reasons


def test_when_every_lesson_is_done_days_are_held_and_then_the_wish_sleeps(content: Content) -> None:
    figures = years(content, 20, 99, answering=1.0, silence=0, pausing=0, stopping=0, arriving=1)
    assert figures.promises_kept
    lessons = sum(len(course.lessons) for course in content.library.courses)
    assert figures.decisions["lesson", "hold", "all_done"] >= 20 * 20
    assert figures.counts["lessons"] == 20 * (lessons - 1)
    assert figures.decisions["lesson", "hold", "asleep"] == 20


def test_a_short_outage_makes_it_late_and_a_long_one_says_so(content: Content) -> None:
    night_out = [(START + timedelta(days=6), START + timedelta(days=8, hours=12))]
    figures = years(content, 100, 12, night_out, answering=0.9, silence=0, arriving=3)
    assert figures.promises_kept
    assert figures.by_decision()["hold: late"] > 50
    assert 0 < figures.lateness()["max"] <= 3 * 3600


def test_who_never_answers_gets_less_and_then_nothing(content: Content) -> None:
    figures = years(content, 40, 60, answering=0.0, silence=0, pausing=0, stopping=0, arriving=1)
    assert figures.promises_kept
    assert figures.decisions["slower", "free_form", "always_open"] > 0
    assert {"asleep"} == {reason for _, way, reason in figures.decisions if way == "hold"}
    assert sum(figures.decisions.values()) <= 40 * 8


def test_the_same_seed_gives_the_same_years(content: Content) -> None:
    assert years(content, 30, 40).told() == years(content, 30, 40).told()


def test_a_served_date_that_is_forgotten_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    onwards = due.onwards

    def forgets(learner: Learner, occasion: Occasion) -> Learner:
        again = occasion.due + timedelta(hours=2)
        return learner.but(due=again) if occasion.due.hour == 4 else onwards(learner, occasion)

    monkeypatch.setattr(due, "onwards", forgets)
    assert years(content, 40, 10, arriving=1).broken["doubles"] > 0


def test_a_window_that_is_ignored_is_seen(content: Content) -> None:
    always = replace(RULES.channels["whatsapp"], free_for=None)
    rules = replace(RULES, channels={**RULES.channels, "whatsapp": always})
    figures = planned(Plan(40, 10, habits=Habits(arriving=1)), content.library, rules, lambda day: None)
    assert figures.broken["free_form_outside_window"] > 0


def test_a_planner_that_sleeps_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "_was_down", lambda self, due, at: False)
    down = [(START + timedelta(days=3), START + timedelta(days=3, hours=2))]
    assert years(content, 40, 6, down, arriving=1).broken["not_in_their_minute"] > 0
