"""A moment as people of a language say it, on the clocks of their own zone (CLDR, through Babel)."""

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from babel import Locale

DAY = "MMMMEEEEd"  # Saturday 28 November
# What CLDR has for it is short in many languages (sam. 28 nov.); the names are written out.
NAMES = ((re.compile("E+"), "EEEE"), (re.compile("c+"), "cccc"), (re.compile("M{3,}|L{3,}"), "MMMM"))
MONTH_DAY = re.compile("d+")
CLOCK = "H:mm"  # 7:00, 18:30: read the same everywhere, and no a.m. to mistake for a p.m.

# Days of the month that are not a plain number: French has a first (mardi 1er décembre), and CLDR no letter for it.
ORDINALS = {("fr", 1): "1er"}

# English for the whole world puts the day before the month.
SPOKEN = {"en": "en_GB"}


@lru_cache(maxsize=64)
def locale_of(language: str) -> "Locale":
    """The locale of a language; English for one that CLDR does not know. Babel waits for the first that is asked."""
    from babel import Locale, UnknownLocaleError

    code = SPOKEN.get(language, language).replace("-", "_")
    try:
        return Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(SPOKEN["en"])


def spoken(at: datetime, zone: str, language: str, *, clock: bool = False) -> str:
    """``Saturday 28 November, 7:00``; with ``clock`` the time of day alone. An unknown zone is UTC's."""
    from babel.dates import format_datetime

    locale = locale_of(language)
    local = at.astimezone(ZoneInfo(zone or "UTC"))
    time = format_datetime(local, CLOCK, locale=locale)
    if clock:
        return time
    day = format_datetime(local, _day(locale, ORDINALS.get((locale.language, local.day))), locale=locale)
    return str(locale.datetime_formats["medium"]).replace("{1}", day).replace("{0}", time).replace("'", "")


def _day(locale: "Locale", ordinal: str | None) -> str:
    """The pattern of a weekday and a date without its year, in the language's own order."""
    from babel.dates import match_skeleton

    found = match_skeleton(DAY, locale.datetime_skeletons)
    pattern = str(locale.datetime_skeletons[found].pattern) if found else "EEEE d MMMM"
    quoted = pattern.split("'")
    for name, spelled_out in NAMES:
        quoted[::2] = [name.sub(spelled_out, part) for part in quoted[::2]]
    if ordinal:
        quoted[::2] = [MONTH_DAY.sub(f"'{ordinal}'", part) for part in quoted[::2]]
    return "'".join(quoted)
