"""Every kind of question: shown, tapped, typed."""

import pytest
from rapidfuzz.distance import OSA

from bot.engine.questions import KINDS
from bot.engine.turn import Answered, Layout
from tests.makers import Talk, feedback, lesson, library


def asked(kind: str) -> Talk:
    """A learner in front of a feedback question of this kind."""
    lessons = [lesson(f"lesson{n}", cards=lesson("x").cards[:1]) for n in range(4)]
    talk = Talk(library(*lessons, feedback=(feedback("it", kind, every=1),)))
    talk.start()
    talk.picks("Yes!")
    talk.picks("button.next")
    talk.picks("consent.both")
    talk.picks("age.grown")
    for _ in range(40):
        assert talk.learner is not None
        if talk.learner.place.item == "it":
            return talk
        if talk.learner.place.step.value == "role":
            talk.says("skip")
            continue
        good = [choice for choice in talk.say.choices if choice.data.endswith("-good")]
        talk.taps((good or list(talk.say.choices))[0].data)
    raise AssertionError("the feedback question never came")


@pytest.mark.parametrize(
    ("kind", "typed", "ids"),
    [
        ("choice", "choice z", ("z",)),
        ("rating5", "4", ("4",)),
        ("rating10", "0", ("0",)),
        ("rating10", "10", ("10",)),
        ("multiple", "A C", ("x", "z")),
        ("multiple", "3, 1", ("x", "z")),
        ("multiple", "ac", ("x", "z")),
        ("multiple", "b", ("y",)),
    ],
)
def test_typed_answers_are_understood(kind: str, typed: str, ids: tuple[str, ...]):
    talk = asked(kind)
    talk.says(typed)
    assert talk.rows[-1].answer_ids == ids
    assert talk.lead == ["thanks.noted"]


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        *[("rating10", "11"), ("rating5", "6"), ("choice", "9"), ("multiple", "A Q")],
        *[("rating10", "-3"), ("rating10", "+3"), ("rating5", "-1"), ("choice", "-1"), ("multiple", "+3")],
    ],
)
def test_what_is_out_of_range_is_asked_again(kind: str, typed: str):
    talk = asked(kind)
    before = len(talk.rows)
    talk.says(typed)
    assert len(talk.rows) == before
    assert talk.lead[0].startswith("unclear.pick")


def test_taps_gather_until_done():
    talk = asked("multiple")
    before = len(talk.rows)
    talk.picks("choice x")
    talk.picks("choice y")
    talk.picks("choice z")
    talk.picks("choice y")
    assert len(talk.rows) == before
    talk.picks("button.done")
    assert talk.rows[-1].answer_ids == ("x", "z")


def test_two_quick_taps_on_one_message_both_count():
    talk = asked("multiple")
    first, second = talk.find("choice x").data, talk.find("choice y").data
    talk.taps(first)
    talk.taps(second)
    talk.picks("button.done")
    assert talk.rows[-1].answer_ids == ("x", "y")


def test_an_open_question_takes_any_words_but_the_ways_out():
    talk = asked("open")
    talk.says("next")
    assert talk.rows[-1].text == "next"
    other = asked("open")
    other.says("help")
    assert other.body[0] == "help.text"


def test_every_feedback_question_can_be_skipped():
    for kind in ("choice", "rating5", "rating10", "multiple", "open"):
        talk = asked(kind)
        before = [row for row in talk.rows if isinstance(row, Answered)]
        talk.picks("button.skip")
        assert [row for row in talk.rows if isinstance(row, Answered)] == before


def test_a_scale_is_laid_out_as_one():
    assert asked("rating10").say.layout is Layout.SCALE
    assert len(asked("rating10").say.choices) == 12


def test_every_kind_reads_nothing_out_of_nothing():
    for kind in KINDS.values():
        assert kind.read("   ", (), (), OSA.distance) is None
