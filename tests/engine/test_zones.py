"""A typed time of day, and the zones in which it is that time now."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.schedule import local_hour
from bot.engine.zones import choices, read_hour, zones_at
from tests.engine.clocks import utc

NOVEMBER = utc("2025-11-27 12:00")

USA = (
    *("America/New_York", "America/Detroit", "America/Kentucky/Louisville", "America/Chicago", "America/Menominee"),
    *("America/Denver", "America/Boise", "America/Phoenix", "America/Los_Angeles", "America/Anchorage"),
    *("America/Juneau", "Pacific/Honolulu"),
)
SPAIN = ("Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary")
PLACES = (
    *("America/Los_Angeles", "America/Denver", "America/Phoenix", "America/New_York", "America/Lima", "Europe/London"),
    *("Africa/Accra", "Europe/Paris", "Africa/Lagos", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Cairo"),
    *("Europe/Athens", "Europe/Moscow", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Shanghai", "Australia/Brisbane"),
)


@pytest.mark.parametrize(
    ("typed", "hour"),
    [
        *[("7", "07:00"), ("07", "07:00"), ("19", "19:00"), ("24", "00:00"), ("24:00", "00:00"), ("1", "01:00")],
        *[("7:00", "07:00"), ("07.30", "07:30"), ("7,30", "07:30"), ("7'30", "07:30"), ("7 30", "07:30")],
        *[("0:15", "00:15"), ("00:00", "00:00"), ("0h", "00:00"), ("23:59", "23:59"), ("1930", "19:30")],
        *[("7h", "07:00"), ("7h30", "07:30"), ("19 h 30", "19:30"), ("19H30", "19:30"), ("9h5", "09:05")],
        *[("7am", "07:00"), ("7 pm", "19:00"), ("7:30 p.m.", "19:30"), ("730pm", "19:30"), ("7.30PM", "19:30")],
        *[("12am", "00:00"), ("12 pm", "12:00"), ("12:30 AM", "00:30"), ("19:30 pm", "19:30"), ("0:30 am", "00:30")],
        *[("at 18:45", "18:45"), ("It's 7:30", "07:30"), ("7 o'clock", "07:00"), ("at 8 in the evening", "20:00")],
        *[("  7:30. ", "07:30"), ("7:30!", "07:30"), ("⏰ 7:30", "07:30"), ("7️⃣", "07:00"), ("(7:30)", "07:30")],
        *[("a las 7", "07:00"), ("A LAS 7 a. m.", "07:00"), ("las 8 de la tarde", "20:00"), ("19:30 hrs", "19:30")],
        *[("a la 1 y cuarto", "01:15"), ("las 7 y media", "07:30"), ("la 1 menos cuarto de la tarde", "12:45")],
        *[("12 de la mañana", "12:00"), ("12 de la noche", "00:00"), ("3 de la madrugada", "03:00")],
        *[("7 de la noche", "19:00"), ("son las 9 de la mañana", "09:00"), ("1 del mediodía", "13:00")],
        *[
            ("at noon", "12:00"),
            ("midnight", "00:00"),
            ("half past six in the evening", "18:30"),
            ("a las siete", "07:00"),
        ],
        *[("al mediodía", "12:00"), ("à midi", "12:00"), ("minuit", "00:00"), ("sept heures et demie", "07:30")],
        *[("à 19h", "19:00"), ("a 19h", "19:00"), ("7 heures", "07:00"), ("7 heures et demie", "07:30")],
        *[("8h moins le quart", "07:45"), ("à 8 heures du soir", "20:00"), ("3 h de l’après-midi", "15:00")],
        *[("às 19h30", "19:30"), ("8 da noite", "20:00"), ("7 e meia da manhã", "07:30"), ("são 9 horas", "09:00")],
        *[("в 7 утра", "07:00"), ("7 часов 30 минут", "07:30"), ("8 вечера", "20:00"), ("2 дня", "14:00")],
        *[("٧:٣٠", "07:30"), ("۷:۳۰", "07:30"), ("७:३०", "07:30"), ("الساعة ٧ مساءً", "19:00"), ("٧ ص", "07:00")],
        *[
            ("7：30", "07:30"),
            ("７：３０", "07:30"),
            ("晚上7点半", "19:30"),
            ("下午3点", "15:00"),
            ("现在7点30分", "07:30"),
        ],
    ],
)
def test_a_time_of_day_is_read_as_people_type_it(typed: str, hour: str):
    assert read_hour(typed) == hour


@pytest.mark.parametrize(
    "typed",
    [
        *[
            "",
            " ",
            "?",
            "0",
            "00",
            "25",
            "99",
            "730",
            "11111",
            "25:00",
            "24:30",
            "7:75",
            "7:60",
            "7:5",
            "7:300",
            "07:30:15",
        ],
        *["words", "seven", "at", "a las", "h", "pm", "at once", "12 oranges", "7 days", "7 days a week", "7 m", "7m"],
        *["7 or 8", "at 7 or 8", "7 7 7", "hello 7", "7 please", "7 at", "e7", "b7", "option 7", "13 am", "0 pm"],
        *["-7", "+7", "UTC+7", "7-8", "7–8", "7/10", "7/30", "€7", "7.30 €", "7%", "#7", "7°", "1e3", "½", "7½"],
        *["7:30 y media", "7 am pm", "晚上7点 pm", "7 am " * 20],
    ],
)
def test_what_is_no_time_of_day_is_none(typed: str):
    assert read_hour(typed) is None


@given(st.text(max_size=60) | st.text("0123456789:.h apmAPM٧７点", max_size=12))
def test_whatever_is_typed_is_a_time_of_day_or_none(typed: str):
    hour = read_hour(typed)
    assert hour is None or f"{datetime.strptime(hour, '%H:%M'):%H:%M}" == hour


@given(st.times(), st.sampled_from(["{h}:{m:02}", "{h:02}.{m:02}", "{h}h{m:02}", "{h:02}{m:02}h", "at {h} : {m:02}"]))
def test_a_time_is_read_as_it_was_written(clock, written: str):
    assert read_hour(written.format(h=clock.hour, m=clock.minute)) == f"{clock:%H:%M}"


# Which zone shows that time.


def test_a_country_offers_one_zone_for_each_of_its_clocks():
    assert choices(NOVEMBER, SPAIN) == ("Europe/Madrid", "Atlantic/Canary")
    assert choices(NOVEMBER, USA) == (
        *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix"),
        *("America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu"),
    )


def test_zones_that_agree_today_and_part_in_the_coming_year_are_two():
    """Phoenix has Denver's clock in winter only, Havana changes an hour before New York, Casablanca in Ramadan."""
    pairs = ("America/Denver", "America/Phoenix", "America/New_York", "America/Havana", "Africa/Lagos")
    assert choices(NOVEMBER, (*pairs, "Africa/Casablanca")) == (*pairs, "Africa/Casablanca")


