"""A moment as people of a language say it, on the clocks of their own zone (CLDR, through Babel)."""

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, match_skeleton

DAY = "MMMMEEEEd"  # Saturday 28 November
CLOCK = "H:mm"  # 7:00, 18:30: read the same everywhere, and no a.m. to mistake for a p.m.

# English for the whole world puts the day before the month.
SPOKEN = {"en": "en_GB"}


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The locale of a language; English for one that CLDR does not know."""
    code = SPOKEN.get(language, language).replace("-", "_")
    try:
        return Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(SPOKEN["en"])


def spoken(at: datetime, zone: str, language: str, *, clock: bool = False) -> str:
    """``Saturday 28 November, 7:00``; with ``clock`` the time of day alone. An unknown zone is UTC's."""
    locale = locale_of(language)
    local = at.astimezone(ZoneInfo(zone or "UTC"))
    time = format_datetime(local, CLOCK, locale=locale)
    if clock:
        return time
    day = format_datetime(local, _day(locale), locale=locale)
    return str(locale.datetime_formats["medium"]).replace("{1}", day).replace("{0}", time).replace("'", "")


@lru_cache(maxsize=64)
def _day(locale: Locale) -> str:
    """The locale's pattern of weekday, day and month, each written out: many locales have only a short one ready."""
    ready = locale.datetime_skeletons[match_skeleton(DAY, locale.datetime_skeletons)].pattern
    return re.sub(r"M{3,}", "MMMM", re.sub(r"c+", "cccc", re.sub(r"E+", "EEEE", ready)))
