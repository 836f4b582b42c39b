"""Light mode: a learner who wants no pictures gets none, on any channel, until they say so."""

import pytest

from bot.engine.learner import Step
from tests.makers import Talk, lesson, library

PICTURED = library(*(lesson(name, picture=f"one/{name}") for name in ("alpha", "beta")))


def test_a_lesson_opens_with_its_picture_and_nothing_else_has_one():
    talk = Talk(PICTURED).at_first_question()
    talk.finish_lesson()
    assert [turn.says[0].picture for turn in talk.turns if turn.says[0].picture] == ["one/alpha"]


def test_light_takes_the_picture_off_the_same_message_and_brings_it_back():
    talk = Talk(PICTURED)
    talk.start()
    choices = talk.say.choices
    talk.says("light")
    assert (talk.lead, talk.say.picture) == (["light.on"], None)
    assert talk.say.choices == choices
    talk.says("/light")
    assert (talk.lead, talk.say.picture) == (["light.off"], "one/alpha")


@pytest.mark.parametrize("words", ["Light!", "LIGHT", "light"])
def test_light_in_mid_lesson_leaves_the_learner_at_their_question(words: str):
    talk = Talk(PICTURED).at_first_question()
    asked = talk.body
    talk.says(words)
    assert talk.lead == ["light.on"]
    assert talk.body == asked
    assert talk.learner is not None
    assert talk.learner.place.step is Step.QUESTION
    assert talk.learner.place.misses == 0


def test_light_lasts_into_the_next_lesson():
    talk = Talk(PICTURED).at_first_question()
    talk.says("light")
    talk.finish_lesson()
    talk.picks("button.next_lesson")
    assert talk.body == ["hook beta"]
    assert talk.say.picture is None


def test_nobody_has_chosen_before_they_say_so():
    talk = Talk(PICTURED)
    talk.start()
    assert talk.learner is not None
    assert talk.learner.light is None
