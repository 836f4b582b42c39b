"""REVIEW: ideas met before come back at any time, missed ones first, and the lesson waits meanwhile."""

from datetime import timedelta

import pytest

from bot.engine import draw, path, review
from bot.engine.learner import Learner, Memory, Place, Status, Step
from bot.engine.turn import Answered, AnswersForgotten, Phrase
from tests.makers import NOON, Talk, lesson, library, question

SHELF = library(*(lesson(name) for name in ("alpha", "beta", "gamma", "delta")))
DAY = timedelta(days=1)


def after_one_lesson(**how: object) -> Talk:
    """Alpha is done; its first question was missed once."""
    talk = Talk(SHELF, **how).at_first_question()  # type: ignore[arg-type]
    talk.picks("bad")
    talk.picks("good")
    talk.picks("good")
    talk.picks("reaction.liked")
    return talk


def on_a_card_of_beta() -> Talk:
    talk = after_one_lesson()
    talk.picks("button.next_lesson")
    while talk.learner.place.step is not Step.CARD:
        talk.taps(talk.say.choices[0].data)
    return talk


def remembering(**due: int | None) -> Learner:
    """Somebody who answered the key questions of these lessons rightly; they are due in so many days."""
    memory = {
        f"one/{name}/key": Memory(due=None if days is None else NOON + days * DAY, stage=1, exposures=1, right=True)
        for name, days in due.items()
    }
    return Talk(SHELF).at_first_question().learner.but(memory=memory, place=Place(Step.NEXT, 9))  # type: ignore[union-attr]


def keys(*names: str) -> tuple[str, ...]:
    return tuple(f"one/{name}/key" for name in names)


# ── When an idea comes back ──────────────────────────────────────────────────────────────────────────────


def test_a_right_answer_in_time_leads_to_one_three_seven_and_twenty_one_days():
    memory, now, waits = None, NOON, []
    while memory is None or memory.due is not None:
        memory = review.met(memory, "a", True, now)
        if memory.due is not None:
            waits.append((memory.due - now).days)
            now = memory.due
    assert waits == [1, 3, 7, 21]


def test_the_same_hour_of_another_day_is_late_enough():
    memory = review.met(None, "a", True, NOON)
    assert review.is_due(memory, NOON + DAY - timedelta(minutes=20))
    assert not review.is_due(memory, NOON + timedelta(hours=12))


def test_asked_before_its_time_an_idea_waits_as_long_again():
    memory = review.met(None, "a", True, NOON)
    early = review.met(memory, "b", True, NOON + timedelta(hours=1))
    assert early.due == NOON + DAY + timedelta(hours=1)
    assert early.stage == memory.stage


def test_an_idea_that_is_over_stays_over_until_it_is_missed():
    over = Memory(due=None, stage=4, exposures=5, right=True)
    assert review.met(over, "a", True, NOON).due is None
    assert review.met(over, "a", False, NOON).due == NOON + DAY


# ── What a session holds ─────────────────────────────────────────────────────────────────────────────────


def test_a_session_holds_what_is_due_missed_ones_first_and_three_at_most():
    learner = remembering(alpha=-3, beta=-2, gamma=-1, delta=-1)
    missed = {**learner.memory, "one/gamma/key": Memory(due=NOON - DAY, exposures=1, right=False)}
    assert review.session(learner.but(memory=missed), SHELF, NOON) == keys("gamma", "alpha", "beta")


def test_what_is_not_due_yet_is_left_alone_while_something_is():
    assert review.session(remembering(alpha=-3, beta=5), SHELF, NOON) == keys("alpha")


def test_where_nothing_is_due_the_soonest_come_and_what_is_over_last():
    learner = remembering(alpha=None, beta=5, gamma=2)
    assert review.session(learner, SHELF, NOON) == keys("gamma", "beta", "alpha")
    assert review.session(learner, SHELF, NOON, only_due=True) == ()


def test_only_what_is_still_there_in_the_learners_language_and_not_in_front_of_them():
    learner = remembering(alpha=-3, beta=-2, gamma=-1)
    english = library(lesson("alpha"), lesson("beta", languages=frozenset({"es"})))
    assert review.session(learner, english, NOON) == keys("alpha")
    asked = learner.but(place=Place(Step.WARM_UP, 9, "one/delta", "one/alpha/key", "a"))
    assert review.session(asked, SHELF, NOON) == keys("beta", "gamma")


def test_a_guess_before_its_lesson_is_no_idea_met():
    guessed = {"one/alpha/key": review.guessed(None, "a"), "one/beta/key": Memory(drawn=False)}
    assert review.session(remembering().but(memory=guessed), SHELF, NOON) == ()


# ── A review, message by message ─────────────────────────────────────────────────────────────────────────


def test_a_review_asks_one_after_the_other_and_ends_with_the_ideas_kept():
    talk = after_one_lesson().wait(days=2)
    talk.says("review")
    assert talk.body[0] == "review.intro"
    assert talk.body[1].startswith("one/alpha/key")
    talk.picks("good")
    assert talk.lead == ["why good"]
    assert talk.body[1].startswith("one/alpha/other")
    talk.picks("good")
    assert talk.lead == ["why good", "progress.ideas"]
    assert talk.say.lead[1] == Phrase("progress.ideas", {"n": 2})
    assert talk.body == ["next.ask", "next.or"]


