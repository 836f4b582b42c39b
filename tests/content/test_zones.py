"""The zones of countries and numbers, and what their cities are called."""

import pytest

from bot.content.zones import EVERYWHERE, city, zone_of_city, zone_of_country, zone_of_phone, zones_of
from bot.engine.schedule import known_zone
from bot.engine.zones import choices, zones_at
from tests.engine.clocks import utc

NOW = utc("2025-11-27 12:00")
COUNTRIES = ("AR", "AU", "BR", "CA", "CD", "CL", "CN", "DE", "ES", "FR", "GB", "ID", "IN", "KE", "MX", "PT", "RU", "US")


@pytest.mark.parametrize(
    ("country", "first"),
    [
        *[("AR", "America/Argentina/Buenos_Aires"), ("AU", "Australia/Sydney"), ("BR", "America/Sao_Paulo")],
        *[("CA", "America/Toronto"), ("CL", "America/Santiago"), ("CN", "Asia/Shanghai"), ("DE", "Europe/Berlin")],
        *[("ES", "Europe/Madrid"), ("ID", "Asia/Jakarta"), ("IN", "Asia/Kolkata"), ("KZ", "Asia/Almaty")],
        *[("MX", "America/Mexico_City"), ("NZ", "Pacific/Auckland"), ("PT", "Europe/Lisbon")],
        *[("RU", "Europe/Moscow"), ("UA", "Europe/Kyiv"), ("US", "America/New_York")],
    ],
)
def test_where_most_people_live_comes_first(country: str, first: str):
    assert zones_of(country)[0] == first


def test_every_zone_of_a_country_is_there_once_and_known():
    for country in COUNTRIES:
        zones = zones_of(country)
        assert len(set(zones)) == len(zones)
        assert all(known_zone(zone) for zone in zones)
    assert set(zones_of("ES")) == {"Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"}


@pytest.mark.parametrize("country", [None, "", "ZZ", "es"])
def test_a_country_that_is_none_has_no_zones(country: str | None):
    assert zones_of(country) == ()
    assert zone_of_country(country, NOW) is None


def test_a_country_s_clocks_are_a_short_list():
    assert choices(NOW, zones_of("ES")) == ("Europe/Madrid", "Atlantic/Canary")
    assert len(choices(NOW, zones_of("US"))) == 8
    assert len(choices(NOW, zones_of("RU"))) == 11


@pytest.mark.parametrize("day", ["2026-11-27", "2027-05-20", "2027-11-27"])
def test_everywhere_has_every_clock_that_people_live_by(day: str):
    now = utc(f"{day} 12:00")
    every = [zone for country in COUNTRIES for zone in zones_of(country)]
    every += [
        zone
        for first in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for zone in zones_of(first + second)
    ]
    every = [zone for zone in every if not zone.startswith("Antarctica/")]
    assert len(every) > 400
    there = choices(now, (*EVERYWHERE, *every))
    assert there == tuple(zone for zone in EVERYWHERE if zone in there)
    assert len(there) > 50


def test_whatever_time_it_is_somewhere_a_list_can_show_who_has_it():
    for hour in range(24):
        for minute in ("00", "15", "30", "45"):
            assert len(zones_at(f"{hour:02}:{minute}", NOW, (), EVERYWHERE)) < 8


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+34911234567", "Europe/Madrid"),
        ("+34922123456", "Atlantic/Canary"),
        ("+12125551234", "America/New_York"),
        ("+13105551234", "America/Los_Angeles"),
        ("+5511998765432", "America/Sao_Paulo"),
        ("+254712345678", "Africa/Nairobi"),
        ("+447400123456", "Europe/London"),  # also Man and Guernsey, which have its clock
        ("+77012345678", "Asia/Almaty"),  # its digits alone might be Russia
        ("+919812345678", "Asia/Kolkata"),  # still called Calcutta in the table of numbers
        ("+12687641234", "America/Antigua"),
    ],
)
def test_a_number_of_one_clock_tells_the_zone(number: str, zone: str):
    assert zone_of_phone(number, NOW) == zone


@pytest.mark.parametrize(
    "number",
    [
        "+34600123456",  # a mobile in Spain: perhaps in the Canaries
        "+79161234567",
        "+61412345678",
        "+18005551234",
        "+88213300655",  # by satellite
        *["+1", "", "x", "+", "34911234567", "+34" * 20],
    ],
)
def test_a_number_of_several_clocks_or_of_none_tells_nothing(number: str):
    assert zone_of_phone(number, NOW) is None


def test_a_country_of_one_clock_tells_the_zone():
    assert zone_of_country("GB", NOW) == "Europe/London"
    assert zone_of_country("IN", NOW) == "Asia/Kolkata"
    assert zone_of_country("DE", NOW) == "Europe/Berlin"
    assert zone_of_country("ES", NOW) is None


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["New York", "Kolkata", "Kathmandu", "Buenos Aires"]),
        ("es", ["Nueva York", "Calcuta", "Katmandú", "Buenos Aires"]),
        ("fr", ["New York", "Calcutta", "Katmandou", "Buenos Aires"]),
        ("ar", ["نيويورك", "كالكتا", "كاتماندو", "بوينوس أيرس"]),
        ("zh", ["纽约", "加尔各答", "加德满都", "布宜诺斯艾利斯"]),
        ("pt-BR", ["Nova York", "Calcutá", "Katmandu", "Buenos Aires"]),
    ],
)
def test_cities_are_called_as_the_learner_calls_them(language: str, names: list[str]):
    zones = ("America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "America/Argentina/Buenos_Aires")
    assert [city(zone, language) for zone in zones] == names


@pytest.mark.parametrize("language", ["ar", "zh", "ru"])
def test_a_language_with_letters_of_its_own_has_every_city_in_them(language: str):
    assert [zone for zone in EVERYWHERE if city(zone, language).isascii()] == []


@pytest.mark.parametrize("language", ["xx", "", "no language"])
def test_where_a_language_has_no_name_the_zone_s_own_is_shown(language: str):
    assert city("America/Argentina/Buenos_Aires", language) == "Buenos Aires"
    assert city("Nowhere/At_All", "en") == "At All"


def test_every_city_that_a_zone_is_named_after_is_read_as_each_language_calls_it():
    zones = [zone for country in COUNTRIES for zone in zones_of(country) if not zone.startswith("Antarctica")]
    for zone in zones:
        for language in ("en", "es", "fr", "ar", "zh"):
            for name in (city(zone, language), city(zone, "en"), zone.rpartition("/")[2], zone):
                assert zone_of_city(name.upper(), language) == zone


@pytest.mark.parametrize(
    "words", ["Troll", "South Pole", "Samoa", "Victoria", "North", "GMT", "EST", "Eastern", "", ","]
)
def test_stations_and_what_is_no_city_are_nobody_s_clock(words: str):
    assert zone_of_city(words, "en") is None
    assert not [zone for zone in EVERYWHERE if zone.startswith("Antarctica")]
