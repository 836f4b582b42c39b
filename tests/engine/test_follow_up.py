"""Weeks after a course: one question of it in the form kept for that, and whether something of it was used."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.engine import draw, path
from bot.engine.course import Course, Form, Library, Option, Question
from bot.engine.learner import FollowUp, Learner, Memory, Place, Status, Step
from bot.engine.turn import Answered
from tests.makers import NOON, Talk, lesson, library, v

DAY = timedelta(days=1)
OPTIONS = tuple(Option(id_, v(id_)) for id_ in ("yes", "not-yet", "no-way"))
USED = Question(
    "used", "choice", tuple(Form(f"day-{n}", v("have you used it?"), OPTIONS) for n in (7, 28)), required=False
)


def shelf(*names: str, **changes: Any) -> Library:
    """A course that is followed up, and one that is not."""
    lessons = tuple(lesson(name) for name in names or ("alpha", "beta"))
    courses = (
        Course("one", v("Course one"), v("About one"), lessons, follow_up=True),
        Course("two", v("Course two"), v("About two"), (lesson("omega", "two"),)),
    )
    return library(courses=courses, follow_up=USED, feedback=(), **changes)


SHELF = shelf()


def at_the_last_reaction(keep: str = "both", age: str = "young", shelf: Library = SHELF, **how: Any) -> Talk:
    """Everything of the course but the last tap."""
    talk = Talk(shelf, **how).at_first_question(keep, age).finish_lesson()
    talk.taps("l:one_beta")
    while talk.learner.place.step is not Step.REACTION:
        good = [choice for choice in talk.say.choices if choice.data.endswith("-good")]
        talk.taps((good or list(talk.say.choices))[0].data)
    return talk


def finished(**how: Any) -> Talk:
    talk = at_the_last_reaction(**how)
    talk.picks("liked")
    return talk


def due(talk: Talk, days: int = 7) -> FollowUp:
    """The follow-up after so many days, when its day has come."""
    follow_up = next(f for f in talk.learner.follow_ups if f.days == days)
    talk.now = follow_up.at
    return follow_up


def _past_the_role(talk: Talk) -> None:
    if talk.learner.place.step is Step.ROLE:
        talk.says("skip")


def begun(talk: Talk, days: int = 7) -> Talk:
    """The follow-up has been asked by somebody outside; the screen shows it."""
    _past_the_role(talk)
    talk.learner = path.begin_follow_up(talk.learner, due(talk, days), talk.library, talk.now)
    talk.taps("c:on")
    return talk


# ── The promise ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_last_lesson_of_a_course_brings_two_follow_ups_and_says_so():
    talk = finished()
    assert talk.learner.follow_ups == (
        FollowUp("one", 7, talk.now + 7 * DAY),
        FollowUp("one", 28, talk.now + 28 * DAY),
    )
    assert talk.lead == ["thanks.noted", "follow_up.promise"]


def test_a_reaction_that_is_skipped_ends_the_course_all_the_same():
    talk = at_the_last_reaction()
    talk.says("skip")
    assert talk.lead == ["skip.done", "follow_up.promise"]
    assert len(talk.learner.follow_ups) == 2


def test_before_the_last_lesson_nothing_is_promised():
    talk = Talk(SHELF).at_first_question().finish_lesson()
    assert talk.learner.follow_ups == ()
    assert talk.lead == ["thanks.noted"]


def test_a_course_that_is_not_followed_up_promises_nothing():
    talk = Talk(SHELF)
    talk.start()
    talk.taps("l:two_omega")
    talk.picks("Yes!")
    talk.picks("button.next")
    talk.picks("button.next")
    talk.picks("consent.both")
    talk.picks("age.grown")
    talk.finish_lesson()
    assert talk.learner.follow_ups == ()


def test_it_is_promised_once_whatever_is_taken_again_or_added():
    talk = finished()
    talk.learner = talk.learner.but(follow_ups=())
    talk.library = shelf("alpha", "beta", "gamma")
    for name in ("beta", "gamma"):
        talk.taps(f"l:one_{name}")
        while talk.learner.place.step not in (Step.NEXT, Step.ROLE):
            talk.taps(talk.say.choices[0].data)
    assert "one/gamma" in talk.learner.done
    assert talk.learner.follow_ups == ()


def test_only_lessons_in_the_learners_language_count():
    only_spanish = lesson("gamma", languages=frozenset({"es"}))
    course = replace(SHELF.courses[0], lessons=(*SHELF.courses[0].lessons, only_spanish))
    assert finished(shelf=replace(SHELF, courses=(course,))).learner.follow_ups


@pytest.mark.parametrize(("keep", "age"), [("nothing", ""), ("both", "under")])
def test_guests_are_promised_nothing(keep: str, age: str):
    talk = finished(keep=keep, age=age)
    assert talk.learner.follow_ups == ()
    assert talk.lead == ["thanks.plain"]


def test_whose_place_alone_is_kept_is_asked_too():
    assert len(finished(keep="place").learner.follow_ups) == 2


def test_who_has_stopped_hears_no_promise_that_would_not_be_kept():
    talk = at_the_last_reaction()
    talk.says("stop")
    talk.taps(f"q:{talk.learner.place.serial}-liked")
    assert talk.learner.status is Status.STOPPED
    assert talk.lead == ["thanks.noted"]
    assert len(talk.learner.follow_ups) == 2


def test_becoming_a_guest_ends_what_was_promised():
    talk = finished()
    talk.says("privacy")
    talk.picks("consent.nothing")
    assert talk.learner.guest
    assert talk.learner.follow_ups == ()


def test_keeping_less_keeps_the_promise():
    talk = finished()
    talk.says("privacy")
    talk.picks("consent.place")
    assert len(talk.learner.follow_ups) == 2


# ── The question, and whether it was of use ──────────────────────────────────────────────────────────────


def test_the_question_comes_in_the_form_that_was_kept_for_it():
    for seed in range(8):
        talk = begun(finished(seed=seed))
        place = talk.learner.place
        assert place.step is Step.RECALL
        asked = talk.library.question(place.item)
        assert asked.key
        assert place.form == draw.kept_form(seed, asked).id
        assert talk.body == ["recall.intro", f"{place.item} {place.form}?"]


def test_the_two_follow_ups_ask_different_questions_and_each_is_taken_off():
    talk = begun(finished())
    first = talk.learner.place.item
    assert [f.days for f in talk.learner.follow_ups] == [28]
    begun(talk, 28)
    assert talk.learner.place.item != first
    assert talk.learner.follow_ups == ()


def test_a_right_answer_brings_its_why_and_then_whether_it_was_used():
    talk = begun(finished())
    item = talk.learner.place.item
    talk.picks("good")
    assert talk.lead == ["why good"]
    assert talk.body == ["have you used it?"]
    row = talk.rows[-1]
    assert (row.phase, row.question, row.correct, row.attempt, row.exposures) == ("recall", item, True, 1, 1)
    assert f"{row.course}/{row.lesson}" == item.rpartition("/")[0]


def test_a_miss_brings_the_right_why_at_once_and_no_second_try():
    talk = begun(finished())
    item = talk.learner.place.item
    talk.picks("bad")
    assert talk.lead == ["✔ option good", "why good"]
    assert talk.body == ["have you used it?"]
    assert talk.learner.memory[item].right is False
    assert talk.learner.memory[item].due == talk.now + DAY


def test_the_kept_form_never_comes_in_the_review_that_follows_a_miss():
    talk = begun(finished())
    item, form = talk.learner.place.item, talk.learner.place.form
    talk.picks("bad")
    talk.says("skip")
    for _ in range(4):
        talk.wait(days=9).says("review")
        while talk.learner.place.step is Step.REVIEW:
            assert (talk.learner.place.item, talk.learner.place.form) != (item, form)
            talk.picks("good")


@pytest.mark.parametrize("days", [7, 28])
def test_whether_it_was_used_is_one_tap_thanked_for_and_kept(days: int):
    talk = begun(finished(), days)
    talk.picks("good")
    talk.picks("not-yet")
    assert talk.lead == ["thanks.noted"]
    assert talk.body == ["next.ask"]
    row = talk.rows[-1]
    assert (row.phase, row.course, row.lesson, row.version) == ("follow_up", "one", "", "")
    assert (row.question, row.form, row.answer_ids, row.correct) == ("used", f"day-{days}", ("not-yet",), None)


def test_whose_answers_are_not_shared_leaves_no_row():
    talk = begun(finished(keep="place"))
    talk.picks("good")
    talk.picks("yes")
    assert talk.lead == ["thanks.plain"]
    assert not [row for row in talk.rows if isinstance(row, Answered)]


def test_in_mid_lesson_the_place_waits_and_comes_back():
    talk = finished()
    talk.taps("l:two_omega")
    talk.says("skip")
    talk.says("next")
    card = talk.body
    begun(talk)
    talk.picks("good")
    talk.picks("yes")
    assert talk.lead == ["thanks.noted", "review.back"]
    assert talk.body == card
    assert talk.learner.place.queue == ()


@pytest.mark.parametrize("word", ["skip", "next"])
def test_both_may_be_skipped(word: str):
    talk = begun(finished())
    talk.says("skip")
    assert talk.body == ["have you used it?"]
    talk.says(word)
    assert talk.lead == ["skip.done"]
    assert talk.learner.place.step is Step.NEXT


def test_review_waits_for_a_follow_up():
    talk = begun(finished())
    asked = talk.body
    talk.says("review")
    assert talk.lead == ["review.first"]
    assert talk.body == asked


def test_a_follow_up_takes_the_place_of_a_review_that_was_left():
    talk = finished()
    _past_the_role(talk)
    talk.says("review")
    begun(talk)
    assert talk.learner.place.step is Step.RECALL
    assert talk.learner.after is None


# ── What has gone since ──────────────────────────────────────────────────────────────────────────────────


def dropped(talk: Talk, shelf: Library) -> Learner:
    return path.begin_follow_up(talk.learner, due(talk), shelf, talk.now)


@pytest.mark.parametrize(
    "gone",
    [
        replace(SHELF, courses=SHELF.courses[1:]),
        shelf("gamma"),
        replace(SHELF, follow_up=None),
    ],
    ids=["the course", "its lessons", "the question"],
)
def test_what_cannot_be_asked_any_more_is_dropped_without_a_word(gone: Library):
    talk = finished()
    before = talk.learner
    assert dropped(talk, gone) == before.but(follow_ups=before.follow_ups[1:])


def test_a_learner_who_answered_nothing_is_asked_nothing():
    talk = finished()
    talk.learner = talk.learner.but(memory={"one/alpha/key": Memory(due=NOON, exposures=1)})
    assert dropped(talk, SHELF).place == talk.learner.place


def test_a_question_that_goes_while_it_is_asked_is_left_out():
    talk = begun(finished())
    talk.library = shelf("gamma")
    talk.says("good")
    assert talk.lead == ["review.gone"]
    assert talk.learner.place.step is Step.NEXT


def test_without_the_second_question_the_first_stands_alone():
    talk = begun(finished())
    talk.library = replace(SHELF, follow_up=None)
    talk.picks("good")
    assert talk.body == ["next.ask"]


def test_a_single_answered_question_serves_both_times():
    talk = finished()
    only = {"one/alpha/key": talk.learner.memory["one/alpha/key"]}
    talk.learner = talk.learner.but(memory=only, place=Place(Step.NEXT, 40))
    assert begun(talk).learner.place.item == "one/alpha/key"
