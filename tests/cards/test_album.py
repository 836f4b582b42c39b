"""Pictures are made once, kept by what they show, and nothing else is handed out."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.album import KEPT, Album
from bot.cards.press import Press
from bot.content.printed import Loaded
from bot.engine.turn import Verbatim

LESSON = "module-1/one-vote"


class CountedPress(Press):
    """Counts what it makes; ``broken`` makes nothing."""

    def __init__(self, broken: bool = False) -> None:
        super().__init__()
        self.made: list[str] = []
        self.broken = broken

    def png(self, inputs: str) -> bytes:
        if self.broken:
            raise RuntimeError("no ink")
        self.made.append(inputs)
        return b"a picture of " + inputs.encode()


def album(folder: Path, loaded: Loaded, press: Press | None = None) -> Album:
    made = Album(folder / "cards", press or CountedPress())
    made.take_up(loaded)
    return made


def retitled(loaded: Loaded) -> Loaded:
    """The same lessons; one has another title."""
    course = loaded.library.courses[0]
    changed = replace(course.lessons[0], title=Verbatim("Something else"))
    courses = (replace(course, lessons=(changed, *course.lessons[1:])), *loaded.library.courses[1:])
    return replace(loaded, library=replace(loaded.library, courses=courses))


def test_a_picture_has_its_name_before_it_is_drawn(tmp_path: Path, loaded: Loaded):
    pictures = album(tmp_path, loaded)
    name = pictures.name(LESSON, "en")
    assert name
    assert pictures(LESSON, "en") is None
    assert pictures.file(name) == pictures(LESSON, "en") == tmp_path / "cards" / name


def test_each_picture_is_drawn_once_and_found_again_after_a_restart(tmp_path: Path, loaded: Loaded):
    press = CountedPress()
    for _ in range(2):
        pictures = album(tmp_path, loaded, press)
        for name in pictures.missing():
            pictures.make(name)
        assert pictures.missing() == []
    count = sum(len(lesson.languages) for course in loaded.library.courses for lesson in course.lessons)
    assert len(press.made) == len(set(press.made)) == count


def test_a_changed_word_is_another_picture_and_leaves_the_others_alone(tmp_path: Path, loaded: Loaded):
    before, after = album(tmp_path, loaded), album(tmp_path, retitled(loaded))
    paths = [lesson.path for course in loaded.library.courses for lesson in course.lessons]
    changed = [path for path in paths if before.name(path, "en") != after.name(path, "en")]
    assert changed == [loaded.library.courses[0].lessons[0].path]


def test_lessons_taken_up_anew_replace_what_is_known(tmp_path: Path, loaded: Loaded):
    pictures = album(tmp_path, loaded)
    path = loaded.library.courses[0].lessons[0].path
    old = pictures.name(path, "en") or ""
    pictures.take_up(retitled(loaded))
    assert pictures.file(old) is None
    pictures.make(old)  # was about to be drawn when the lessons changed
    assert pictures.file(old) is None


def test_a_picture_on_its_way_to_a_phone_outlives_the_change(tmp_path: Path, loaded: Loaded):
    pictures = album(tmp_path, loaded)
    path = loaded.library.courses[0].lessons[0].path
    old = pictures.file(pictures.name(path, "en") or "")
    assert old is not None
    pictures.take_up(retitled(loaded))
    pictures.tidy()
    assert pictures.file(old.name) == old
    long_ago = time.time() - KEPT - 60
    os.utime(old, (long_ago, long_ago))
    pictures.tidy()
    assert pictures.file(old.name) is None


def test_what_is_shown_is_kept_however_old(tmp_path: Path, loaded: Loaded):
    pictures = album(tmp_path, loaded)
    file = pictures.file(pictures.name(LESSON, "en") or "")
    assert file is not None
    os.utime(file, (0, 0))
    pictures.tidy()
    assert file.is_file()


@pytest.mark.parametrize(
    "name",
    ["", "..", "../secret.key", "secret.key", "a" * 32, "A" * 32 + ".png", "g" * 32 + ".png", "0" * 32 + ".png",
     "0" * 31 + "/.png", "0" * 32 + ".png\n", "%2e%2e", "٠" * 32 + ".png"],
)  # fmt: skip
def test_no_other_name_finds_a_file(tmp_path: Path, loaded: Loaded, name: str):
    (tmp_path / "cards").mkdir()
    for secret in (tmp_path / "secret.key", tmp_path / "cards" / "secret.key"):
        secret.write_text("secret")
    assert album(tmp_path, loaded).file(name) is None


def test_a_press_that_breaks_leaves_nothing_half_done(tmp_path: Path, loaded: Loaded):
    pictures = album(tmp_path, loaded, CountedPress(broken=True))
    name = pictures.name(LESSON, "en") or ""
    with pytest.raises(RuntimeError, match="no ink"):
        pictures.file(name)
    assert pictures(LESSON, "en") is None
    assert album(tmp_path, loaded).file(name) is not None


def test_a_lesson_our_fonts_cannot_write_goes_without_a_picture(tmp_path: Path, loaded: Loaded):
    course = loaded.library.courses[0]
    thai = replace(course.lessons[0], title=Verbatim("หนึ่งคนหนึ่งเสียง"))
    pictures = album(
        tmp_path, replace(loaded, library=replace(loaded.library, courses=(replace(course, lessons=(thai,)),)))
    )
    assert pictures.name(thai.path, "en") is None
    assert pictures(thai.path, "en") is None
    assert pictures.missing() == []
