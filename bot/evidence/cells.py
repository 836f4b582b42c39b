"""Cells of a CSV: quoted after RFC 4180, and never live in a spreadsheet.

A spreadsheet runs a cell that begins with ``= + - @``, also after characters nobody sees, also in their full-width
forms. A leading ``'`` takes the life out of it and loses no word. Numbers are written by us and stay numbers.
"""

import re
import unicodedata
from collections.abc import Iterable

LIVE = frozenset("=+-@\u2212")  # and whatever looks the same once normalised: ＝ ＋ － ＠ ﹢ ﹣ ﹦ ﹫ ⁼ ₊ …
LIVE_FIRST = frozenset("\t\r\n")  # some spreadsheets drop these and read on
# Letters by their class, yet drawn as nothing: joiners, Hangul fillers, Khmer inherent vowels, variation selectors.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {chr(c) for c in range(0xFE00, 0xFE10)}
NEEDS_QUOTES = re.compile(r'[",\r\n]')
# Where the list separator is ";" (much of Europe) a spreadsheet may cut a cell there, or at a line's end.
CUTS = re.compile(r"([;\t\r\n])")


def harmless(text: str) -> str:
    """The text, with ``'`` before it if a spreadsheet could take it for a formula."""
    if not text or (text[0].isalnum() and text[0] not in UNSEEN):
        return text
    return f"'{text}" if text[0] in LIVE_FIRST or _is_live(text) else text


def harmless_when_cut(text: str) -> str:
    """The same for each piece a spreadsheet with another separator may make of the text."""
    if not CUTS.search(text):
        return harmless(text)
    pieces = CUTS.split(harmless(text))
    return "".join(piece if n == 0 or n % 2 else harmless(piece) for n, piece in enumerate(pieces))


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) else text


def line(values: Iterable[str]) -> str:
    """A whole line of text cells, made harmless."""
    return ",".join(quoted(harmless(value)) for value in values) + "\r\n"


def _is_live(text: str) -> bool:
    """Whether the first character anybody sees begins a formula."""
    for character in text:
        if character in UNSEEN or unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp"):
            continue
        return character in LIVE or unicodedata.normalize("NFKC", character)[0] in LIVE
    return False
