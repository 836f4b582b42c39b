"""Text at the edge: storable when it comes in, cut where a reader would cut it when it goes out."""

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.clean import LONGEST, clean_text, cut
from bot.content.limits import length

FAMILY = "👩‍👩‍👧‍👦"


def test_what_no_database_keeps_is_taken_out() -> None:
    assert clean_text("a\x00b\ud83dc") == "abc"


def test_what_people_write_is_left_as_it_is() -> None:
    text = "ñ\u200d \u202e مرحبا 👩‍🌾\n\ttab"
    assert clean_text(text) == text


def test_a_book_is_shortened() -> None:
    assert len(clean_text("x" * 99_999)) == LONGEST


def test_a_short_text_is_one_piece() -> None:
    assert cut("short", 10) == ["short"]
    assert cut("", 10) == [""]


def test_it_is_cut_between_paragraphs_first_then_sentences_then_words() -> None:
    assert cut("one two three\n\nfour five. six seven", 20) == ["one two three", "four five. six seven"]
    assert cut("one two. three four five", 16) == ["one two.", "three four five"]
    assert cut("one two three four", 10) == ["one two", "three four"]


def test_a_seam_near_the_beginning_makes_no_crumb() -> None:
    assert cut("a\n\n" + "b" * 30, 20)[0] == "a\n\n" + "b" * 17


def test_no_sign_is_torn() -> None:
    assert all(piece.count("👩") % 2 == 0 and not piece.startswith("\u200d") for piece in cut(FAMILY * 20, 50))
    assert cut("🇫🇷" * 10, 14) == ["🇫🇷" * 3, "🇫🇷" * 3, "🇫🇷" * 3, "🇫🇷"]
    assert all(not piece.startswith("\u0301") for piece in cut("e\u0301" * 30, 7))


@given(st.text(max_size=300), st.integers(2, 40))
def test_pieces_fit_and_lose_nothing_but_white_space(text: str, limit: int) -> None:
    text = clean_text(text)
    pieces = cut(text, limit)
    assert all(length(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
