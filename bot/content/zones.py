"""Time zones of countries, of phone numbers, and the names of their cities."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.resources import files
from typing import cast

from bot.content.territories import country_of_phone
from bot.engine.reading import normalise
from bot.engine.zones import choices

# zone.tab goes through most countries by the map; here the zones where most people live come first.
MOST_PEOPLE: Mapping[str, tuple[str, ...]] = {
    "AU": ("Australia/Sydney", "Australia/Brisbane", "Australia/Perth", "Australia/Adelaide", "Australia/Darwin"),
    "BR": ("America/Sao_Paulo", "America/Manaus", "America/Rio_Branco", "America/Noronha"),
    "CA": (
        *("America/Toronto", "America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Regina"),
        *("America/Halifax", "America/St_Johns"),
    ),
    "MX": ("America/Mexico_City", "America/Tijuana", "America/Hermosillo", "America/Ciudad_Juarez", "America/Cancun"),
    "RU": (
        *("Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Europe/Samara", "Asia/Irkutsk", "Asia/Omsk"),
        *("Asia/Vladivostok", "Asia/Yakutsk", "Europe/Kaliningrad", "Asia/Magadan", "Asia/Kamchatka"),
    ),
    "UA": ("Europe/Kyiv",),
    "US": (
        *("America/New_York", "America/Chicago", "America/Los_Angeles", "America/Denver", "America/Phoenix"),
        *("Pacific/Honolulu", "America/Anchorage"),
    ),
}

# Parts of the world whose zones are named after a place where people live: all but Antarctica's stations.
PLACES = ("Africa/", "America/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")

# Old names of zones that are no city's, or another place's today: Samoa has a clock of its own.
NO_CITY = frozenset({"Samoa", "Virgin", "Victoria", "North", "South", "West", "ACT", "NSW", "LHI"})

# A city for every clock that people live by, from west to east, the best known ones of an offset first.
EVERYWHERE: tuple[str, ...] = (
    *("Pacific/Pago_Pago", "Pacific/Honolulu", "America/Adak", "Pacific/Marquesas", "America/Anchorage"),
    *("Pacific/Gambier", "America/Los_Angeles", "Pacific/Pitcairn", "America/Denver", "America/Phoenix"),
    *("America/Mexico_City", "America/Chicago", "America/New_York", "America/Lima", "America/Havana"),
    *("Pacific/Easter", "America/Caracas", "America/Halifax", "America/St_Johns", "America/Sao_Paulo"),
    *("America/Santiago", "America/Miquelon", "America/Nuuk", "America/Noronha", "Atlantic/Cape_Verde"),
    *("Atlantic/Azores", "Europe/London", "Africa/Accra", "Europe/Paris", "Africa/Lagos"),
    *("Africa/Casablanca", "Africa/Johannesburg", "Africa/Cairo", "Europe/Athens", "Asia/Jerusalem"),
    *("Asia/Beirut", "Asia/Gaza", "Europe/Moscow", "Asia/Tehran", "Asia/Dubai"),
    *("Asia/Kabul", "Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon"),
    *("Asia/Bangkok", "Asia/Shanghai", "Australia/Eucla", "Asia/Tokyo", "Australia/Darwin", "Australia/Adelaide"),
    *("Australia/Sydney", "Australia/Brisbane", "Australia/Lord_Howe", "Pacific/Noumea", "Pacific/Auckland"),
    *("Pacific/Fiji", "Pacific/Norfolk", "Pacific/Chatham", "Pacific/Tongatapu", "Pacific/Kiritimati"),
)


def zones_of(country: str | None) -> tuple[str, ...]:
    """The time zones of a country (ISO 3166 alpha-2), where most people live first; none for an unknown one."""
    return _by_country().get(country or "", ())


@lru_cache(maxsize=1)
def _by_country() -> Mapping[str, tuple[str, ...]]:
    """The zones of every country, from the table that comes with the zones themselves."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    found: dict[str, list[str]] = {country: list(zones) for country, zones in MOST_PEOPLE.items()}
    for country, _, zone, *_ in rows:
        zones = found.setdefault(country, [])
        if zone not in zones:
            zones.append(zone)
    return {country: tuple(zones) for country, zones in found.items()}


