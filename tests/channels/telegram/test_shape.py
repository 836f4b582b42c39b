"""How a message looks on Telegram, and how the reply to a tap lands on the message that was tapped."""

from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram.html import from_entities, html, pieces, plain
from bot.channels.telegram.parse import Shown
from bot.content.markup import runs
from bot.content.wording import word
from bot.engine.turn import Choice, Layout, Phrase, Say, Verbatim
from bot.service import Content
from tests.channels.telegram.makers import channel, message, tap
from tests.makers import Talk

YES_NO = ("Yes", "No")


def parts(content: Content, *args: Any, event: Any = None, **how: Any) -> list[dict[str, Any]]:
    return channel(None, content.catalogue).parts(message(content, *args, **how), event)


def labels(part: dict[str, Any]) -> list[list[str]]:
    return [[button["text"] for button in row] for row in part["reply_markup"]["inline_keyboard"]]


def test_only_our_bold_is_a_tag(content: Content) -> None:
    say = Say((Verbatim("<i>a</i> & b"),), choices=())
    (part,) = channel(None, content.catalogue).parts(word(say, "en", content.catalogue), None)
    assert part["text"] == "&lt;i&gt;a&lt;/i&gt; &amp; b"
    assert html(runs("*<b>* & c")) == "<b>&lt;b&gt;</b> &amp; c"
    assert plain(html(runs("*<b>* & c &lt;"))) == "<b> & c &lt;"


def test_a_lesson_says_its_bold_words_in_bold(content: Content) -> None:
    talk = Talk(content.library)
    talk.start()
    texts = [
        part["text"] for part in channel(None, content.catalogue).parts(word(talk.say, "en", content.catalogue), None)
    ]
    assert any("<b>" in text for text in texts)


def test_short_answers_share_a_row_and_long_ones_have_their_own(content: Content) -> None:
    (short,) = parts(content, "?", labels=("Yes", "No", "Maybe"))
    (long,) = parts(content, "?", labels=("Yes, both", "Only my place", "No, just play"))
    assert labels(short) == [["Yes", "No", "Maybe"]]
    assert labels(long) == [["Yes, both"], ["Only my place"], ["No, just play"]]


def test_letters_stand_on_the_buttons_and_their_texts_above(content: Content) -> None:
    (part,) = parts(content, "?", labels=("The members, each with one vote", "The bank", "The state"))
    assert labels(part) == [["A", "B", "C"]]
    assert "A · The members, each with one vote" in part["text"]


def test_a_scale_shows_both_its_ends_at_once(content: Content) -> None:
    (part,) = parts(content, "?", labels=tuple(map(str, range(11))), layout=Layout.SCALE)
    assert labels(part) == [list("012345"), ["6", "7", "8", "9", "10"]]


def test_the_second_line_of_a_row_stands_in_the_text(content: Content) -> None:
    rows = (Choice("l:one_a", Verbatim("Bees"), Verbatim("Who owns the honey")), Choice("c:menu", Verbatim("Menu")))
    say = Say((Verbatim("Which?"),), choices=rows, layout=Layout.LIST)
    (part,) = channel(None, content.catalogue).parts(word(say, "en", content.catalogue), None)
    assert part["text"] == "Which?\n\n<b>Bees</b> · Who owns the honey"
    assert labels(part) == [["Bees"], ["Menu"]]


def test_the_other_languages_stand_below_the_first_puzzle(content: Content) -> None:
    talk = Talk(content.library)
    talk.start()
    shown = channel(None, content.catalogue).parts(word(talk.say, "en", content.catalogue), None)[-1]
    assert "Español" in [label for row in labels(shown) for label in row]


def test_a_long_text_is_cut_and_the_buttons_ride_on_the_last_piece(content: Content) -> None:
    made = parts(content, "word & *bold* " * 1000, labels=YES_NO)
    assert len(made) > 1
    assert all(len(plain(part["text"])) <= 4096 for part in made)
    assert ["reply_markup" in part for part in made] == [False] * (len(made) - 1) + [True]
    assert all(part["text"].count("<b>") == part["text"].count("</b>") for part in made)


def test_one_edit_marks_the_choice_and_carries_the_why(content: Content) -> None:
    edit, following = parts(content, "Next?", lead=("No. Each has one.",), labels=YES_NO, event=tap())
    assert edit["method"] == "editMessageText"
    assert edit["message_id"] == 365
    assert edit["text"] == "Who decides?\n\n✓ Six votes\n\nNo. Each has one."
    assert "reply_markup" not in edit
    assert (following["method"], following["text"]) == ("sendMessage", "Next?")


