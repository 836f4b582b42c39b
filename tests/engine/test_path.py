"""The learner's path: what stands in front of whom, and what a tap brings."""

import itertools

import pytest

from bot.engine.course import Course, Library
from bot.engine.learner import Keep, Step
from bot.engine.turn import Answered, AnswersForgotten, Consented, Erased, Joined, Phrase
from tests.makers import Talk, label, lesson, library, v


def talk(**changes: object) -> Talk:
    return Talk(library(), **changes)  # type: ignore[arg-type]


def test_the_first_message_is_a_puzzle_with_the_languages_beside_it():
    first = talk()
    first.start()
    assert first.body == ["hello.greeting", "hook alpha"]
    assert [choice.data for choice in first.say.extra] == ["g:en", "g:es"]
    assert first.say.instead is not None


def test_the_second_message_answers_that_very_guess():
    first = talk()
    first.start()
    first.picks("No!")
    assert first.lead == ["reply no"]
    assert first.body == ["first card of alpha"]


def test_a_hook_with_a_button_of_its_own_lets_the_reply_stand_alone():
    hook = lesson("alpha").hook
    from dataclasses import replace

    from tests.makers import v

    alone = Talk(library(lesson("alpha", hook=replace(hook, next=v("Who does this?")))))
    alone.start()
    alone.picks("Yes!")
    assert alone.body == ["reply yes"]
    alone.picks("Who does this?")
    assert alone.body == ["first card of alpha"]


def test_unsure_of_the_language_the_choice_of_one_comes_first():
    unsure = talk(languages=("xx",))
    unsure.start()
    assert unsure.body == ["language.ask"]
    unsure.taps("g:es")
    assert unsure.learner is not None
    assert unsure.learner.language == "es"
    assert unsure.body == ["hello.greeting", "hook alpha"]


def test_a_greeting_tells_the_language():
    said = talk(languages=())
    said.says("Hola")
    assert said.learner is not None
    assert said.learner.language == "es"


def test_consent_and_age_come_just_before_the_first_answer_worth_keeping():
    here = talk()
    here.start()
    here.picks("Yes!")
    here.picks("button.next")
    here.picks("button.next")
    assert here.body == ["consent.ask"]
    here.picks("consent.both")
    assert here.body == ["age.ask"]
    here.picks("age.grown")
    assert here.body == ["one/alpha/key b?"]
    assert [type(row) for row in here.rows] == [Consented]


def test_who_just_plays_is_not_asked_their_age():
    here = talk().at_first_question(keep="nothing")
    assert here.body[0].startswith("one/alpha/key")
    assert here.learner is not None
    assert here.learner.guest


@pytest.mark.parametrize(("keep", "age"), [("nothing", ""), ("place", "young"), ("both", "under"), ("both", "skip")])
def test_answers_are_kept_only_of_grown_learners_who_share_them(keep: str, age: str):
    here = talk()
    if age == "skip":
        here.start()
        for step in ("Yes!", "button.next", "button.next", "consent.both"):
            here.picks(step)
        here.says("skip")
    else:
        here.at_first_question(keep, age)
    here.finish_lesson()
    assert not [row for row in here.rows if isinstance(row, Answered)]
    assert here.learner is not None
    assert here.learner.place.step is Step.NEXT


def test_the_age_limit_is_the_countrys():
    here = Talk(library(), country="XX").at_first_question(age="under")
    assert here.learner is not None
    assert here.learner.age_band == "under_13"
    assert here.learner.guest


def test_a_right_answer_brings_its_why_and_the_next_question_in_one_message():
    here = talk().at_first_question()
    here.picks("good")
    assert here.lead == ["why good"]
    assert here.body[0].startswith("one/alpha/other")


def test_a_first_miss_brings_a_hint_and_the_same_question():
    here = talk().at_first_question()
    here.picks("bad")
    assert here.lead == ["hint bad"]
    assert here.body[0].startswith("one/alpha/key")