def zone_of_phone(number: str, now: datetime) -> str | None:
    """The zone of an international number (``+34…``), None unless all it may stand for share one coming year's clock.

    Many a mobile number tells the country only, and a portable one where its owner lived once: that is for a first
    guess. Where it is None, the learner is asked.
    """
    return _shared(_zones_of_phone(number), now.astimezone(UTC).date())


def zone_of_country(country: str | None, now: datetime) -> str | None:
    """The zone of a country, None where its parts have different clocks in the coming year."""
    return _shared(zones_of(country), now.astimezone(UTC).date())


@lru_cache(maxsize=1024)
def _shared(zones: tuple[str, ...], day: date) -> str | None:
    """The first of these zones if from that day on the clocks of all of them show the same."""
    found = choices(datetime.combine(day, time(), UTC), zones)
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _zones_of_phone(number: str) -> tuple[str, ...]:
    """The zones a number may stand for: of those its digits name the ones in its own country, else all of either."""
    from phonenumbers import NumberParseException, parse, timezone  # 47 MB: only where a phone channel is on

    try:
        named = timezone.time_zones_for_number(parse(number))
    except NumberParseException:
        return ()
    # +7 is Russia and Kazakhstan, +1 half a continent; a number that no table names stands for its country.
    home = zones_of(country_of_phone(number))
    known = tuple(_today(zone) for zone in named if zone != timezone.UNKNOWN_TIMEZONE)
    return tuple(zone for zone in home if zone in known) or known or home


@lru_cache(maxsize=4096)
def city(zone: str, language: str) -> str:
    """What a language calls a zone's city, from CLDR; where that has no name, the last part of the zone's own."""
    places = _places(language)
    found = (places[name]["city"] for name in _names(zone) if "city" in places.get(name, {}))
    return next(found, _own_name(zone))


def _own_name(zone: str) -> str:
    """The place in the name of a zone: New York in America/New_York."""
    return zone.rpartition("/")[2].replace("_", " ")


def zone_of_city(words: str, language: str) -> str | None:
    """The zone named after a city that was typed: in the language, in English, or as the zone itself is written."""
    return _by_city(language).get(normalise(words.partition(",")[0]))


@lru_cache(maxsize=64)
def _by_city(language: str) -> Mapping[str, str]:
    """The zones by the names of their cities, as normalised; their old names too (Saigon), and names whole."""
    zones = [zone for zones in _by_country().values() for zone in zones if zone.startswith(PLACES)]
    old = [zone for zone in _aliases() if zone.startswith(PLACES) and _own_name(zone) not in NO_CITY]
    names = {name: _today(zone) for zone in (*old, *zones) for name in (zone, _own_name(zone))}
    names |= {city(zone, spoken): zone for spoken in ("en", language) for zone in zones}
    return {normalise(name): zone for name, zone in names.items()}


def _places(language: str) -> Mapping[str, Mapping[str, str]]:
    from babel import Locale, UnknownLocaleError

    try:
        return cast(Mapping[str, Mapping[str, str]], Locale.parse(language, sep="-").time_zones)
    except (UnknownLocaleError, ValueError):
        return {}


def _names(zone: str) -> Iterator[str]:
    """All names of a zone: CLDR goes on using the first one, Asia/Calcutta for Asia/Kolkata."""
    today = _today(zone)
    yield from (zone, today)
    yield from (old for old, new in _aliases().items() if new == today)


def _today(zone: str) -> str:
    """The name that a zone has today."""
    return _aliases().get(zone, zone)


def _aliases() -> Mapping[str, str]:
    from babel.core import get_global

    return cast(Mapping[str, str], get_global("zone_aliases"))
