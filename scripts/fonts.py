"""Makes fonts/ anew: downloads the whole Noto fonts with npm and keeps the characters that pictures may need.

    .venv/bin/python scripts/fonts.py

Needs npm and fonttools (a development dependency). The same versions give the same bytes, so `git diff` shows what
an update changed. `fonts/coverage.txt` lists what the fonts can write: a picture with anything else is not drawn.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parents[1] / "fonts"

LATIN = (
    range(0x20, 0x7F),
    range(0xA0, 0x250),  # every Latin letter of Europe and most of Africa and the Americas
    range(0x1E00, 0x1F00),  # Vietnamese, Yoruba
    range(0x300, 0x370),  # accents that stand alone
    range(0x400, 0x530),  # Cyrillic
    range(0x2010, 0x2028),
    range(0x2030, 0x205F),
    range(0x20A0, 0x20C1),  # currencies
)
ARABIC = (range(0x600, 0x700), range(0x750, 0x780))


def common_hanzi() -> Iterator[int]:
    """The 3,755 characters of the first level of GB 2312: 99.7 % of everyday text."""
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue


CHINESE = (common_hanzi(), range(0x3000, 0x3040), range(0xFF01, 0xFF5F))


@dataclass(frozen=True)
class Family:
    """One package: its version, the weights kept (folder and file as packed), the characters kept."""

    package: str
    version: str
    weights: dict[str, str]
    characters: frozenset[int]


def family(package: str, version: str, name: str, characters: Iterable[Iterable[int]]) -> Family:
    weights = {f"{weight}/{name}_{weight}.ttf": f"{name}-{weight}.ttf" for weight in ("500Medium", "800ExtraBold")}
    return Family(f"@expo-google-fonts/{package}", version, weights, frozenset(chain(*characters)))


FAMILIES = (
    family("noto-sans", "0.4.2", "NotoSans", LATIN),
    family("noto-sans-arabic", "0.4.3", "NotoSansArabic", ARABIC),
    family("noto-sans-sc", "0.4.3", "NotoSansSC", CHINESE),
)


def main() -> None:
    FONTS.mkdir(exist_ok=True)
    covered: set[int] = set()
    for one in FAMILIES:
        with tempfile.TemporaryDirectory() as folder:
            unpacked = unpack(one, Path(folder))
            (FONTS / f"OFL-{one.package.rpartition('/')[2]}.txt").write_bytes((unpacked / "LICENSE_FONT").read_bytes())
            for packed, kept in one.weights.items():
                covered |= cut(unpacked / packed, FONTS / kept, one.characters)
    (FONTS / "coverage.txt").write_text("\n".join(ranges(covered)) + "\n", "ascii")


def unpack(one: Family, folder: Path) -> Path:
    """The package's folder, fetched by npm."""
    archive = f"{one.package}@{one.version}"
    fetch = ["npm", "pack", "--silent", archive]
    fetched = subprocess.run(fetch, cwd=folder, check=True, capture_output=True)  # noqa: S603
    subprocess.run(["tar", "xzf", fetched.stdout.decode().split()[-1]], cwd=folder, check=True)  # noqa: S603, S607
    return folder / "package"


def cut(source: Path, target: Path, characters: frozenset[int]) -> set[int]:
    """Writes the part of a font that writes these characters, and tells which of them it has."""
    options = subset.Options(layout_features=["*"], hinting=False, notdef_outline=True, name_IDs=["*"])
    options.recalc_timestamp = False
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    font.save(target)
    kept = set(font.getBestCmap())
    print(f"{target.name}: {len(kept)} characters, {target.stat().st_size // 1024} KiB")
    return kept


def ranges(characters: Iterable[int]) -> Iterator[str]:
    """Characters as lines of hexadecimal code points, neighbours joined: ``0041-005A``."""
    run: list[int] = []
    for code in [*sorted(characters), -1]:
        if run and code != run[-1] + 1:
            yield f"{run[0]:04X}" if run[0] == run[-1] else f"{run[0]:04X}-{run[-1]:04X}"
            run = []
        run.append(code)


if __name__ == "__main__":
    main()
