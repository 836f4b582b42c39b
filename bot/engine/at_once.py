"""Reads a command and what it wants in one message: ``every day 18:30``, ``take a break for 3 days``."""

from bot.engine.course import Library
from bot.engine.hours import IN_WORDS
from bot.engine.reading import beginnings, normalise
from bot.engine.turn import Phrase

# What stands before a span (pause for 3 days, pausa de 3 días, pause d'une semaine), and a single one of it.
LEADS = frozenset({"for", "of", "por", "de", "durante", "d", "pour", "pendant"})
COUNTS = {word: digits for digits, words in IN_WORDS.items() for word in words} | {"a": "1", "an": "1", "un": "1"}
FEW = 3  # words of a span; more are a sentence


def after_command(text: str, language: str, library: Library) -> tuple[str, str]:
    """The longest command that a message begins with, and what stands behind it as it was typed."""
    typed = library.typed(language)
    for words, rest in beginnings(text):
        meaning = typed.get(normalise(words), "") if rest else ""
        if meaning:
            return meaning, rest
    return "", ""


def _span(text: str) -> tuple[str, str] | None:
    """How many of what a break was typed to be: 3 and nothing, 14 and days, a and week; None for what is none."""
    words = normalise(text).split()
    if words and words[0] in LEADS:
        words = words[1:]
    if not words or len(words) > FEW or text.startswith(("-", "+")):
        return None
    return words[0], " ".join(words[1:])


def read_break(text: str, language: str, library: Library, otherwise: int) -> int | None:
    """Days of a break; ``otherwise`` for a number of what we do not know (3 months), None for what has no number."""
    count, unit = _span(text) or ("", "")
    spans = _spans(language, library)
    figures = COUNTS.get(count, count) if unit in spans else count
    if not figures.isdigit():
        return None
    return int(figures) * spans[unit] if len(figures) <= 3 and unit in spans else otherwise


def _spans(language: str, library: Library) -> dict[str, int]:
    return {"": 1} | {
        normalise(word): days
        for key, days in (("pause.days.words", 1), ("pause.weeks.words", 7))
        for spoken in ("en", language)
        for word in library.label(Phrase(key), spoken).split(",")
    }
