"""No cell is live in a spreadsheet, and no word is lost on the way."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.cells import LIVE, harmless, harmless_when_cut, line, quoted

HOSTILE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\u22121+1",
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("https://evil.example","click")',
    "=IMPORTXML(CONCAT(1),2)",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    "﹢1",
    "﹣1",
    "﹦1",
    "﹫A1",
    "⁼1",
    "₌1",
    "⁺1",
    "₋1",
    " =1+1",
    "   +1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\tplain",
    "\rplain",
    "\nplain",
    "\u00a0=1",
    "\u2003=1",
    "\u3000=1",
    "\u202f-1",
    "\u200b=1",
    "\u200c=1",
    "\u200d@A1",
    "\u200e=1",
    "\u200f=1",
    "\u202e=1",
    "\u2060=1",
    "\u2066=1",
    "\ufeff=1",
    "\u00ad=1",
    "\u034f=1",
    "\u061c=1",
    "\u115f=1",
    "\u3164=1",
    "\uffa0=1",
    "\u180e=1",
    "\ufe0f=1",
    "\x00=1",
    "\x0b=1",
    "\x0c=1",
    "\x1f=1",
    "\x7f=1",
    "\u0085=1",
    "\u2028=1",
    " \u200b\u00a0\t＝1",
    "=",
    "-",
]
TAME = [
    "",
    "hello",
    "1+1=2",
    "a@b",
    "5-6",
    "42",
    "'=1",
    '"=1"',
    "(=1)",
    "…=1",
    "?",
    "🙂 =1",
    "مرحبا",
    "你好 = 好",
    "ñ-1",
    "  spaced",
    "\u200b",
    "*bold*",
    "#1",
    "_x",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_cell_is_taken_for_text_and_keeps_its_words(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", TAME, ids=ascii)
def test_a_tame_cell_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_what_anybody_sees_first_never_begins_a_formula(text: str) -> None:
    made = harmless(text)
    assert made.removeprefix("'") == text or made == text
    assert made.strip()[:1] not in LIVE or not made.strip()


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("=1;=2", "'=1;'=2"),
        ("Water;-5;Work", "Water;'-5;Work"),
        ("one\n- two\r\n+ three", "one\n'- two\r\n'+ three"),
        ("a\t=1", "a\t'=1"),
        ("a; \u200b=1", "a;' \u200b=1"),
        ("a, =1", "a, =1"),
        ("a;b\nc", "a;b\nc"),
        ("", ""),
    ],
)
def test_for_excel_no_piece_of_a_cell_is_live_either(text: str, made: str) -> None:
    assert harmless_when_cut(text) == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("plain", "plain"),
        ("a,b", '"a,b"'),
        ('say "hi"', '"say ""hi"""'),
        ("a\nb", '"a\nb"'),
        ("a\rb", '"a\rb"'),
        (" a ", " a "),
        ("", ""),
    ],
)
def test_cells_are_quoted_where_they_must_be(text: str, made: str) -> None:
    assert quoted(text) == made


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2))
def test_any_line_is_read_back_cell_by_cell(cells: list[str]) -> None:
    (read,) = csv.reader(io.StringIO(line(cells), newline=""), strict=True)
    assert read == [harmless(cell) for cell in cells]
