"""Days and hours as people say them, on their own clocks."""

from datetime import UTC, datetime

import pytest

from bot.content.moments import spoken

MOMENT = datetime(2026, 11, 28, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Saturday 28 November, 7:05"),
        ("es", "sábado, 28 de noviembre, 7:05"),
        ("fr", "samedi 28 novembre, 7:05"),
        ("ar", "السبت، 28 نوفمبر، 7:05"),
        ("zh", "11月28日星期六 7:05"),
        ("ru", "суббота, 28 ноября, 7:05"),
        ("xx", "Saturday 28 November, 7:05"),
    ],
)
def test_weekday_day_and_month_are_written_out(language: str, words: str):
    assert spoken(MOMENT, "Europe/Madrid", language) == words


def test_the_clock_alone():
    assert spoken(MOMENT, "Asia/Kathmandu", "en", clock=True) == "11:50"


def test_without_a_zone_it_is_utc_s():
    assert spoken(MOMENT, "", "en") == "Saturday 28 November, 6:05"