def test_a_second_miss_brings_the_right_why_and_goes_on():
    here = talk().at_first_question()
    here.picks("bad")
    here.picks("worse")
    assert here.lead == ["answer.right_was", "why good"] or here.lead == ["✔ option good", "why good"]
    assert here.body[0].startswith("one/alpha/other")


def test_only_the_first_try_is_remembered_as_right_or_wrong():
    here = talk().at_first_question()
    here.picks("bad")
    here.picks("good")
    assert here.learner is not None
    assert here.learner.memory["one/alpha/key"].right is False
    tries = [row for row in here.rows if isinstance(row, Answered)]
    assert [(row.attempt, row.correct, row.exposures) for row in tries] == [(1, False, 0), (2, True, 0)]


def test_the_same_learner_always_sees_the_options_in_the_same_order():
    orders = {
        seed: tuple(choice.data.split("-")[1] for choice in talk(seed=seed).at_first_question().say.choices)
        for seed in range(30)
    }
    assert len(set(orders.values())) > 3
    again = tuple(choice.data.split("-")[1] for choice in talk(seed=7).at_first_question().say.choices)
    assert orders[7] == again


def test_the_lesson_ends_with_takeaway_thought_and_a_reaction():
    here = talk().at_first_question()
    here.picks("good")
    here.picks("good")
    assert "thought alpha" in here.body
    here.picks("reaction.so_so")
    assert here.lead == ["thanks.noted"]
    assert here.body == ["next.ask", "next.or"]


def test_the_straight_path_is_one_message_a_tap_and_at_most_ten():
    here = talk().at_first_question().finish_lesson()
    here.picks("next_lesson")
    before = len(here.turns)
    while here.learner is not None and here.learner.place.step is not Step.NEXT:
        here.taps(here.say.choices[0].data)
    assert len(here.turns) - before + 1 <= 10
    assert all(len(turn.says) == 1 for turn in here.turns)


def test_from_lesson_two_on_a_due_question_opens_the_lesson():
    here = talk().at_first_question()
    here.picks("bad")
    here.picks("good")
    here.picks("good")
    here.picks("liked")
    here.wait(days=2)
    here.picks("next_lesson")
    assert here.body[0] == "warm_up.intro"
    assert here.body[1].startswith("one/alpha/key")
    here.picks("good")
    assert here.lead == ["why good"]
    assert here.rows[-1].phase == "review"
    assert here.rows[-1].exposures == 1


def test_the_form_kept_for_the_later_check_never_comes_in_review():
    for seed in range(12):
        here = talk(seed=seed).at_first_question()
        shown = {here.body[0]}
        here.finish_lesson()
        for days in (2, 4, 8, 22):
            here.wait(days=days)
            here.says("lessons")
            here.says("2")
            shown |= {line for line in here.body if line.startswith("one/alpha/key")}
        assert len(shown) <= 2


def test_those_drawn_guess_before_the_lesson_and_hear_no_verdict():
    drawn = 0
    for seed in range(20):
        here = talk(seed=seed).at_first_question().finish_lesson()
        here.picks("next_lesson")
        if here.body[0] != "before.intro":
            continue
        drawn += 1
        here.picks("bad")
        assert here.lead == ["before.noted"]
        assert here.body == ["first card of beta"]
        assert here.rows[-1].phase == "pre"
        assert here.rows[-1].pre_assigned is True
    assert 4 < drawn < 16


def test_the_role_is_asked_once_after_the_second_lesson():
    here = talk(seed=3).at_first_question().finish_lesson()
    here.says("lessons")
    here.says("2")
    while here.learner is not None and here.learner.place.step is not Step.ROLE:
        here.taps(here.say.choices[0].data)
    assert len(here.say.choices) == 10
    here.says("student")
    assert here.learner is not None


