"""What people type about the daily lesson, in the real words of each language."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.engine.at_once import after_command, read_break
from bot.engine.days import read_days
from bot.engine.hours import read_hour
from bot.engine.subscription import Pace
from bot.service import Content
from tests.engine.test_daily import LAGOS, MADRID, daily, talking
from tests.makers import ENGLISH, Talk


@pytest.mark.parametrize(
    ("language", "typed", "hour"),
    [
        *[("en", "every day 18:30", "18:30"), ("en", "remind me at 7", "07:00"), ("en", "daily lesson 18:30", "18:30")],
        *[("en", "/daily@SSEbot 7:00", "07:00"), ("en", "daily\n7:00", "07:00"), ("en", "daily\u00a07:00", "07:00")],
        *[("es", "cada día a las 7", "07:00"), ("es", "lección diaria 18:30", "18:30")],
        *[("es", "todos los días a las 7", "07:00"), ("fr", "chaque jour 18:30", "18:30")],
        *[("fr", "tous les jours à 7h", "07:00"), ("fr", "leçon du jour 18h30", "18:30")],
        *[("fr", "rappelle moi à 7h", "07:00"), ("fr", "rappel : 7h", "07:00")],
    ],
)
def test_every_word_of_daily_takes_an_hour(content: Content, language: str, typed: str, hour: str):
    meaning, rest = after_command(typed, language, content.library)
    assert (meaning, read_hour(rest)) == ("daily", hour)


@pytest.mark.parametrize(
    ("language", "typed", "days"),
    [
        *[("en", "take a break 3 days", 3), ("en", "pause  3", 3), ("en", "pause for 3 days", 3)],
        *[("en", "pause two weeks", 14), ("en", "pause a week", 7), ("en", "pause 3 months", 99)],
        *[("en", "pause until monday", None), ("en", "pause -3", None)],
        *[("es", "hacer una pausa 3", 3), ("es", "pausa de 3 días", 3)],
        *[("fr", "en pause 3", 3), ("fr", "pause de 3 jours", 3), ("fr", "pause d'une semaine", 7)],
    ],
)
def test_every_word_of_pause_takes_days(content: Content, language: str, typed: str, days: int | None):
    meaning, rest = after_command(typed, language, content.library)
    assert (meaning, read_break(rest, language, content.library, 99)) == ("pause", days)


@pytest.mark.parametrize(
    ("language", "typed", "days"),
    [
        *[("en", "Monday", (0,)), ("en", "saturdays", (5,)), ("en", "monday and friday", (0, 4))],
        *[("en", "weekdays", (0, 1, 2, 3, 4)), ("en", "Mon-Thu", (0, 1, 2, 3)), ("en", "not monday", ())],
        *[("es", "lunes y viernes", (0, 4)), ("es", "mar, jue", (1, 3)), ("es", "de sábado a lunes", (0, 5, 6))],
        *[("fr", "lundi et vendredi", (0, 4)), ("fr", "du lundi jusqu'à jeudi", (0, 1, 2, 3)), ("fr", "Monday", (0,))],
    ],
)
def test_days_are_read_as_people_type_them(content: Content, language: str, typed: str, days: tuple[int, ...]):
    assert read_days(typed, language, content.library) == days


@pytest.mark.parametrize(
    ("language", "words"),
    [
        *[("en", "no more messages"), ("en", "stop daily"), ("en", "end daily lessons"), ("es", "basta ya")],
        *[("fr", "arretez"), ("fr", "se desabonner")],
    ],
)
def test_many_words_mean_stop(content: Content, language: str, words: str):
    assert content.library.typed(language)[words] == "stop"


def test_what_names_no_days_is_told_and_asked_again():
    talk = talking()
    talk.says("daily 7:00")
    talk.says("whenever the moon is full")
    assert talk.body == ["daily.no_days", "daily.ask_days"]


def test_an_hour_in_words_that_cannot_be_read_is_asked_for():
    talk = talking()
    talk.says("daily at lunch")
    assert talk.body == ["daily.no_time", "daily.ask_hour"]


def test_ordinary_words_and_whole_answers_are_not_taken_for_a_wish():
    talk = talking()
    talk.library = replace(talk.library, typed=lambda _language: ENGLISH | {"option": "pause", "every day": "daily"})
    talk.says("every day we save a little money together")
    assert talk.learner.daily is None
    assert talk.learner.aside is None


@pytest.mark.parametrize(("typed", "zone"), [("20:05", "Asia/Bangkok"), ("8:05 pm", "Asia/Bangkok")])
def test_an_evening_hour_is_not_taken_for_the_morning_at_home(typed: str, zone: str):
    talk = talking(zone=None, country="US")
    there = {"US": ("America/New_York",), None: ("America/New_York", zone)}
    talk.library = replace(talk.library, zones=lambda country: there.get(country, ()))
    talk.says("daily 7:00")
    talk.picks("daily.days.all")
    talk.now = datetime(2026, 11, 28, 13, 5, tzinfo=UTC)
    talk.says(typed)
    assert talk.learner.daily.zone == zone


def whose_clock(content: Content, **facts: Any) -> Talk:
    """Somebody who is asked what time it is for them, and knows the real cities."""
    talk = talking(zone=None, **facts)
    talk.library = replace(talk.library, zone_of_city=content.library.zone_of_city)
    talk.says("daily 7:00")
    talk.picks("daily.days.all")
    assert talk.body == ["daily.ask_zone"]
    return talk


@pytest.mark.parametrize(
    ("city", "zone"),
    [
        *[("Lagos", LAGOS), ("madrid", MADRID), ("NAIROBI", "Africa/Nairobi"), ("Kinshasa", "Africa/Kinshasa")],
        *[("sao paulo", "America/Sao_Paulo"), ("port_au_prince", "America/Port-au-Prince")],
        *[("Saigon", "Asia/Ho_Chi_Minh"), ("New York, USA", "America/New_York"), ("Africa/Nairobi", "Africa/Nairobi")],
    ],
)
def test_a_city_is_found_by_its_name(content: Content, city: str, zone: str):
    talk = whose_clock(content)
    talk.says(city)
    assert talk.learner.daily.zone == zone


def test_a_city_is_read_where_several_have_that_clock_and_what_is_none_is_asked_again(content: Content):
    talk = whose_clock(content)
    talk.says(f"{talk.now + timedelta(hours=1):%H:%M}")
    cities = talk.say.choices
    talk.says("Ouagadoodle")
    assert talk.body == ["daily.no_city", "daily.which_zone"]
    assert talk.say.choices == cities
    talk.says("Kinshasa")
    assert talk.learner.daily.zone == "Africa/Kinshasa"


def test_days_that_cannot_be_read_are_asked_for_in_the_list_they_were_typed_at():
    talk = talking()
    talk.says("daily 7:00")
    talk.picks("daily.days.pick")
    talk.says("whenever")
    assert talk.body == ["daily.no_days", "daily.pick_days"]


def test_all_days_let_go_of_and_two_chosen_come_though_nobody_pressed_done():
    talk = daily()
    talk.taps("d:pick")
    for day in range(7):
        talk.taps(f"d:day-{day}")
    assert talk.learner.due is None
    talk.taps("d:day-1")
    talk.taps("d:day-4")
    assert talk.learner.due == datetime(2026, 11, 27, 6, tzinfo=UTC)


def test_why_speaks_of_a_break_only_during_one():
    talk = daily()
    talk.taps("p:0")
    talk.says("why")
    assert talk.body == ["pause.open"]
    talk.says("stop")
    talk.says("why")
    assert talk.body == ["pause.nothing"]
    asleep = daily()
    asleep.learner = asleep.learner.but(due=None, daily=asleep.learner.daily.but(pace=Pace.ASLEEP))
    asleep.says("stop")
    asleep.says("why")
    assert asleep.body == ["pause.nothing"]


def test_a_break_of_a_day_leaves_out_a_lesson_also_when_today_s_has_come():
    talk = daily()
    talk.says("pause 1")
    assert talk.learner.daily.paused_until == date(2026, 11, 26)
    assert talk.learner.due == datetime(2026, 11, 26, 6, tzinfo=UTC)
