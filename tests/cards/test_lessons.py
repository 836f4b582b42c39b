"""Every lesson's picture, in every language it is offered in."""

import io

import pytest
from PIL import Image

from bot.cards.album import Album
from bot.cards.card import card_of
from bot.cards.press import HEIGHT, WIDTH, Press
from bot.content.printed import Loaded
from bot.engine.course import Lesson
from bot.engine.turn import Words

LARGEST = 60 * 1024
LANGUAGES = ("en", "es", "fr")


def lessons(loaded: Loaded) -> list[Lesson]:
    return [lesson for course in loaded.library.courses for lesson in course.lessons]


def test_every_lesson_has_a_picture_and_its_description(loaded: Loaded):
    assert {lesson.path for lesson in lessons(loaded) if lesson.picture != lesson.path} == set()
    alts = [loaded.catalogue.label(Words(f"{path}/picture.alt"), "en") for path in loaded.pictures]
    assert all(20 <= len(alt) <= 140 for alt in alts)
    assert len(set(alts)) == len(alts) == len(lessons(loaded))


def test_no_two_lessons_show_the_same_picture(loaded: Loaded):
    drawn = list(loaded.pictures.values())
    assert len(set(drawn)) == len(drawn)


def test_each_goal_has_its_number_and_its_own_colour(loaded: Loaded):
    goals = {lesson.path: loaded.pictures[lesson.path].goal for lesson in lessons(loaded)}
    assert sorted(goal for goal in goals.values() if goal) == list(range(1, 18))
    cards = {path: card_of_path(loaded, path, "en") for path, goal in goals.items() if goal}
    assert len({card.colour for card in cards.values()}) == 17
    assert cards["module-2/sdg06-clean-water"].title == "Clean water"


def card_of_path(loaded: Loaded, path: str, language: str):
    lesson = loaded.library.lesson(path)
    assert lesson is not None
    card = card_of(lesson, loaded.pictures[path], language, loaded.catalogue)
    assert card is not None, f"{path} cannot be written in {language}"
    return card


@pytest.mark.parametrize("language", LANGUAGES)
def test_title_and_line_have_room_on_every_picture(loaded: Loaded, press: Press, language: str):
    cards = {lesson.path: card_of_path(loaded, lesson.path, language) for lesson in lessons(loaded)}
    assert [path for path, card in cards.items() if not press.fits(card.inputs())] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_small_enough_for_a_slow_phone(album: Album, loaded: Loaded, language: str):
    sizes = {}
    for lesson in lessons(loaded):
        drawn = album.file(album.name(lesson.path, language) or "")
        assert drawn is not None, lesson.path
        sizes[lesson.path] = drawn.stat().st_size
        with Image.open(io.BytesIO(drawn.read_bytes())) as picture:
            assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))
    assert {path: size for path, size in sizes.items() if size >= LARGEST} == {}