def test_only_an_edit_does_not_hold_up_what_follows(content: Content) -> None:
    telegram = channel(None, content.catalogue)
    for shown in (Shown((("Who?", False),), "Six", False), Shown((("Look.", False),), "Six", True)):
        made = parts(content, "Next?", lead=("Because.",), labels=YES_NO, event=tap(shown=shown))
        assert [telegram.holds(part) for part in made] == [False, True]
    assert telegram.holds({"method": "sendPhoto", "picture": "tour/x", "language": "en"})


def test_the_bold_words_of_the_message_tapped_stay_bold(content: Content) -> None:
    shown = Shown((("👋 Who ", False), ("decides?", True)), "<Six>", False)
    edit, _ = parts(content, "Next?", lead=("Because.",), event=tap(shown=shown))
    assert edit["text"].startswith("👋 Who <b>decides?</b>\n\n✓ &lt;Six&gt;\n\n")


def test_without_a_reply_nothing_is_edited(content: Content) -> None:
    (only,) = parts(content, "Next card", event=tap(data="n:7"))
    assert only["method"] == "sendMessage"


@pytest.mark.parametrize("key", ["old.answered", "old.card", "old.unknown", "lesson.changed"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_speaks_of_the_next_message_stands_above_it(content: Content, key: str, language: str) -> None:
    lead = Phrase(key)
    (only,) = parts(content, "Here you are", lead=(lead,), event=tap(), language=language)
    assert only["text"].startswith(html(runs(content.catalogue.text(lead, language).strip())))
    assert only["text"].endswith("Here you are")


def test_the_same_question_once_more_says_so_above_it_and_the_hint_on_the_edit(content: Content) -> None:
    edit, again = parts(content, "Question", lead=(Phrase("again"), "A hint."), event=tap())
    assert edit["text"].endswith("A hint.")
    assert again["text"] == f"{content.catalogue.text(Phrase('again'), 'en')}\n\nQuestion"


def test_a_question_that_comes_again_has_its_hint_above_it(content: Content) -> None:
    """Edited onto the first one, the hint would leave two messages that read alike."""
    shown = Shown((("Who ", False), ("decides?", True)), "Six votes", False)
    (only,) = parts(content, "Who decides?", lead=("Look again.",), event=tap(shown=shown))
    assert only["text"] == "✓ Six votes\n\nLook again.\n\nWho decides?"
    told = Shown(((only["text"], False),), "Two votes", False)
    (once_more,) = parts(content, "Who decides?", lead=("And again.",), event=tap(shown=told))
    assert once_more["text"] == "✓ Two votes\n\nAnd again.\n\nWho decides?"


@pytest.mark.parametrize("shown", [None, Shown((("x" * 4090, False),), "Six", False)], ids=["inaccessible", "full"])
def test_where_no_edit_can_carry_it_the_reply_stands_above_the_next_message(
    content: Content, shown: Shown | None
) -> None:
    (only,) = parts(content, "Next?", lead=("Because.",), event=tap(shown=shown))
    assert only["text"] == "Because.\n\nNext?"


def test_a_reply_onto_a_picture_edits_its_caption(content: Content) -> None:
    edit, _ = parts(content, "Next?", lead=("Because.",), event=tap(shown=Shown((("Look.", False),), "Six", True)))
    assert (edit["method"], edit["caption"]) == ("editMessageCaption", "Look.\n\n✓ Six\n\nBecause.")


def test_picture_and_text_are_one_message_where_the_text_has_room(content: Content, tmp_path: Path) -> None:
    with_picture = channel(None, content.catalogue, pictures=lambda name, language: tmp_path)
    (one,) = with_picture.parts(message(content, "Look", picture="tour/x", labels=YES_NO), None)
    assert (one["method"], one["picture"], one["language"], one["caption"]) == ("sendPhoto", "tour/x", "en", "Look")
    photo, text = with_picture.parts(message(content, "word " * 300, picture="tour/x", labels=YES_NO), None)
    assert "caption" not in photo
    assert "reply_markup" in text


def test_a_picture_that_is_not_there_leaves_the_words(content: Content) -> None:
    (one,) = parts(content, "Look", picture="tour/x")
    assert one["method"] == "sendMessage"


def test_bold_ranges_count_as_telegram_counts_them() -> None:
    assert from_entities("👋 hi you", [(3, 2)]) == [("👋 ", False), ("hi", True), (" you", False)]
    assert from_entities("ab", [(5, 9), (0, 1), (0, 2)]) == [("a", True), ("b", True)]


def test_bold_that_is_cut_is_bold_in_both_pieces() -> None:
    assert [html(piece) for piece in pieces([("one two", True)], 4)] == ["<b>one </b>", "<b>two</b>"]
