"""An author walks through a lesson: straight on, or typing whatever comes to mind."""

from collections.abc import AsyncIterator

import pytest

from bot.content.limits import BODY, size
from bot.engine.path import MESSAGES
from bot.preview.playing import play
from bot.preview.walk import Walk, straight, words_of, words_of_all
from bot.service import Content
from tests.makers import NOON
from tests.preview.conftest import Desk


async def typing(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield line


async def played(desk: Desk, *lines: str) -> tuple[bool, list[str]]:
    told: list[str] = []
    finished = await play(desk.walk(), typing(*lines), told.append)
    return finished, told


def test_the_straight_path_goes_from_the_hook_to_where_next_by_right_answers(desk: Desk):
    stops = tuple(straight(desk.walk()))
    pressed = [stop.pressed.label for stop in stops if stop.pressed]
    assert pressed == ["Ravi", "Show me", "Is that real?", "Next", "As the others", "False", "🙂 Liked it"]
    assert stops[0].message.body.startswith("A shop has 20 owners.")
    assert stops[5].message.lead == "Yes. One family, one vote."
    assert "last lesson" in stops[-1].message.body


def test_neither_consent_nor_age_nor_a_role_stands_in_the_way(desk: Desk):
    bodies = [stop.message.body for stop in straight(desk.walk())]
    assert not [body for body in bodies if "May I keep" in body or "How old" in body or "about you" in body]


def test_words_are_counted_as_a_learner_reads_them(desk: Desk):
    hook, reply, *rest = straight(desk.walk())
    assert words_of(hook) == 10 + len(("Ravi", "All", "of", "them"))
    assert words_of(reply) == 6  # Next and Source are not read
    faces = rest[-2]
    assert "One member, one vote." in faces.message.body
    assert words_of(faces) == 6 + 4 + 9 + 7  # the why, the takeaway, the guess, the thought; no faces


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_the_figures_of_real_lessons_stay_within_what_the_page_calls_too_much(content: Content, language: str):
    for course in content.library.courses:
        for lesson in course.lessons:
            stops = tuple(straight(Walk(lesson, language, content, lambda: NOON)))
            assert len(stops) <= MESSAGES
            assert words_of_all(stops) <= size(course.id).words
            assert all(len(stop.message.body) <= BODY for stop in stops)


async def test_a_lesson_is_played_to_its_end_with_hints_on_the_way(desk: Desk):
    finished, told = await played(
        desk, "ravi", "next", "next", "next", "what?", "more: they paid", "as the others", "2", "1"
    )
    assert finished
    assert "A shop has 20 owners." in told[0]
    assert any("They paid. Are they two families?" in text for text in told)
    assert "last lesson" in told[-1]


async def test_what_is_typed_after_the_end_is_not_read(desk: Desk):
    _, told = await played(desk, "ravi", "next", "next", "next", "as the others", "2", "1", "menu")
    assert not any("What would you like?" in text for text in told)


async def test_an_author_may_leave_in_the_middle(desk: Desk):
    finished, told = await played(desk, "", "ravi", "   ")
    assert not finished
    assert len(told) == 2


async def test_deleting_everything_ends_the_play(desk: Desk):
    finished, told = await played(desk, "delete", "yes, delete all", "hi")
    assert not finished
    assert told[-1].startswith("Done. I have deleted everything")


def test_another_seed_draws_other_forms(desk: Desk):
    asked = {tuple(stop.message.body for stop in straight(desk.walk(seed=seed)))[4] for seed in range(8)}
    assert len(asked) > 1


async def test_a_source_can_be_looked_at_on_the_way(desk: Desk):
    _, told = await played(desk, "ravi", "next", "source")
    assert "https://water.example/study" in told[-1]
