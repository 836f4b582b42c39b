"""One card: its drawing, its script, its direction, and what it refuses."""

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from bot.cards.card import Card
from bot.cards.fonts import FOLDER, covered, fonts_for, writes
from bot.cards.palette import GOALS, is_dark, luminance
from bot.cards.press import ROOM, WIDTH, Press
from bot.content.picture_models import TAKES, Drawing, PictureFile

EXAMPLE = Card(
    title="One vote each",
    line="Who decides when everybody owns the place",
    number=None,
    language="en",
    rtl=False,
    fonts=tuple(fonts_for("en")),
    colour="#0f5c5a",
    dark=True,
    draw="votes",
    count=3,
    lit=1,
    values=(6, 3, 1),
    marks=("star",),
    regions=("africa",),
    goals=(),
)
ARABIC = {"title": "المياه النظيفة", "line": "حين يملك الناس الأنابيب منذ 2014", "language": "ar", "rtl": True}
CHINESE = {"title": "一人一票", "line": "大家共同拥有，由谁来决定？“我们”一起。", "language": "zh"}
PANEL = (0x0F, 0x5C, 0x5A)


def written(**words: object) -> Card:
    return replace(EXAMPLE, fonts=tuple(fonts_for(str(words["language"]))), **words)  # type: ignore[arg-type]


def edges(press: Press, card: Card) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The colours half way down at the left and at the right edge."""
    with Image.open(io.BytesIO(press.png(card.inputs()))) as picture:
        shown = picture.convert("RGB")
    return shown.getpixel((2, 360)), shown.getpixel((WIDTH - 3, 360))  # type: ignore[return-value]


def test_every_drawing_that_may_be_named_is_there():
    table = (ROOM / "drawings.typ").read_text("utf-8").partition("#let drawings = (")[2]
    assert set(re.findall(r"(\w+): ", table)) == set(TAKES) == set(get_args(Drawing))


@pytest.mark.parametrize("draw", TAKES)
def test_a_drawing_is_drawn_with_the_least_and_the_most_it_takes(press: Press, draw: Drawing):
    seen = set()
    for end in (0, 1):
        room = {name: sizes[end] for name, sizes in TAKES[draw].items()}
        card = replace(
            EXAMPLE,
            draw=draw,
            count=room.get("count", 0),
            lit=room.get("lit", 0),
            values=(6, 3, 1)[: room.get("values", 0)],
            marks=("sun", "coin", "heart", "tick")[: room.get("marks", 0)],
            regions=("africa", "asia-pacific", "europe-central-asia")[: room.get("regions", 0)],
            goals=GOALS if room.get("count") == 17 else (),
        )  # fmt: skip
        assert press.fits(card.inputs())
        seen.add(press.png(card.inputs()))
    assert len(seen) == len({tuple(sizes[end] for sizes in TAKES[draw].values()) for end in (0, 1)})


def test_the_drawing_stands_where_reading_ends(press: Press):
    paper_left, panel_right = edges(press, EXAMPLE)
    assert panel_right == PANEL
    assert min(paper_left) > 200


def test_a_right_to_left_card_is_turned_round_but_its_drawing_is_not_torn(press: Press):
    card = written(**ARABIC)
    left, right = edges(press, card)
    assert left == PANEL
    assert min(right) > 200
    panel = (0, 0, WIDTH * 148 // 320, 720)
    drawn = {}
    for name, one, box in (("left", card, panel), ("right", EXAMPLE, (WIDTH - panel[2], 0, WIDTH, 720))):
        with Image.open(io.BytesIO(press.png(one.inputs()))) as picture:
            drawn[name] = picture.convert("L").crop(box).resize((37, 45))
    alike = sum(abs(a - b) < 40 for a, b in zip(drawn["left"].tobytes(), drawn["right"].tobytes(), strict=True))
    assert alike > 0.97 * 37 * 45


@pytest.mark.parametrize("words", [ARABIC, CHINESE], ids=["ar", "zh"])
def test_other_scripts_are_written_in_their_own_font_and_fit(press: Press, words: dict[str, object]):
    card = written(**words)
    assert writes(card.title + card.line)
    assert press.fits(card.inputs())
    assert press.png(card.inputs()) != press.png(replace(card, title="□" * len(card.title)).inputs())


def test_words_without_room_are_told(press: Press):
    assert not press.fits(replace(EXAMPLE, title="Donaudampfschifffahrtsgesellschaft").inputs())
    assert not press.fits(replace(EXAMPLE, line="far too much for one line " * 8).inputs())


@pytest.mark.parametrize("text", ["ไทย", "🙂", "हिन्दी", "a\ue000"])
def test_what_the_fonts_cannot_write_is_known_before(text: str):
    assert not writes(text)


def test_the_list_of_characters_is_what_the_fonts_have():
    fonts = sorted(FOLDER.glob("*.ttf"))
    assert len(fonts) == 6
    assert len(list(FOLDER.glob("OFL-*.txt"))) == 3
    for path in fonts:
        with TTFont(path) as font:
            assert set(font.getBestCmap()) <= covered()
    assert ord("一") in covered()
    assert ord("ع") in covered()


@pytest.mark.parametrize("colour", GOALS)
def test_the_forms_stand_out_on_every_goal_s_colour(colour: str):
    """White where that is legible, else nearly black: the template's ink is 22 parts of the colour in 100."""
    ink = "#" + "".join(f"{int(colour[i : i + 2], 16) * 22 // 100:02x}" for i in (1, 3, 5))
    forms, ground = luminance("#ffffff" if is_dark(colour) else ink), luminance(colour)
    assert (max(forms, ground) + 0.05) / (min(forms, ground) + 0.05) >= 3


def test_a_picture_has_the_goal_s_colour_to_the_eye(press: Press):
    for colour in (GOALS[6], GOALS[16]):
        _, right = edges(press, replace(EXAMPLE, colour=colour, dark=is_dark(colour)))
        wanted = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert all(abs(one - other) <= 2 for one, other in zip(right, wanted, strict=True))


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"draw": "tap", "count": 9}, "no room"),
        ({"draw": "tap"}, "no room"),
        ({"draw": "book", "count": 1}, "means nothing"),
        ({"draw": "loop", "marks": ["dragon"]}, "Input should be"),
        ({"draw": "dragon"}, "Input should be"),
        ({"draw": "book", "goal": 18}, "less than or equal to 17"),
    ],
)
def test_a_picture_nobody_can_draw_is_refused_when_it_is_read(given: dict[str, object], what: str):
    with pytest.raises(ValueError, match=what):
        PictureFile.model_validate({"alt": "A thing.", **given})


def test_the_bot_starts_without_the_press():
    code = "import sys, bot.wiring; sys.exit(int(bool({'typst', 'PIL'} & set(sys.modules))))"
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