def test_what_was_different_once_is_one_choice_from_now_on():
    before, after = utc("2016-07-01 12:00"), utc("2025-07-01 12:00")
    samara = ("Europe/Samara", "Europe/Saratov")  # an hour apart until December 2016
    assert choices(before, samara) == samara
    assert choices(after, samara) == samara[:1]


def test_a_name_that_is_no_zone_is_no_choice():
    assert choices(NOVEMBER, ("Nowhere/Else", "Europe/Madrid")) == ("Europe/Madrid",)
    assert zones_at("13:00", NOVEMBER, ("Nowhere/Else",), SPAIN) == ("Europe/Madrid",)


def test_the_learner_s_country_comes_first():
    assert zones_at("13:00", NOVEMBER, SPAIN, PLACES)[0] == "Europe/Madrid"
    assert zones_at("13:00", NOVEMBER, (), PLACES) == ("Europe/Paris", "Africa/Lagos", "Africa/Casablanca")


@pytest.mark.parametrize(("typed", "found"), [("05:00", 2), ("05:10", 2), ("04:50", 2), ("05:11", 0), ("04:49", 0)])
def test_ten_minutes_more_or_less_are_the_same_time(typed: str, found: int):
    zones = zones_at(typed, NOVEMBER, (), PLACES)
    assert len(zones) == found
    assert set(zones) <= {"America/Denver", "America/Phoenix"}


def test_ten_minutes_reach_over_midnight():
    assert zones_at("23:55", utc("2025-11-27 22:03"), (), PLACES)[:1] == ("Africa/Johannesburg",)
    assert zones_at("00:05", utc("2025-11-27 21:57"), (), PLACES)[:1] == ("Africa/Johannesburg",)


def test_kathmandu_is_a_quarter_of_an_hour_from_delhi():
    assert zones_at("17:45", NOVEMBER, (), PLACES) == ("Asia/Kathmandu",)
    assert zones_at("17:30", NOVEMBER, (), PLACES) == ("Asia/Kolkata",)
    assert zones_at("17:37", NOVEMBER, (), PLACES) == ("Asia/Kolkata", "Asia/Kathmandu")


def test_where_nobody_s_clock_shows_that_time_there_is_no_zone():
    assert zones_at("03:20", NOVEMBER, SPAIN, PLACES) == ()


def test_eight_are_as_many_as_a_list_can_show():
    """In the winter of 2010 more rules met in one hour than today."""
    now = utc("2010-01-15 12:00")
    met = (
        *("Africa/Johannesburg", "Europe/Athens", "Africa/Cairo", "Asia/Jerusalem", "Asia/Beirut", "Asia/Gaza"),
        *("Asia/Amman", "Asia/Damascus", "Europe/Istanbul", "Africa/Windhoek"),
    )
    assert len(choices(now, met)) > 8
    assert zones_at("14:00", now, met[:2], met) == choices(now, met)[:8]


@given(st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 1)).map(lambda moment: moment.replace(second=0)))
def test_every_zone_finds_itself_or_one_that_agrees_with_it(moment: datetime):
    now = utc(moment.isoformat())
    for zone in PLACES:
        found = zones_at(local_hour(now, zone), now, (), PLACES)
        assert len(found) <= 8
        assert any(choices(now, (other, zone)) == (other,) for other in found)