def test_feedback_never_comes_twice_in_a_row_nor_in_the_first_lesson():
    lessons = tuple(lesson(f"lesson{n}") for n in range(12))
    here = Talk(library(*lessons)).at_first_question()
    asked: list[str] = []
    for _ in range(11):
        for _ in range(14):
            assert here.learner is not None
            place = here.learner.place
            if place.step is Step.NEXT:
                break
            if place.step is Step.FEEDBACK:
                asked.append(place.item)
                here.says("5")
                continue
            good = [choice for choice in here.say.choices if choice.data.endswith("-good")]
            here.taps((good or list(here.say.choices))[0].data)
        here.picks("next_lesson")
    assert asked
    assert all(one != two for one, two in itertools.pairwise(asked))


def test_a_known_campaign_is_counted_once_and_an_unknown_one_is_a_plain_start():
    here = talk()
    here.start("poster")
    here.start("poster")
    assert [row for row in here.rows if isinstance(row, Joined)] == [Joined("poster")]
    other = talk()
    other.start("'; drop table")
    assert other.rows == []
    assert other.body == ["hello.greeting", "hook alpha"]


def test_start_with_a_campaign_may_be_typed():
    here = talk()
    here.says("START poster")
    assert here.rows == [Joined("poster")]


def test_withdrawing_consent_forgets_the_answers_and_keeps_the_place():
    here = talk().at_first_question()
    here.picks("good")
    here.says("privacy")
    here.picks("consent.place")
    assert here.learner is not None
    assert here.learner.keep is Keep.PLACE
    assert AnswersForgotten() in here.rows
    assert here.body[0].startswith("one/alpha/other")


def test_delete_asks_once_and_then_erases():
    here = talk().at_first_question()
    here.says("delete")
    assert here.body == ["delete.ask"]
    here.picks("button.erase")
    assert here.rows[-1] == Erased()


def test_an_old_delete_button_asks_again():
    here = talk().at_first_question()
    here.taps("c:erase")
    assert here.body == ["delete.ask"]
    assert Erased() not in here.rows


def two_courses() -> Library:
    one, two = (
        tuple(lesson(f"{letter}{n}", course) for n in range(3)) for letter, course in (("a", "one"), ("b", "two"))
    )
    courses = (Course("one", v("Course one"), v("About"), one), Course("two", v("Course two"), v("About"), two))
    return library(courses=courses)


def choice_of_two(talk: Talk) -> list[str]:
    """The title that is named first, and what the second button opens."""
    assert talk.body == ["next.ask", "next.or"]
    coming = talk.say.body[0]
    assert isinstance(coming, Phrase)
    return [label(coming.values["title"], "en"), talk.find("button.other_lesson").data]  # type: ignore[arg-type]


def test_after_a_lesson_there_are_two_to_choose_from_and_all_of_them_where_there_is_room():
    talk = Talk(two_courses()).at_first_question().finish_lesson()
    assert choice_of_two(talk) == ["Title a1", "l:two_b0"]
    assert [choice.data for choice in talk.say.choices] == ["c:next-lesson", "l:two_b0", "c:enough"]
    assert [choice.data for choice in talk.say.extra] == ["c:lessons"]
    assert talk.say.instead == Phrase("next.lessons")
    talk.says("2")
    assert talk.learner.place.lesson == "two/b0"


def test_who_picked_a_lesson_further_on_may_go_on_there():
    talk = Talk(two_courses()).at_first_question()
    talk.taps("l:two_b1")
    while talk.learner.place.step is not Step.NEXT:
        talk.taps(talk.say.choices[0].data)
    assert choice_of_two(talk) == ["Title a0", "l:two_b2"]


def test_in_the_last_course_the_other_one_is_the_lesson_after_and_the_last_lesson_has_none():
    talk = Talk(library(lesson("alpha"), lesson("beta"), lesson("gamma"))).at_first_question().finish_lesson()
    assert choice_of_two(talk) == ["Title beta", "l:one_gamma"]
    talk.learner = talk.learner.but(done=("one/alpha", "one/beta"))
    talk.says("thanks")
    assert talk.body == ["next.ask"]
    assert [choice.data for choice in talk.say.choices] == ["c:next-lesson", "c:lessons", "c:enough"]