def test_a_miss_brings_the_hint_and_a_second_one_the_right_why():
    talk = after_one_lesson().wait(days=2)
    talk.says("review")
    asked = talk.body
    talk.picks("bad")
    assert talk.lead == ["hint bad"]
    assert talk.body == asked
    talk.picks("worse")
    assert talk.lead == ["✔ option good", "why good"]
    assert talk.body[1].startswith("one/alpha/other")


def test_the_rows_are_of_the_lesson_that_is_asked_about():
    talk = on_a_card_of_beta()
    talk.wait(days=2)
    talk.says("review")
    talk.picks("good")
    row = talk.rows[-1]
    assert (row.phase, row.course, row.lesson, row.version) == ("review", "one", "alpha", "v1")
    assert (row.question, row.attempt, row.correct, row.exposures) == ("one/alpha/key", 1, True, 1)


def test_who_keeps_no_idea_yet_is_not_told_a_naught():
    talk = after_one_lesson()
    talk.learner = talk.learner.but(memory={"one/alpha/key": talk.learner.memory["one/alpha/key"]})
    talk.says("review")
    talk.picks("bad")
    talk.picks("good")
    assert talk.lead == ["why good"]
    assert talk.body == ["next.ask", "next.or"]


def test_in_mid_lesson_the_place_waits_and_comes_back():
    talk = on_a_card_of_beta()
    card = talk.body
    waits = talk.learner.place
    talk.says("review")
    assert talk.learner.after == waits
    talk.picks("good")
    talk.picks("good")
    assert talk.lead == ["why good", "progress.ideas", "review.back"]
    assert talk.body == card
    assert talk.learner.after is None
    assert talk.learner.place.queue == ()


def test_a_question_missed_once_still_has_its_second_try_afterwards():
    talk = after_one_lesson()
    talk.says("lessons")
    talk.says("2")
    while talk.learner.place.step is not Step.QUESTION:
        talk.taps(talk.say.choices[0].data)
    talk.picks("bad")
    talk.says("review")
    assert talk.learner.place.item == "one/alpha/key"
    talk.picks("good")
    talk.picks("good")
    talk.picks("worse")
    assert talk.rows[-1].attempt == 2
    assert talk.rows[-1].lesson == "beta"


def test_the_kept_form_never_comes_however_often_one_reviews():
    for seed in range(12):
        talk = after_one_lesson(seed=seed)
        kept = draw.kept_form(seed, SHELF.question("one/alpha/key"))  # type: ignore[arg-type]
        for _ in range(6):
            talk.says("review")
            while talk.learner.place.step is Step.REVIEW:
                assert (talk.learner.place.item, talk.learner.place.form) != ("one/alpha/key", kept.id)
                talk.picks("good")


def test_with_no_idea_met_yet_a_kind_line_and_the_way_on():
    talk = Talk(SHELF)
    talk.start()
    before = talk.learner.place
    talk.says("review")
    assert talk.body == ["review.none"]
    assert [choice.data for choice in talk.say.choices] == ["c:on"]
    assert talk.learner.place == before


def test_review_as_the_first_word_is_a_beginning():
    talk = Talk(SHELF)
    talk.says("review")
    assert talk.body == ["hello.greeting", "hook alpha"]


def test_review_at_the_question_that_opens_a_lesson_is_that_question_first():
    talk = after_one_lesson().wait(days=2)
    talk.picks("button.next_lesson")
    assert talk.body[0] == "warm_up.intro"
    asked = talk.body
    talk.says("review")
    assert (talk.lead, talk.body) == (["review.first"], asked)


def test_review_within_a_review_shows_the_question_again():
    talk = after_one_lesson()
    talk.says("review")
    place = talk.learner.place
    talk.says("review")
    assert talk.lead == ["review.first"]
    assert talk.learner.place == place


def test_skip_leads_to_the_next_and_the_skipped_one_comes_back_tomorrow():
    talk = after_one_lesson().wait(days=2)
    talk.says("review")
    talk.says("skip")
    assert talk.lead == ["skip.done"]
    assert talk.learner.memory["one/alpha/key"].due == talk.now + DAY
    talk.says("skip")
    assert talk.lead == ["skip.done", "progress.ideas"]


@pytest.mark.parametrize(
    ("words", "line"), [("next", "next.not_here"), ("back", "back.not_here"), ("qwertz", "unclear.pick.1")]
)
def test_other_words_leave_the_question_standing(words: str, line: str):
    talk = after_one_lesson()
    talk.says("review")
    asked = talk.body
    talk.says(words)
    assert talk.lead == [line]
    assert talk.body == asked


def test_coming_back_in_a_review_offers_its_question():
    talk = on_a_card_of_beta()
    talk.says("review")
    asked = talk.body
    talk.says("hello")
    assert talk.body == ["back.to_question"]
    assert [choice.data for choice in talk.say.choices] == ["c:on", "c:menu"]
    talk.picks("go_on")
    assert talk.body == asked


