"""Reads days of the week as people type them: one, several, from one to another, or a word for many."""

import re
from collections.abc import Mapping

from bot.engine.course import Library
from bot.engine.reading import normalise
from bot.engine.subscription import EVERY_DAY, WEEKDAYS, WEEKEND
from bot.engine.turn import Phrase

MANY = {"daily.days.all": EVERY_DAY, "daily.days.week": WEEKDAYS, "daily.days.weekend": WEEKEND}
SHORT = 3  # letters that tell the days apart in each language: Mon, jue, sam
DASH = re.compile(r"\s*[-–—]\s*")  # Monday-Friday is from one to the other
UNTIL = "-"


def read_days(text: str, language: str, library: Library) -> tuple[int, ...]:
    """The weekdays that were typed, and no others, Monday 0; none where any word of it is not understood.

    The learner's language comes first: "mar" is a Tuesday in Spanish.
    """
    for spoken in dict.fromkeys((language, "en")):
        if days := _days_in(text, spoken, library):
            return days
    return ()


def _days_in(text: str, language: str, library: Library) -> tuple[int, ...]:
    for key, days in MANY.items():
        if normalise(text) in _words(f"{key}.words", language, library):
            return days
    names = {day: normalise(library.label(Phrase(f"daily.day.{day}"), language)) for day in EVERY_DAY}
    between = _words("daily.days.between.words", language, library)
    until = _words("daily.days.until.words", language, library)
    read: list[int | str] = []
    for word in _split(text):
        day = _day(word, names)
        if day is not None:
            read.append(day)
        elif word == UNTIL or word in until:
            read += [UNTIL] if read[-1:] != [UNTIL] else []  # "jusqu'à" is two words
        elif word not in between:
            return ()
    return _joined(read)


def _words(key: str, language: str, library: Library) -> frozenset[str]:
    return frozenset(map(normalise, library.label(Phrase(key), language).split(",")))


def _split(text: str) -> list[str]:
    parts = DASH.split(text.strip())
    words = [word for part in parts for word in (*normalise(part).split(), UNTIL)]
    return words[:-1]


def _day(word: str, names: Mapping[int, str]) -> int | None:
    """The day that a word names: whole, as the beginning of its name, or as more than one of them (Mondays)."""
    for day, name in names.items():
        if word in (name, f"{name}s") or (len(word) >= SHORT and name.startswith(word)):
            return day
    return None


def _joined(read: list[int | str]) -> tuple[int, ...]:
    """All days, with those from one to another; none where a span lacks an end."""
    days: set[int] = set()
    for position, item in enumerate(read):
        if isinstance(item, int):
            days.add(item)
            continue
        ends = read[max(position - 1, 0) : position + 2]
        if len(ends) < 3 or not (isinstance(ends[0], int) and isinstance(ends[2], int)):
            return ()
        days |= _span(ends[0], ends[2])
    return tuple(sorted(days))


def _span(first: int, last: int) -> set[int]:
    """From one day to another, over Sunday where need be."""
    return {(first + step) % 7 for step in range((last - first) % 7 + 1)}
