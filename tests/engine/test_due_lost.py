"""What never arrived has no consequence, and who called something off is left alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.engine import due
from bot.engine.advance import advance
from bot.engine.events import Left, Unsent
from bot.engine.learner import FollowUp, Learner, Status, Step
from bot.engine.occasion import Occasion
from bot.engine.subscription import Pace
from tests.engine.test_daily import MADRID, daily, world
from tests.engine.test_due import SEVEN, days, lost, noted, strikes
from tests.makers import ADDRESS, Talk

LATER = timedelta(days=9)


def leaves(talk: Talk) -> None:
    """The platform tells that they blocked us."""
    event = Left(id="left", address=ADDRESS, at=talk.now)
    talk.learner = advance(talk.learner, event, talk.library, talk.now).learner


def refused(talk: Talk, day: date, kind: str = "lesson") -> None:
    """The platform did not take what was brought that day, and never will."""
    event = Unsent(id="refused", address=ADDRESS, at=talk.now, kind=kind, day=day, final=True)
    talk.learner = advance(talk.learner, event, talk.library, talk.now).learner


def promised(at: datetime) -> Talk:
    """Somebody without a daily lesson, to whom a question was promised."""
    talk = Talk(world(), zone=MADRID).at_first_question().finish_lesson()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 7, at),))
    talk.says("progress")
    return talk


# --- stopped, left, called off -----------------------------------------------------------------------------------


def test_who_stopped_and_then_blocked_us_is_brought_nothing_on_their_return():
    talk = daily()
    talk.says("stop")
    leaves(talk)
    talk.wait(days=20).says("hello")
    assert talk.learner.status is Status.STOPPED
    assert talk.learner.due is None


@pytest.mark.parametrize("words", ["start", "daily 7:00"])
def test_who_stopped_and_blocked_us_may_ask_for_it_again(words: str):
    talk = daily()
    talk.says("stop")
    leaves(talk)
    talk.wait(days=20).says(words)
    assert talk.learner.status is Status.ACTIVE
    assert talk.learner.due is not None


def test_who_only_blocked_us_gets_their_lessons_again_when_they_write():
    talk = daily()
    leaves(talk)
    assert talk.learner.due is None
    talk.wait(days=20).says("hello")
    assert talk.learner.status is Status.ACTIVE
    assert talk.learner.due is not None


def after(before: Talk, words: str) -> tuple[Learner, Learner]:
    """The learner before and after a word or a button."""
    was = before.learner
    _ = before.taps(words) if ":" in words else before.says(words)
    return was, before.learner


@pytest.mark.parametrize("words", ["stop", "c:keep-nothing"])
def test_the_last_question_that_waits_to_be_sent_is_called_off_too(words: str):
    talk = promised(SEVEN)
    strikes(talk, SEVEN)
    assert talk.learner.due is None
    assert due.calls_off(*after(talk, words))


def test_no_more_lessons_calls_off_todays_also_while_a_question_stays_promised():
    talk = daily()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 28, SEVEN + LATER),))
    strikes(talk, SEVEN)
    was, now = after(talk, "d:off")
    assert now.due is not None
    assert due.calls_off(was, now)


@pytest.mark.parametrize("words", ["hello", "why", "daily 9:00"])
def test_no_other_word_calls_anything_off(words: str):
    talk = daily()
    strikes(talk, SEVEN)
    assert not due.calls_off(*after(talk, words))


# --- in time, or not at all --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "now", "latest"),
    [
        ("9:00", "08:00", "11:00"),  # Madrid is an hour ahead
        ("9:00", "10:55", "11:00"),  # the three hours count from the lesson's hour, not from ours
        ("20:00", "19:00", "20:00"),
        ("20:55", "19:55", "20:05"),  # ten minutes are no lateness
        ("22:30", "21:30", "00:30"),  # picked by themselves
    ],
)
def test_until_when_a_lesson_may_go_out(hour: str, now: str, latest: str):
    talk = daily()
    talk.says(f"daily {hour}")
    at = datetime.fromisoformat(f"2026-11-25T{now}+00:00")
    moment = due.replanned(talk.learner, at - timedelta(hours=3)).due
    end = due.latest(talk.learner, Occasion("lesson", at.date(), moment), at)
    assert f"{end:%H:%M}" == latest


def test_a_question_by_itself_does_not_go_out_at_night_either():
    talk = promised(SEVEN + timedelta(hours=12))
    end = due.latest(talk.learner, Occasion("follow_up", SEVEN.date(), talk.learner.due), talk.learner.due)
    assert end == datetime(2026, 11, 25, 20, tzinfo=UTC)


def test_a_lesson_that_an_outage_kept_from_them_is_left_out_and_not_brought_five_hours_late():
    talk = daily()
    talk.now = SEVEN - timedelta(hours=11)
    talk.says("progress")
    strikes(talk, SEVEN)
    talk.now = SEVEN + timedelta(hours=5)
    lost(talk, SEVEN.date())
    strikes(talk, talk.now)
    assert noted(talk) == [("25.11.", "late")]


def test_a_lesson_that_was_never_seen_is_not_where_they_stopped():
    talk = daily()
    strikes(talk, SEVEN)
    talk.now = SEVEN + timedelta(hours=5)
    lost(talk, SEVEN.date())
    strikes(talk, talk.now)
    strikes(talk, SEVEN + timedelta(days=1))
    assert talk.lead == ["daily.hello.lesson"]


def test_a_lesson_that_was_seen_before_the_loss_stays_where_it_is():
    talk = daily()
    strikes(talk, SEVEN)
    talk.now = SEVEN + timedelta(hours=1)
    talk.picks("Yes!")
    lost(talk, SEVEN.date())
    assert talk.learner.place.step is Step.CARD


def test_yesterdays_lesson_stays_where_it_is_when_todays_reminder_of_it_is_lost():
    talk = daily()
    days(talk, 2)
    place = talk.learner.place
    lost(talk, SEVEN.date() + timedelta(days=1))
    assert talk.learner.place == place


def test_a_question_that_never_arrived_is_promised_again():
    talk = promised(SEVEN)
    strikes(talk, SEVEN)
    assert talk.learner.follow_ups == ()
    talk.now = SEVEN + timedelta(hours=4)
    lost(talk, SEVEN.date(), "follow_up")
    assert talk.learner.place.step is not Step.RECALL
    assert [(one.course, one.days) for one in talk.learner.follow_ups] == [("one", 7)]
    assert days(talk, 1) == ["follow_up"]
    assert talk.learner.place.step is Step.RECALL


def test_a_pause_stands_whatever_is_told_of_todays_lesson():
    talk = daily()
    strikes(talk, SEVEN)
    talk.says("pause 14")
    planned = talk.learner.due
    lost(talk, SEVEN.date())
    assert talk.learner.due == planned
    assert talk.learner.daily.paused


# --- silence -----------------------------------------------------------------------------------------------------


def test_what_a_platform_refuses_slows_nobody_down():
    talk = daily()
    for number in range(10):
        assert days(talk, 1) == ["lesson"]
        refused(talk, SEVEN.date() + timedelta(days=number))
    assert talk.learner.daily.pace is Pace.OWN
    assert talk.learner.daily.silent == 0


def test_what_a_platform_refuses_every_day_for_three_weeks_falls_asleep():
    talk = daily()
    for number in range(21):
        assert days(talk, 1) == ["lesson"]
        refused(talk, SEVEN.date() + timedelta(days=number))
    assert days(talk, 2) == ["asleep", "nothing"]
    talk.says("daily 7:00")
    assert days(talk, 1) == ["lesson"]


def test_so_does_what_is_lost_twice_a_day():
    talk = daily()
    for number in range(21):
        day = SEVEN + timedelta(days=number)
        for minutes in (0, 5):
            assert strikes(talk, day + timedelta(minutes=minutes)).live.kind == "lesson"
            lost(talk, day.date())
    assert days(talk, 2) == ["asleep", "nothing"]


def test_a_day_that_arrived_at_the_second_try_does_not_count_for_that():
    talk = daily()
    strikes(talk, SEVEN)
    lost(talk, SEVEN.date())
    strikes(talk, SEVEN + timedelta(minutes=5))
    assert (talk.learner.daily.held, talk.learner.daily.silent) == (0, 1)


def test_a_word_wakes_what_was_refused_from_its_count():
    talk = daily()
    for number in range(20):
        days(talk, 1)
        refused(talk, SEVEN.date() + timedelta(days=number))
    talk.wait(hours=1).says("progress")
    days(talk, 1)
    refused(talk, SEVEN.date() + timedelta(days=20))
    assert days(talk, 1) == ["lesson"]


def test_what_a_platform_refuses_is_not_decided_again():
    talk = daily()
    strikes(talk, SEVEN)
    refused(talk, SEVEN.date())
    assert talk.learner.due == SEVEN + timedelta(days=1)


def test_who_has_finished_everything_does_not_fall_asleep_and_gets_what_is_added():
    talk = daily()
    lessons = tuple(lesson.path for course in talk.library.courses for lesson in course.lessons)
    begun = talk.learner.done
    talk.learner = talk.learner.but(done=lessons, memory={})
    assert set(days(talk, 30)) == {"all_done"}
    assert talk.learner.daily.pace is Pace.OWN
    talk.learner = talk.learner.but(done=begun)  # as good as a new lesson
    assert days(talk, 1) == ["lesson"]


def test_a_fault_of_ours_is_no_fault_of_theirs():
    talk = daily()
    talk.says("daily 20:00")
    for number in range(25):
        strikes(talk, datetime(2026, 11, 24, 20, 30, tzinfo=UTC) + timedelta(days=number))
        assert noted(talk)[-1][1] == "quiet"
    assert replace(talk.learner.daily).pace is Pace.OWN
