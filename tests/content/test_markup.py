"""One mark, bold, and everything else as it was written."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.content.markup import balanced, literal, plain, runs

ANY = st.text(alphabet=st.sampled_from("ab *\\\n.é"), max_size=40)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("plain", [("plain", False)]),
        ("", []),
        ("*bold*", [("bold", True)]),
        ("a *b c* d", [("a ", False), ("b c", True), (" d", False)]),
        ("2 * 3 * 4", [("2 * 3 * 4", False)]),
        ("5*", [("5*", False)]),
        ("*not closed", [("*not closed", False)]),
        ("*over\nlines*", [("*over\nlines*", False)]),
        ("**", [("**", False)]),
        ("* a*", [("* a*", False)]),
        (r"\*star\*", [("*star*", False)]),
        (r"*a\*b*", [("a*b", True)]),
        (r"C:\dir", [(r"C:\dir", False)]),
        ("*a*b*c*", [("a", True), ("b", False), ("c", True)]),
    ],
)
def test_a_text_falls_into_runs(text: str, pieces: list[tuple[str, bool]]):
    assert list(runs(text)) == pieces


@given(ANY)
@example("\\")
@example("\\*")
def test_a_literal_text_comes_out_exactly_and_never_bold(text: str):
    assert list(runs(literal(text))) == ([(text, False)] if text else [])


@given(ANY, ANY)
def test_an_unknown_text_never_changes_the_bold_around_it(before: str, value: str):
    whole = plain(literal(before)) + value
    assert plain(literal(before) + literal(value)) == whole


@given(st.text(alphabet="ab é.", min_size=1).filter(lambda text: text == text.strip()))
def test_bold_words_are_read_aloud_without_their_stars(text: str):
    assert list(runs(f"*{text}*")) == [(text, True)]
    assert plain(f"say *{text}* now") == f"say {text} now"


@given(ANY)
def test_no_run_is_empty_and_nothing_is_lost(text: str):
    pieces = runs(text)
    assert all(piece for piece, _bold in pieces)
    unmarked = [char for char in plain(text) if char not in "*\\"]
    assert unmarked == [char for char in text if char not in "*\\"]


@given(ANY)
def test_a_balanced_text_shows_no_star_but_the_escaped(text: str):
    if balanced(text):
        assert plain(text).count("*") == text.replace("\\\\", "").count("\\*")


def test_hundreds_of_stars_take_no_time():
    assert not balanced("*a " * 20_000 + "\\" * 20_000)
