"""One unasked message a day, whatever is wished for and promised; a follow-up by itself keeps that too."""

from datetime import UTC, date, datetime, timedelta

from bot.engine.learner import FollowUp
from tests.engine.test_daily import MADRID, daily, told, world
from tests.engine.test_due import SEVEN, days, noted, strikes
from tests.makers import Talk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def promised(*moments: datetime) -> Talk:
    """Somebody without a daily lesson, to whom questions were promised."""
    talk = Talk(world(), zone=MADRID).at_first_question().finish_lesson()
    talk.learner = talk.learner.but(follow_ups=tuple(FollowUp("one", 7, at) for at in moments))
    talk.says("progress")
    return talk


def test_a_question_of_the_evening_waits_a_day_after_a_lesson_in_the_morning():
    talk = daily()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 28, SEVEN + 13 * HOUR),))
    strikes(talk, SEVEN)
    talk.now = SEVEN + HOUR
    talk.taps("d:off")
    assert talk.learner.due == SEVEN + DAY + 13 * HOUR
    assert days(talk, 1) == ["follow_up"]


def test_who_asks_for_lessons_after_a_question_of_the_morning_gets_the_first_tomorrow():
    talk = promised(SEVEN + 2 * HOUR)
    strikes(talk, SEVEN + 2 * HOUR)
    talk.now = SEVEN + 3 * HOUR
    talk.says("daily 20:00")
    talk.taps("d:all")
    assert told(talk, "daily.confirmed") == SEVEN + DAY + 13 * HOUR


def test_of_a_question_of_the_night_and_one_of_the_next_morning_one_waits():
    night = datetime(2026, 11, 24, 21, 10, tzinfo=UTC)  # 22:10 in Madrid
    talk = promised(night, SEVEN + 3 * HOUR)
    first = strikes(talk, talk.learner.due).live
    assert first is not None
    assert (first.day, first.due) == (SEVEN.date(), SEVEN)
    second = strikes(talk, talk.learner.due).live
    assert second is not None
    assert (second.day, second.due) == (SEVEN.date() + DAY, SEVEN + DAY + 3 * HOUR)


def test_a_question_that_was_moved_out_of_the_night_is_not_late():
    talk = promised(datetime(2026, 11, 24, 21, 10, tzinfo=UTC))
    live = strikes(talk, SEVEN).live
    assert live is not None
    assert (live.due, live.day) == (SEVEN, date(2026, 11, 25))


def test_after_days_of_downtime_the_record_belongs_to_the_day_it_comes_and_the_next_waits():
    talk = promised(SEVEN, SEVEN + HOUR)
    live = strikes(talk, SEVEN + 3 * DAY).live
    assert live is not None
    assert (live.due, live.day) == (SEVEN, SEVEN.date() + 3 * DAY)
    assert talk.learner.due == SEVEN + 4 * DAY + HOUR


def test_a_clock_that_ran_ahead_when_a_question_came_keeps_no_other_back():
    talk = promised(SEVEN, SEVEN + 400 * DAY)
    strikes(talk, SEVEN)
    talk.learner = talk.learner.but(daily=talk.learner.daily.but(served=date(2099, 1, 1)))
    talk.says("progress")
    assert talk.learner.due == SEVEN + 400 * DAY


def test_a_question_by_itself_waits_while_somebody_answers_another():
    talk = promised(SEVEN)
    talk.now = SEVEN - timedelta(seconds=20)
    talk.taps("c:next-lesson")
    strikes(talk, SEVEN)
    assert noted(talk) == [("25.11.", "here")]
    assert talk.turn.says == ()
    assert talk.learner.due == SEVEN + DAY
    assert days(talk, 1) == ["follow_up"]


def test_a_question_in_a_lessons_place_waits_too_while_somebody_answers():
    talk = daily()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 7, SEVEN),))
    talk.now = SEVEN - timedelta(seconds=20)
    talk.taps("c:next-lesson")
    strikes(talk, SEVEN)
    assert noted(talk) == [("25.11.", "here")]
    assert days(talk, 1) == ["follow_up"]


def test_who_was_asked_but_never_spoke_of_daily_lessons_may_be_offered_them():
    talk = promised(SEVEN)
    strikes(talk, SEVEN)
    talk.now = SEVEN + HOUR
    talk.taps("c:enough")
    assert "daily.offer" in talk.body
