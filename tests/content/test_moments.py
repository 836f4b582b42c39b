"""A moment as people of a language say it."""

from datetime import UTC, datetime

import pytest

from bot.content.moments import spoken

SEVEN = datetime(2026, 11, 28, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Saturday 28 November, 7:00"),
        ("es", "sábado, 28 de noviembre, 7:00"),
        ("fr", "samedi 28 novembre, 7:00"),
        ("pt", "sábado, 28 de novembro 7:00"),
        ("ru", "суббота, 28 ноября, 7:00"),
        ("zh", "11月28日星期六 7:00"),
    ],
)
def test_weekday_and_month_are_written_out_in_the_language_s_own_order(language: str, words: str):
    assert spoken(SEVEN, "Europe/Madrid", language) == words


@pytest.mark.parametrize(
    ("day", "language", "words"),
    [
        (1, "fr", "mardi 1er décembre, 7:00"),
        (1, "fr-CA", "mardi 1er décembre, 7:00"),
        (2, "fr", "mercredi 2 décembre, 7:00"),
        (11, "fr", "vendredi 11 décembre, 7:00"),
        (1, "en", "Tuesday 1 December, 7:00"),
        (1, "es", "martes, 1 de diciembre, 7:00"),
    ],
)
def test_french_says_the_first_of_a_month_and_counts_the_other_days(day: int, language: str, words: str):
    assert spoken(datetime(2026, 12, day, 6, tzinfo=UTC), "Europe/Madrid", language) == words


def test_the_first_is_told_on_the_learner_s_own_clock():
    assert spoken(datetime(2026, 11, 30, 23, tzinfo=UTC), "Europe/Paris", "fr") == "mardi 1er décembre, 0:00"


def test_the_time_of_day_alone():
    assert spoken(SEVEN, "Asia/Kathmandu", "fr", clock=True) == "11:45"


@pytest.mark.parametrize("language", ["tlh", "x", ""])
def test_a_language_that_nobody_knows_is_said_in_english(language: str):
    assert spoken(SEVEN, "Europe/Madrid", language) == "Saturday 28 November, 7:00"


def test_a_wish_without_a_zone_is_told_in_universal_time():
    assert spoken(SEVEN, "", "en") == "Saturday 28 November, 6:00"
