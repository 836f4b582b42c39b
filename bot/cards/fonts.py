"""The fonts of pictures: which ones there are, and what they can write. ``scripts/fonts.py`` makes them."""

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
    return covered().issuperset(map(ord, text))


@cache
def covered() -> frozenset[int]:
    """Every character the fonts have; direction marks need no picture of themselves."""
    found = {0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    for line in COVERAGE.read_text("ascii").split():
        first, _, last = line.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)
