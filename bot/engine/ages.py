"""Reads an age as people type it: 17, 20 años, j'ai 17 ans, 16-24, 25+, over 25."""

import re
from collections.abc import Sequence

from bot.engine.course import Library
from bot.engine.reading import is_signed, normalise
from bot.engine.turn import Phrase

YOUNGEST, OLDEST = 4, 120  # below are the positions of the buttons
GROWN = 25
LONGEST = 40  # characters; more is a story

PIECE = re.compile(r"\d+|[^\W\d_]+")
OTHER_MARKS = frozenset("<>%=/")


def read_age(text: str, language: str, limit: int, library: Library) -> str | None:
    """The band (``under`` the limit, ``young``, ``grown``) that what was typed lies in; None where it is no age."""
    pieces = PIECE.findall(normalise(text))
    words = {piece for piece in pieces if not piece.isdigit()}
    over = words & _words("age.over.words", language, library)
    under = words & _words("age.under.words", language, library)
    strange = words - over - under - _words("age.around.words", language, library)
    if strange or len(text) > LONGEST or OTHER_MARKS & set(text) or (is_signed(text) and "+" not in text):
        return None
    ages = [int(piece) for piece in pieces if piece.isdigit()]
    span = _span(ages, over=bool(over) or "+" in text, under=bool(under))
    bands = {_band(age, limit) for age in span}
    return bands.pop() if len(bands) == 1 else None


def _words(key: str, language: str, library: Library) -> set[str]:
    spoken = (library.label(Phrase(key), code) for code in ("en", language))
    return {word for words in spoken for word in normalise(words).split()}


def _span(ages: Sequence[int], *, over: bool, under: bool) -> tuple[int, ...]:
    """The youngest and the oldest that are meant; nothing where that cannot be told."""
    if any(not YOUNGEST <= age <= OLDEST for age in ages):
        return ()
    match ages, over, under:
        case [age], False, False:
            return (age,)
        case [age], True, False:
            return age, OLDEST
        case [age], False, True:
            return YOUNGEST, age - 1
        case [first, last], False, False if first <= last:
            return first, last
    return ()


def _band(age: int, limit: int) -> str:
    if age < limit:
        return "under"
    return "young" if age < GROWN else "grown"
