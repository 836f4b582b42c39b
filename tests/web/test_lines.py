"""What a kept line becomes on the page."""

from dataclasses import asdict
from typing import Any

import pytest

from bot.content.wording import Message, Option
from bot.engine.turn import Layout
from bot.own_data import written
from bot.web.lines import shown, shown_message
from storage.rows import Line
from tests.web.served import NOON


def message(body: str, *options: Option, layout: Layout = Layout.BUTTONS, **given: Any) -> Message:
    facts: dict[str, Any] = {
        "lead": "", "extra": (), "instead": "", "picture": None, "language": "en", "rtl": False, **given
    }  # fmt: skip
    return Message(body=body, options=options, layout=layout, **facts)


def paragraphs(line: dict[str, Any]) -> list[str]:
    return ["".join(text for text, _ in runs) for bubble in line["bubbles"] for runs in bubble["paragraphs"]]


def test_lettered_options_stand_on_their_buttons_and_not_twice() -> None:
    options = (Option("q:1-a", "Yes: *really*", letter="A"), Option("q:1-b", "No, never", letter="B"))
    line = shown_message(message("Well?\n\nA · Yes: \\*really\\*\nB · No, never", *options, layout=Layout.LETTERS))
    assert paragraphs(line) == ["Well?"]
    assert [(one["letter"], one["label"]) for one in line["buttons"]] == [("A", "Yes: *really*"), ("B", "No, never")]


def test_a_right_to_left_list_of_letters_is_known_too() -> None:
    options = (Option("q:1-a", "نعم", letter="A"), Option("q:1-b", "لا", letter="B"))
    body = "سؤال\n\n\u200fA · نعم\n\u200fB · لا"
    line = shown_message(message(body, *options, layout=Layout.LETTERS, language="ar", rtl=True))
    assert paragraphs(line) == ["سؤال"]
    assert line["dir"] == "rtl"


def test_a_last_paragraph_that_only_looks_like_letters_stays() -> None:
    options = (Option("q:1-a", "Yes", letter="A"), Option("q:1-b", "No", letter="B"))
    assert paragraphs(shown_message(message("A · Yes\nB · Maybe", *options, layout=Layout.LETTERS))) != []


def test_bold_is_strong_and_everything_else_is_literal() -> None:
    line = shown_message(message("a *b* <i>c</i> & \\*d\\*"))
    assert line["bubbles"][0]["paragraphs"] == [[["a ", ""], ["b", "b"], [" <i>c</i> & *d*", ""]]]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://example.org/a_b?c=d.", "https://example.org/a_b?c=d"),
        ("(http://example.org)", "http://example.org"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("HTTPS//example", None),
        ('https://example.org/"><b>', "https://example.org/"),
    ],
)
def test_only_web_addresses_become_links(text: str, link: str | None) -> None:
    runs = shown_message(message(text))["bubbles"][0]["paragraphs"][0]
    assert [part for part, kind in runs if kind == "a"] == ([link] if link else [])
    assert "".join(part for part, _ in runs) == text


def test_a_link_of_the_learner_s_stays_words() -> None:
    line = shown(Line(3, NOON, "learner", {"text": "*hi* https://example.org"}))
    assert line["bubbles"][0]["paragraphs"] == [[["*hi* https://example.org", ""]]]


def test_the_reply_stands_in_a_bubble_of_its_own() -> None:
    line = shown_message(message("What now?", lead="Right!"))
    assert [bubble["kind"] for bubble in line["bubbles"]] == ["lead", "body"]


def test_one_s_own_data_is_a_file_to_take_home() -> None:
    line = shown_message(message("It's ready: https://bot.example.org/chat/mydata"))
    assert line["bubbles"][0]["paragraphs"] == [[["It's ready: ", ""], ["my-data.json", "file"]]]


def test_one_s_own_data_never_shows_the_cookie_that_opens_the_talk() -> None:
    kept = {"addresses": [{"channel": "web", "address": "S3CRET"}], "chat_lines": [{"body": "an older S3CRET"}]}
    assert "S3CRET" not in written(kept)
    assert "an older" in written(kept)


def test_an_address_that_opens_nothing_stays_in_one_s_own_data() -> None:
    assert "+34911234567" in written({"addresses": [{"channel": "whatsapp", "address": "whatsapp:+34911234567"}]})


def test_a_line_read_back_from_the_store_is_shown_like_the_message_it_was() -> None:
    whole = message(
        "Well?", Option("n:1", "Next"), Option("s:1", "Source", minor=True), extra=(Option("g:es", "Español"),)
    )
    kept = Line(9, NOON, "bot", asdict(whole) | {"layout": "buttons", "options": [asdict(o) for o in whole.options]})
    assert shown(kept) | {"id": 0} == shown_message(whole)
