"""The page beside the lesson: each message as WhatsApp, Telegram and the web will show it."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.engine.course import Lesson
from bot.preview.page import html
from bot.preview.walk import Walk
from bot.service import Content
from tests.content.project import LESSON_FILE
from tests.makers import NOON
from tests.preview.conftest import Desk

CHANNELS = ("WhatsApp", "Telegram", "Web")


class Page(HTMLParser):
    """What stands in each channel's column, row by row; and everything that would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[dict[str, str]] = []
        self.fetched: list[str] = []
        self.heads: list[str] = []
        self._column, self._depth = "", 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.fetched += [str(given[name]) for name in ("src", "href") if given.get(name)]
        classes = str(given.get("class", "")).split()
        if tag == "section":
            self.rows.append(dict.fromkeys(CHANNELS, ""))
            self.heads.append("")
        if "channel" in classes:
            self._column, self._depth = classes[1], 0
        if self._column and tag == "div":
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if self._column and tag == "div":
            self._depth -= 1
            self._column = self._column if self._depth else ""

    def handle_data(self, data: str) -> None:
        if self._column:
            self.rows[-1][self._column] += data
        elif self.heads:
            self.heads[-1] += data


def page_of(desk: Desk, language: str = "en") -> Page:
    return Page(desk.page(language))


def test_every_message_stands_in_every_channel(desk: Desk):
    page = page_of(desk)
    assert len(page.rows) == 8
    for row, words in ((0, "A shop has 20 owners."), (2, "each member has one vote"), (3, "In 1979 neighbours")):
        assert all(words in re.sub(r"\s+", " ", page.rows[row][channel]) for channel in CHANNELS)


def test_the_buttons_are_those_of_each_channel(desk: Desk):
    desk.project.replace(LESSON_FILE, "label: None at all", "label: None at all for a pump")
    question = page_of(desk).rows[4]
    assert "None at all for a pump" in question["Web"]
    assert "· None at all for a pump" in question["WhatsApp"]  # in the text, with letters on the buttons
    assert re.search(r"A\s+B\s+C", question["Telegram"])


def test_telegram_shows_the_reply_on_the_message_that_was_pressed(desk: Desk):
    desk.project.replace(LESSON_FILE, "  next: Show me\n", "")
    row = page_of(desk).rows[1]
    assert re.search(r"becomes:.*A shop has 20 owners.*✓ Ravi.*A fair guess", row["Telegram"], re.S)
    assert "A shop has" not in row["WhatsApp"]


def test_each_message_tells_what_was_pressed_and_how_much_it_says(desk: Desk):
    head = " ".join(page_of(desk).heads[1].split())
    assert head == "2 Ravi 6 words, 26 characters"


def test_too_much_is_marked(desk: Desk):
    assert 'class="over"' not in desk.page()
    desk.project.replace(LESSON_FILE, "Each customer is a member.", "Each customer is a member. " * 90)
    marked = re.findall(r'class="over">([^<]*)', desk.page())
    assert len(marked) == 2  # the words of the path, the characters of the card


def test_what_authors_write_is_words_and_never_a_part_of_the_page(desk: Desk):
    desk.project.replace(LESSON_FILE, "Who decides?", "Who <script>alert(1)</script> decides & why?")
    assert "<script" not in desk.page()
    assert all("<script>alert(1)</script>" in page_of(desk).rows[0][channel] for channel in CHANNELS)


def test_nothing_is_fetched_from_anywhere(desk: Desk):
    text = desk.page()
    assert Page(text).fetched == []
    assert "default-src 'none'" in text
    assert "url(" not in text


@pytest.fixture
def illustrated(content: Content) -> Lesson:
    return next(lesson for course in content.library.courses for lesson in course.lessons if lesson.picture)


def test_the_picture_travels_inside_the_page_with_its_words(content: Content, illustrated: Lesson, tmp_path: Path):
    picture = tmp_path / "card.png"
    picture.write_bytes(b"a picture")
    page = Page(html(Walk(illustrated, "es", content, lambda: NOON), lambda name, language: picture))
    assert set(page.fetched) == {"data:image/png;base64," + base64.b64encode(b"a picture").decode()}
    assert len(page.fetched) == len(CHANNELS)


def test_a_lesson_whose_words_are_missing_says_so(desk: Desk):
    assert "Words are missing in Español" in desk.page("es")
    assert "Words are missing" not in desk.page("en")


def test_a_language_from_right_to_left_is_drawn_so(desk: Desk):
    desk.project.write("i18n/languages.yaml", "en: {name: English}\nar: {name: العربية, rtl: true}\n")
    assert 'lang="ar" dir="rtl"' in desk.page("ar")
