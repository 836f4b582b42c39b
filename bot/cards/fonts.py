"""The fonts of pictures: which ones there are, and what they can write. ``scripts/fonts.py`` makes them."""

from array import array
from bisect import bisect_right
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "fonts"
COVERAGE = FOLDER / "coverage.txt"

LATIN, ARABIC, CHINESE = "Noto Sans", "Noto Sans Arabic", "Noto Sans SC"
# The language's own font first: quotes and digits look as its readers know them.
FIRST = {"ar": ARABIC, "fa": ARABIC, "ur": ARABIC, "zh": CHINESE}


def fonts_for(language: str) -> list[str]:
    """The fonts of a language, its own first."""
    own = FIRST.get(language.partition("-")[0], LATIN)
    return [own, *(font for font in (LATIN, ARABIC, CHINESE) if font != own)]


def writes(text: str) -> bool:
    """Whether every character of a text is in the fonts; a picture never shows an empty box."""
    return all(map(_written, set(map(ord, text))))


def _written(character: int) -> bool:
    firsts, lasts = _runs()
    at = bisect_right(firsts, character) - 1
    return at >= 0 and character <= lasts[at]


def covered() -> frozenset[int]:
    """Every character the fonts have."""
    return frozenset(code for first, last in zip(*_runs(), strict=True) for code in range(first, last + 1))


@cache
def _runs() -> "tuple[array[int], array[int]]":
    """Where runs of characters begin and end, in order: a set of them all would be 0.4 MiB of a bot at rest.

    Direction marks need no picture of themselves.
    """
    runs = [(0x200E, 0x200F), (0x202A, 0x202E), (0x2066, 0x2069)]
    for line in COVERAGE.read_text("ascii").split():
        first, _, last = line.partition("-")
        runs.append((int(first, 16), int(last or first, 16)))
    firsts, lasts = zip(*sorted(runs), strict=True)
    return array("L", firsts), array("L", lasts)
