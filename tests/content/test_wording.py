"""A Say becomes a message that the narrowest channel can show."""

import pytest

from bot.content.catalogue import Catalogue
from bot.content.coverage import Coverage
from bot.content.wording import Message, word
from bot.engine.course import Language
from bot.engine.turn import Choice, Layout, Phrase, Say, Verbatim, Words

TEXTS = {
    "en": {
        "c/l/q": ("*Who decides?*",),
        "c/l/short": ("One vote",),
        "c/l/long": ("Yes: the members decide",),
        "scale.how": ("Type 0 to 10.",),
        "again": ("Once more:",),
        "languages": ("Español: ES",),
        "blank": ("",),
    },
    "ar": {"c/l/q": ("من يقرر؟",), "c/l/short": ("صوت واحد لكل عضو في التعاونية",), "again": ("SSE مرة أخرى",)},
}


def worded(say: Say, language: str = "en") -> Message:
    languages = (Language("en", "English"), Language("ar", "العربية", rtl=True))
    return word(say, language, Catalogue(languages, TEXTS, dict.fromkeys(TEXTS, Coverage(1, 1, 0, 0, True))))


def choices(*labels: str, minor: int = 0) -> tuple[Choice, ...]:
    made = [Choice(f"q:1-{n}", Words(f"c/l/{label}")) for n, label in enumerate(labels)]
    return (*made, *(Choice(f"q:1-m{n}", Verbatim("Skip"), minor=True) for n in range(minor)))


def test_short_labels_stand_on_buttons():
    message = worded(Say((Words("c/l/q"),), choices=choices("short", "short")))
    assert message.layout is Layout.BUTTONS
    assert message.body == "*Who decides?*"
    assert [(option.data, option.label, option.letter) for option in message.options] == [
        ("q:1-0", "One vote", ""),
        ("q:1-1", "One vote", ""),
    ]


def test_long_labels_go_into_the_text_and_letters_on_the_buttons():
    message = worded(Say((Words("c/l/q"),), choices=choices("long", "short", minor=1)))
    assert message.layout is Layout.LETTERS
    assert message.body == "*Who decides?*\n\nA · Yes: the members decide\nB · One vote"
    assert [option.letter for option in message.options] == ["A", "B", ""]
    assert message.options[0].label == "Yes: the members decide"
    assert message.options[2].minor


def test_each_language_is_laid_out_for_itself():
    say = Say((Words("c/l/q"),), choices=choices("short"))
    assert worded(say).layout is Layout.BUTTONS
    arabic = worded(say, "ar")
    assert (arabic.layout, arabic.rtl, arabic.language) == (Layout.LETTERS, True, "ar")
    assert arabic.body.endswith("\u200fA · صوت واحد لكل عضو في التعاونية")


def test_more_than_three_choices_are_a_list():
    message = worded(Say((Words("c/l/q"),), choices=choices("short", "short", "long", minor=1)))
    assert message.layout is Layout.LIST
    assert len(message.options) == 4


def test_a_row_that_is_too_long_goes_on_in_its_second_line():
    long = "A label that is far too long for any row of a list"
    say = Say((Words("c/l/q"),), choices=(Choice("k:a", Verbatim(long)),), layout=Layout.LIST)
    (row,) = worded(say).options
    assert row.label == "A label that is far too…"
    assert row.detail == long


def test_a_row_keeps_its_own_detail():
    say = Say((Words("c/l/q"),), choices=(Choice("k:a", Verbatim("x" * 30), Verbatim("y" * 80)),), layout=Layout.LIST)
    (row,) = worded(say).options
    assert row.label == "x" * 23 + "…"
    assert row.detail == "y" * 71 + "…"


def test_a_star_in_a_label_is_a_star_in_the_text():
    labels = tuple(Choice(f"q:1-{n}", Verbatim(f"a *very* long label number {n}")) for n in range(2))
    assert "A · a \\*very\\* long label" in worded(Say((Words("c/l/q"),), choices=labels)).body


@pytest.mark.parametrize("label", ["🙂" * 10, "é" * 20])
def test_a_button_is_measured_as_the_strictest_platform_counts(label: str):
    say = Say((Words("c/l/q"),), choices=(Choice("a:b", Verbatim(label)),))
    assert worded(say).layout is Layout.BUTTONS
    longer = Say((Words("c/l/q"),), choices=(Choice("a:b", Verbatim(label + "🙂")),))
    assert worded(longer).layout is Layout.LETTERS


def test_lead_body_extra_and_picture_come_along():
    say = Say(
        (Words("c/l/q"), Verbatim("Two.")),
        lead=(Phrase("again"), Phrase("blank"), Verbatim("Yes.")),
        picture="c/l",
        extra=(Choice("g:es", Verbatim("Español")),),
        instead=Phrase("languages"),
    )
    message = worded(say)
    assert message.body == "*Who decides?*\n\nTwo."
    assert message.lead == "Once more:\nYes."
    assert message.extra[0].label == "Español"
    assert message.instead == "Español: ES"
    assert message.picture == "c/l"


def test_a_lead_in_arabic_that_begins_in_latin_runs_from_the_right():
    assert worded(Say((Words("c/l/q"),), lead=(Phrase("again"),)), "ar").lead == "\u200fSSE مرة أخرى"


def test_a_scale_keeps_its_eleven_values_and_tells_how_to_type():
    values = tuple(Choice(f"q:1-{n}", Verbatim(str(n))) for n in range(11))
    message = worded(Say((Words("c/l/q"),), choices=values, layout=Layout.SCALE))
    assert message.layout is Layout.SCALE
    assert [option.label for option in message.options] == [str(n) for n in range(11)]
    assert message.instead == "Type 0 to 10."


def test_an_empty_text_leaves_no_gap():
    assert worded(Say((Words("c/gone/q"), Words("c/l/q")))).body == "*Who decides?*"
