"""What the clock owes a learner: a lesson at their hour, a review, a follow-up; and what silence makes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.engine import due
from bot.engine.advance import advance
from bot.engine.events import LessonDue, Unsent
from bot.engine.learner import FollowUp, Memory, Step
from bot.engine.occasion import Occasion
from bot.engine.subscription import Pace
from bot.engine.turn import Invited, Noted
from tests.engine.test_daily import MADRID, daily, world
from tests.makers import ADDRESS, Talk, question

SEVEN = datetime(2026, 11, 25, 6, tzinfo=UTC)  # 7:00 in Madrid, the day after the talk


def strikes(talk: Talk, now: datetime, way: str = "free_form") -> due.Look:
    """The clock looks at the learner; what it may bring comes this way."""
    look = due.look(talk.learner, talk.library, now)
    if look.live is None:
        return look
    reason = "window_closed_no_template" if way == "hold" else "window_open"
    live = look.live if look.live.held else replace(look.live, way=way, reason=reason)
    event = LessonDue(id="due", address=ADDRESS, at=now, occasion=live, missed=look.missed)
    talk.turn = advance(talk.learner, event, talk.library, now)
    talk.learner, talk.now = talk.turn.learner, now
    talk.turns.append(talk.turn)
    return replace(look, live=live)


def days(talk: Talk, count: int, way: str = "free_form") -> list[str]:
    """So many times whatever is due, at its moment, without a word of the learner: what came, or why not."""
    came = []
    for _ in range(count):
        if talk.learner.due is None:
            came.append("nothing")
            continue
        live = strikes(talk, talk.learner.due, way).live
        assert live is not None
        came.append(live.reason if live.held and way != "hold" else live.kind)
    return came


def noted(talk: Talk) -> list[tuple[str, str]]:
    assert talk.turn is not None
    return [
        (f"{record.occasion.day:%d.%m.}", record.occasion.reason)
        for record in talk.turn.records
        if isinstance(record, Noted)
    ]


def test_nothing_is_due_before_the_hour_and_the_next_lesson_at_it():
    talk = daily()
    assert strikes(talk, SEVEN - timedelta(seconds=1)).live is None
    live = strikes(talk, SEVEN).live
    assert live is not None
    assert (live.kind, live.day, live.due) == ("lesson", date(2026, 11, 25), SEVEN)
    assert talk.lead == ["daily.hello.lesson"]
    assert talk.body == ["hook beta"]
    assert talk.learner.due == SEVEN + timedelta(days=1)


def test_a_lesson_that_was_begun_is_gone_on_with():
    talk = daily()
    strikes(talk, SEVEN)
    talk.picks("Yes!")
    strikes(talk, SEVEN + timedelta(days=1))
    assert talk.lead[0] == "daily.go_on"
    assert talk.learner.place.step is Step.CARD


def test_who_is_in_a_lesson_just_now_is_not_disturbed():
    talk = daily()
    talk.now = SEVEN - timedelta(minutes=2)
    talk.taps("c:next-lesson")
    live = strikes(talk, SEVEN).live
    assert live is not None
    assert live.reason == "here"
    assert talk.turn.says == ()
    assert talk.learner.due == SEVEN + timedelta(days=1)


def test_up_to_three_hours_late_it_still_comes():
    talk = daily()
    strikes(talk, SEVEN + timedelta(hours=2, minutes=59))
    assert talk.lead == ["daily.hello.lesson"]


def test_later_than_that_it_waits_for_the_next_day_and_says_why():
    talk = daily()
    strikes(talk, SEVEN + timedelta(hours=3, minutes=1))
    assert talk.turn.says == ()
    assert noted(talk) == [("25.11.", "late")]
    assert talk.learner.due == SEVEN + timedelta(days=1)


def test_however_late_who_is_in_the_middle_of_a_lesson_is_reminded_of_it():
    talk = daily()
    talk.now = SEVEN - timedelta(hours=1)
    talk.taps("c:next-lesson")
    strikes(talk, SEVEN + timedelta(hours=5))
    assert talk.lead[0] == "daily.go_on"


def test_late_in_the_evening_is_not_at_night():
    talk = daily()
    talk.says("daily 20:00")
    strikes(talk, datetime(2026, 11, 24, 20, 30, tzinfo=UTC))  # 21:30 in Madrid
    assert noted(talk) == [("24.11.", "quiet")]


def test_who_picked_an_hour_of_the_night_gets_it():
    talk = daily()
    talk.says("daily 23:30")
    strikes(talk, datetime(2026, 11, 24, 22, 45, tzinfo=UTC))
    assert talk.body == ["hook beta"]


def test_every_day_of_a_downtime_has_its_reason_and_only_today_comes():
    talk = daily()
    strikes(talk, SEVEN + timedelta(days=4, minutes=5))
    assert noted(talk) == [
        ("25.11.", "late"), ("26.11.", "late"), ("27.11.", "late"), ("28.11.", "late"), ("29.11.", "window_open"),
    ]  # fmt: skip
    assert talk.lead == ["daily.hello.lesson"]


def test_a_year_forward_brings_one_lesson_and_a_bounded_record():
    talk = daily()
    strikes(talk, SEVEN + timedelta(days=365))
    assert len(noted(talk)) == due.BACKLOG
    assert len(talk.turn.says) == 1


def test_clocks_set_back_bring_no_second_lesson_of_a_day():
    talk = daily()
    strikes(talk, SEVEN)
    talk.now = SEVEN - timedelta(hours=20)
    talk.says("daily 7:00")
    assert talk.learner.due == SEVEN + timedelta(days=1)


def test_silence_slows_it_down_and_then_puts_it_to_sleep():
    talk = daily()
    assert days(talk, 3) == ["lesson", "lesson", "lesson"]
    assert days(talk, 1) == ["slower"]
    assert talk.body == ["daily.slower"]
    assert talk.learner.daily.pace is Pace.WEEKLY
    before = talk.learner.due
    assert days(talk, 1) == ["lesson"]
    assert talk.learner.due - before == timedelta(days=7)
    assert days(talk, 4) == ["lesson", "lesson", "asleep", "nothing"]


def test_a_word_brings_their_own_days_back():
    talk = daily()
    days(talk, 5)
    assert talk.learner.daily.pace is Pace.WEEKLY
    talk.wait(hours=2).says("next")
    assert talk.learner.daily.pace is Pace.OWN
    assert talk.learner.due - talk.now < timedelta(days=1)
    assert days(talk, 3) == ["lesson", "lesson", "lesson"]


def test_a_word_leaves_what_is_overdue_to_the_clock():
    talk = daily()
    days(talk, 5)
    overdue = talk.learner.due
    talk.now = overdue + timedelta(hours=1)
    talk.says("hello")
    assert talk.learner.due == overdue


def test_every_day_again_may_be_tapped():
    talk = daily()
    days(talk, 4)
    talk.picks("daily.own")
    assert talk.learner.daily.pace is Pace.OWN
    assert talk.body == ["daily.confirmed"]


def test_a_template_asks_them_in_and_a_tap_opens_what_it_was_for():
    talk = daily()
    strikes(talk, SEVEN, "utility_template")
    assert talk.turn.says == ()
    assert Invited("lesson", "07:00") in talk.turn.records
    assert talk.learner.place.step is Step.NEXT
    talk.taps("c:today")
    assert talk.body == ["hook beta"]
    assert talk.learner.invited == ""


def test_a_day_that_cannot_be_brought_is_held_and_does_not_count_as_silence():
    talk = daily()
    held = days(talk, 5, "hold")
    assert held == ["lesson"] * 5
    assert talk.learner.daily.silent == 0


def test_after_three_weeks_of_days_that_could_not_come_it_sleeps():
    talk = daily()
    days(talk, 22, "hold")
    assert talk.learner.due is None
    assert talk.learner.daily.pace is Pace.ASLEEP


def test_missed_days_of_weekdays_learners_skip_the_weekend():
    talk = daily()
    talk.says("daily")
    talk.taps("d:week")
    strikes(talk, SEVEN + timedelta(days=5))
    assert [day for day, _ in noted(talk)] == ["25.11.", "26.11.", "27.11.", "30.11."]


def test_a_full_set_of_due_questions_is_a_review_every_other_time():
    talk = daily()
    ids = [f"one/{name}/{item}" for name in ("alpha", "beta") for item in ("key", "other")]
    memory = {id_: Memory(due=SEVEN - timedelta(days=1), exposures=1, right=True, last_form="a") for id_ in ids}
    talk.learner = talk.learner.but(memory=memory)
    assert days(talk, 2) == ["review", "lesson"]
    assert question(ids[0]).id == ids[0]


def test_when_all_lessons_are_done_and_nothing_is_due_the_day_says_so():
    talk = daily()
    lessons = tuple(lesson.path for course in talk.library.courses for lesson in course.lessons)
    talk.learner = talk.learner.but(done=lessons, memory={})
    assert days(talk, 1) == ["all_done"]


def test_a_follow_up_takes_the_place_of_that_days_lesson():
    talk = daily()
    promised = FollowUp("one", 7, SEVEN + timedelta(days=2, hours=3))
    talk.learner = talk.learner.but(follow_ups=(promised,))
    assert days(talk, 3) == ["lesson", "lesson", "follow_up"]
    assert talk.learner.follow_ups == ()


def test_a_follow_up_on_a_day_that_came_too_late_is_asked_the_next_day():
    talk = daily()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 7, SEVEN - timedelta(hours=1)),))
    strikes(talk, SEVEN + timedelta(hours=4))
    assert noted(talk) == [("25.11.", "late")]
    assert days(talk, 1) == ["follow_up"]


def test_without_a_daily_lesson_a_follow_up_comes_by_itself_but_not_at_night():
    talk = Talk(world(), zone=MADRID).at_first_question().finish_lesson()
    night = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 7, night),))
    talk.says("progress")
    assert talk.learner.due == datetime(2026, 12, 2, 6, tzinfo=UTC)
    assert days(talk, 2) == ["follow_up", "nothing"]


def test_a_follow_up_by_template_is_asked_for_once():
    talk = Talk(world(), zone=MADRID).at_first_question().finish_lesson()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 7, SEVEN),))
    talk.says("progress")
    assert days(talk, 2, "utility_template") == ["follow_up", "nothing"]
    assert talk.learner.invited == "follow_up utility"
    talk.learner = talk.learner.but(invited="lesson utility")  # asked in to something else meanwhile
    talk.taps("c:today")
    assert talk.learner.place.step is Step.RECALL


def test_a_follow_up_that_cannot_go_out_is_tried_for_two_weeks():
    talk = Talk(world(), zone=MADRID).at_first_question().finish_lesson()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 7, SEVEN),))
    talk.says("progress")
    came = days(talk, 20, "hold")
    assert came.count("follow_up") <= 15
    assert came[-1] == "nothing"


def test_stopped_people_are_owed_nothing():
    talk = daily()
    talk.says("stop")
    talk.learner = talk.learner.but(due=SEVEN)
    assert strikes(talk, SEVEN).live is None


@pytest.mark.parametrize("way", ["free_form", "utility_template", "hold"])
def test_a_date_is_never_served_twice(way: str):
    talk = daily()
    seen: list[date] = []
    for hour in ("7:00", "9:00", "23:00", "6:00", "12:00"):
        live = strikes(talk, talk.learner.due, way).live
        assert live is not None
        seen.append(live.day)
        talk.now = live.due + timedelta(minutes=1)
        talk.says(f"daily {hour}")
    assert len(set(seen)) == len(seen)


def test_moving_across_the_date_line_serves_no_date_twice():
    talk = daily()
    talk.learner = due.replanned(talk.learner.but(daily=talk.learner.daily.but(zone="Pacific/Kiritimati")), talk.now)
    first = strikes(talk, talk.learner.due).live
    assert first is not None
    moved = talk.learner.but(daily=talk.learner.daily.but(zone="Pacific/Honolulu"))
    talk.learner = due.replanned(moved, first.due + timedelta(minutes=1))
    second = strikes(talk, talk.learner.due).live
    assert second is not None
    assert second.day > first.day


def test_a_date_served_farthest_east_is_not_served_again_farthest_west():
    talk = daily()
    east = talk.learner.daily.but(zone="Pacific/Kiritimati", hour="00:15")
    talk.learner = due.replanned(talk.learner.but(daily=east), talk.now)
    first = strikes(talk, talk.learner.due).live
    assert first is not None
    talk.learner = talk.learner.but(daily=talk.learner.daily.but(zone="Pacific/Pago_Pago"))
    talk.learner = due.replanned(talk.learner, first.due + timedelta(minutes=1))  # the evening of two dates before
    second = strikes(talk, talk.learner.due).live
    assert second is not None
    assert second.day > first.day


def lost(talk: Talk, day: date, kind: str = "lesson") -> None:
    """What was brought that day could not be sent."""
    event = Unsent(id="unsent", address=ADDRESS, at=talk.now, kind=kind, day=day)
    talk.learner = advance(talk.learner, event, talk.library, talk.now).learner


def test_what_could_not_be_sent_is_decided_again_once():
    talk = daily()
    strikes(talk, SEVEN)
    for _ in range(3):
        lost(talk, SEVEN.date())
    assert talk.learner.due == SEVEN
    assert talk.learner.daily.silent == 0
    strikes(talk, SEVEN + timedelta(minutes=5))
    lost(talk, SEVEN.date())
    assert talk.learner.due == SEVEN + timedelta(days=1)


def test_an_older_day_s_loss_leaves_today_alone():
    talk = daily()
    strikes(talk, SEVEN)
    strikes(talk, SEVEN + timedelta(days=1))
    lost(talk, SEVEN.date())
    assert talk.learner.due == SEVEN + timedelta(days=2)
    assert talk.learner.daily.silent == 1


def test_nobody_is_slowed_down_by_a_line_that_did_not_reach_them():
    talk = daily()
    days(talk, 4)
    lost(talk, talk.learner.daily.served, "slower")
    assert talk.learner.daily.pace is Pace.OWN
    assert days(talk, 1) == ["slower"]


def test_a_clock_that_ran_ahead_for_a_while_silences_nobody():
    talk = daily()
    strikes(talk, SEVEN + timedelta(days=800))
    talk.now = SEVEN + timedelta(hours=1)
    talk.says("hello")
    assert talk.learner.due == SEVEN + timedelta(days=1)


def test_two_courses_questions_of_one_day_come_on_two_days():
    talk = Talk(world(), zone=MADRID).at_first_question().finish_lesson()
    at = SEVEN + timedelta(hours=1)
    promised = (FollowUp("one", 28, at), FollowUp("one", 7, at + timedelta(hours=1)))
    talk.learner = due.stood(talk.learner.but(follow_ups=promised), Occasion("follow_up", at.date(), at))
    assert talk.learner.due == at + timedelta(days=1)
    assert talk.learner.follow_ups[0].at == at + timedelta(days=1)


def test_a_promise_made_later_and_due_sooner_is_looked_at_in_time():
    talk = Talk(world(), zone=MADRID).at_first_question().finish_lesson()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 28, SEVEN + timedelta(days=9)),))
    talk.says("progress")
    talk.learner = talk.learner.but(follow_ups=(*talk.learner.follow_ups, FollowUp("one", 7, SEVEN)))
    talk.says("progress")
    assert talk.learner.due == SEVEN


def test_a_subscriber_s_question_outlives_a_morning_of_downtime():
    talk = daily()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 7, SEVEN),))
    strikes(talk, SEVEN + timedelta(hours=4))
    assert noted(talk) == [("25.11.", "late")]
    assert days(talk, 1) == ["follow_up"]


def test_a_question_that_is_months_old_is_not_asked_any_more():
    talk = daily()
    talk.learner = talk.learner.but(follow_ups=(FollowUp("one", 7, SEVEN - timedelta(days=60)),))
    assert days(talk, 1) == ["lesson"]