def test_an_old_start_again_begins_the_lesson_that_waited():
    talk = on_a_card_of_beta()
    talk.says("review")
    talk.taps("c:again")
    assert talk.learner.place.lesson == "one/beta"
    assert talk.learner.after is None


def test_stop_menu_and_another_language_leave_the_review_standing():
    talk = on_a_card_of_beta()
    talk.says("review")
    place = talk.learner.place
    talk.says("stop")
    assert talk.learner.status is Status.STOPPED
    talk.says("menu")
    talk.taps("g:es")
    assert (talk.learner.place, talk.learner.language) == (place, "es")


def test_an_old_button_of_a_review_is_answered_kindly():
    talk = after_one_lesson()
    talk.says("review")
    old = talk.find("good").data
    talk.taps(old)
    talk.taps(old)
    assert talk.lead == ["old.answered"]
    assert talk.learner.place.step is Step.REVIEW


def test_enough_in_a_review_lets_the_lesson_go_too():
    talk = on_a_card_of_beta()
    talk.says("review")
    talk.taps("c:enough")
    assert talk.learner.place.step is Step.REST
    assert (talk.learner.after, talk.learner.place.queue) == (None, ())


def test_less_may_be_kept_in_the_middle_of_a_review():
    talk = on_a_card_of_beta()
    waits = talk.learner.place
    talk.says("review")
    talk.says("privacy")
    talk.picks("consent.place")
    assert AnswersForgotten() in talk.rows
    assert (talk.learner.place.step, talk.learner.after) == (Step.REVIEW, waits)
    rows = len([row for row in talk.rows if isinstance(row, Answered)])
    talk.picks("good")
    talk.picks("good")
    assert talk.learner.place.step is Step.CARD
    assert len([row for row in talk.rows if isinstance(row, Answered)]) == rows


def test_who_tells_their_age_in_a_review_goes_on_in_the_lesson():
    talk = Talk(SHELF).at_first_question(keep="nothing")
    talk.picks("good")
    waits = talk.learner.place
    talk.says("review")
    talk.says("privacy")
    talk.picks("consent.both")
    talk.says("review")
    assert talk.lead == ["review.first"]
    talk.picks("age.young")
    assert (talk.learner.place.item, talk.learner.after) == (waits.item, None)
    assert talk.learner.shares_answers


# ── What vanishes under a review ─────────────────────────────────────────────────────────────────────────


def test_a_question_that_is_gone_is_left_out():
    talk = on_a_card_of_beta()
    card = talk.body
    talk.says("review")
    talk.library = library(lesson("beta"), lesson("gamma"))
    talk.says("next")
    assert talk.lead == ["review.gone"]
    assert talk.body == card


def test_one_that_goes_later_in_the_session_is_passed_over():
    talk = after_one_lesson().wait(days=2)
    talk.says("review")
    talk.library = library(lesson("alpha", questions=(question("one/alpha/key", key=True, forms=3),)), lesson("beta"))
    talk.picks("good")
    assert talk.lead == ["why good", "progress.ideas"]


def test_a_lesson_that_changes_while_it_waits_begins_again():
    talk = on_a_card_of_beta()
    talk.says("review")
    talk.library = library(lesson("alpha"), lesson("beta", cards=lesson("gamma").cards[1:], hook=lesson("beta").hook))
    talk.learner = talk.learner.but(after=Place(Step.CARD, 3, "one/beta", "vanished"))
    talk.says("next")
    assert talk.lead == ["lesson.changed"]
    assert talk.learner.place.lesson == "one/beta"


# ── What the planner uses ────────────────────────────────────────────────────────────────────────────────


def test_a_review_may_be_begun_from_outside():
    learner = remembering(alpha=-3, beta=-2)
    begun = path.begin_review(learner, review.session(learner, SHELF, NOON, only_due=True), SHELF, NOON)
    assert (begun.place.step, begun.place.item, begun.place.queue) == (Step.REVIEW, "one/alpha/key", keys("beta"))
    assert (begun.place.serial, begun.after) == (10, None)


def test_a_new_review_takes_the_place_of_one_that_was_left_and_the_lesson_still_waits():
    talk = on_a_card_of_beta()
    waits = talk.learner.place
    talk.says("review")
    begun = path.begin_review(talk.learner, ("one/alpha/other",), SHELF, talk.now)
    assert (begun.place.item, begun.place.queue, begun.after) == ("one/alpha/other", (), waits)


def test_with_nothing_to_ask_the_learner_stays_where_they_were():
    talk = on_a_card_of_beta()
    there = path.begin_review(talk.learner, ("one/vanished/key",), SHELF, talk.now)
    assert (there.place.step, there.place.item, there.after) == (Step.CARD, "first", None)
    assert path.begin_review(remembering(), (), SHELF, NOON).place.step is Step.NEXT


def test_the_menu_offers_it_and_has_no_more_rows_than_whatsapp_shows():
    talk = after_one_lesson()
    talk.says("menu")
    assert "c:review" in [choice.data for choice in talk.say.choices]
    assert len(talk.say.choices) <= 10
