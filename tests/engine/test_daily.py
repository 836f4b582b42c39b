"""The talk about the daily lesson: asked for in three taps, changed, paused and ended in one message."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.engine.learner import Status, Step
from bot.engine.subscription import EVERY_DAY, WEEKDAYS, Pace
from bot.engine.turn import City, Phrase, When
from tests.makers import Talk, feedback, label, library

MADRID, LAGOS = "Europe/Madrid", "Africa/Lagos"
ZONES = {"ES": (MADRID, "Atlantic/Canary"), None: (MADRID, LAGOS, "America/New_York", "Asia/Kathmandu")}


def world() -> Any:
    used = feedback("used", "choice").question
    return library(zones=lambda country: ZONES.get(country, ()), follow_up=used)


def talking(**facts: Any) -> Talk:
    """Somebody who agreed to be remembered, after a lesson; their browser tells Madrid unless said otherwise."""
    talk = Talk(world(), **{"zone": MADRID, **facts})
    return talk.at_first_question().finish_lesson()


def asked(talk: Talk) -> list[str]:
    return [choice.data for choice in talk.say.choices]


def told(talk: Talk, key: str) -> datetime:
    """The moment that a phrase of the message names."""
    phrase = next(text for text in (*talk.say.lead, *talk.say.body) if isinstance(text, Phrase) and text.key == key)
    when = phrase.values["when"]
    assert isinstance(when, When)
    return when.at


def test_three_taps_bring_a_lesson_each_morning():
    talk = talking()
    talk.says("daily")
    assert talk.body == ["daily.ask_hour"]
    talk.picks("daily.morning")
    assert talk.body == ["daily.ask_days"]
    talk.picks("daily.days.all")
    assert talk.body == ["daily.confirmed"]
    assert told(talk, "daily.confirmed") == datetime(2026, 11, 25, 6, tzinfo=UTC)  # 7:00 in Madrid, tomorrow
    assert talk.learner.daily.days == EVERY_DAY
    assert talk.learner.due == datetime(2026, 11, 25, 6, tzinfo=UTC)


def test_an_hour_may_be_typed_and_an_evening_is_still_today():
    talk = talking()
    talk.says("daily")
    talk.says("18:45")
    talk.picks("daily.days.week")
    assert told(talk, "daily.confirmed") == datetime(2026, 11, 24, 17, 45, tzinfo=UTC)
    assert talk.learner.daily.days == WEEKDAYS


@pytest.mark.parametrize("words", ["daily 25:99", "daily 7 or 8", "daily at 40h"])
def test_an_hour_that_is_none_is_told_and_asked_for_again(words: str):
    talk = Talk(world(), zone=MADRID).at_first_question()
    talk.says(words)
    assert talk.body == ["daily.no_time", "daily.ask_hour"]
    talk.says("7:30")
    talk.picks("daily.days.all")
    assert talk.body == ["daily.confirmed"]


def test_days_are_chosen_one_by_one():
    talk = talking()
    talk.says("daily 7:00")
    talk.picks("daily.days.pick")
    talk.taps("d:day-5")
    talk.taps("d:day-6")
    talk.taps("d:day-5")
    assert "d:done" in asked(talk)
    talk.picks("button.done")
    assert talk.learner.daily.days == (6,)
    assert told(talk, "daily.confirmed") == datetime(2026, 11, 29, 6, tzinfo=UTC)


def test_who_has_no_zone_says_what_time_it_is():
    talk = talking(zone=None)
    talk.says("daily")
    talk.picks("daily.evening")
    talk.picks("daily.days.all")
    assert talk.body == ["daily.ask_zone"]
    talk.says("half past nowhere")
    assert talk.body == ["daily.no_time", "daily.ask_zone"]
    talk.says(f"{talk.now + timedelta(hours=5, minutes=45):%H:%M}")
    assert talk.learner.daily.zone == "Asia/Kathmandu"
    assert told(talk, "daily.confirmed") == datetime(2026, 11, 24, 14, 15, tzinfo=UTC)


def test_two_places_with_the_same_clock_now_are_told_apart():
    talk = talking(zone=None)
    talk.says("daily 20:00")
    talk.picks("daily.days.all")
    talk.says(f"{talk.now + timedelta(hours=1):%H:%M}")
    assert talk.body == ["daily.which_zone"]
    assert [choice.label for choice in talk.say.choices] == [City(MADRID), City(LAGOS)]
    talk.taps("z:Africa--Lagos")
    assert talk.learner.daily.zone == LAGOS


def test_a_country_offers_its_clocks_to_tap():
    talk = talking(zone=None, country="ES")
    talk.says("daily 20:00")
    talk.picks("daily.days.all")
    assert asked(talk) == ["z:Europe--Madrid", "z:Atlantic--Canary", "c:on"]


def test_a_made_up_clock_or_hour_is_an_old_button():
    talk = talking()
    for data in ("z:Nowhere--Land", "d:9999", "d:day-7", "p:many", "p:4000"):
        talk.taps(data)
        assert talk.lead[0] in ("old.unknown", "again")
    assert talk.learner.daily is None


def daily() -> Talk:
    """Somebody who gets a lesson every day at seven in Madrid."""
    talk = talking()
    talk.says("daily 7:00")
    talk.picks("daily.days.all")
    return talk


def test_the_hour_is_changed_in_one_message():
    talk = daily()
    talk.says("daily 21:15")
    assert told(talk, "daily.confirmed") == datetime(2026, 11, 24, 20, 15, tzinfo=UTC)


def test_daily_shows_how_it_stands_and_what_can_be_changed():
    talk = daily()
    talk.says("daily")
    assert talk.body == ["daily.standing"]
    assert asked(talk) == ["d:change", "d:pick", "d:zone", "c:pause", "d:off", "c:on"]
    talk.says("6:30")
    assert told(talk, "daily.confirmed") == datetime(2026, 11, 25, 5, 30, tzinfo=UTC)


def test_pause_is_a_week_and_may_be_more_or_less():
    talk = daily()
    talk.says("pause")
    assert told(talk, "pause.done") == datetime(2026, 12, 1, 6, tzinfo=UTC)
    talk.taps("p:3")
    assert told(talk, "pause.done") == datetime(2026, 11, 27, 6, tzinfo=UTC)
    talk.says("pause 14")
    assert talk.learner.daily.paused_until == date(2026, 12, 8)


def test_a_pause_without_end_ends_with_start():
    talk = daily()
    talk.taps("p:0")
    assert talk.body == ["pause.open"]
    assert talk.learner.due is None
    talk.says("start")
    assert "daily.on_again" in talk.lead
    assert talk.learner.due == datetime(2026, 11, 25, 6, tzinfo=UTC)


def test_stop_ends_everything_unasked_and_start_brings_it_back():
    talk = daily()
    talk.says("stop")
    assert talk.learner.status is Status.STOPPED
    assert talk.learner.due is None
    talk.wait(days=3).says("start")
    assert told(talk, "daily.on_again") == datetime(2026, 11, 28, 6, tzinfo=UTC)


def test_words_after_stop_do_not_bring_it_back():
    talk = daily()
    talk.says("stop")
    talk.says("lessons")
    assert talk.learner.due is None


def test_who_asks_for_an_hour_after_stop_has_it_again():
    talk = daily()
    talk.says("stop")
    talk.says("daily 9:00")
    assert talk.learner.status is Status.ACTIVE
    assert told(talk, "daily.confirmed") == talk.learner.due == datetime(2026, 11, 25, 8, tzinfo=UTC)


def test_after_stop_there_is_nothing_to_pause():
    talk = daily()
    talk.says("stop")
    talk.says("pause 3")
    assert talk.body == ["pause.nothing"]
    assert talk.learner.due is None


def test_no_more_lessons_leaves_nothing_due():
    talk = daily()
    talk.says("daily")
    talk.picks("daily.off")
    assert talk.body == ["daily.off_done"]
    assert talk.learner.due is None
    talk.says("daily")
    assert talk.body == ["daily.ask_hour"]


def test_the_young_are_never_written_to_first():
    talk = Talk(world(), zone=MADRID).at_first_question(age="under")
    talk.says("daily")
    assert talk.body == ["daily.young"]
    talk.taps("d:0700")
    assert talk.learner.daily is None


def test_a_guest_is_asked_whether_they_may_be_remembered():
    talk = Talk(world(), zone=MADRID).at_first_question(keep="nothing")
    talk.says("daily 7:00")
    assert talk.body == ["daily.guest"]
    assert asked(talk) == ["c:keep-both", "c:keep-place", "c:on"]


def test_who_takes_their_consent_back_gets_nothing_more():
    talk = daily()
    talk.taps("c:keep-nothing")
    assert (talk.learner.daily, talk.learner.due) == (None, None)


def test_enough_for_today_offers_tomorrow_once():
    talk = talking()
    talk.picks("button.enough")
    assert talk.body == ["enough.bye", "daily.offer"]
    talk.says("hello")
    talk.picks("button.next_lesson")
    talk.says("stop")
    talk.says("start")
    talk.taps("c:enough")
    assert talk.body == ["enough.bye"]


def test_a_number_that_is_a_button_is_that_button_and_any_other_an_hour():
    talk = talking()
    talk.says("daily")
    talk.says("2")
    assert talk.learner.daily.hour == "12:30"
    talk.says("daily")
    assert talk.body == ["daily.ask_days"]


def test_the_wish_goes_to_the_channel_it_was_made_on():
    talk = daily()
    assert talk.learner.daily.channel == "console"


def test_somebody_whose_lessons_fell_asleep_is_told_and_decides():
    talk = daily()
    asleep = talk.learner.daily.but(pace=Pace.ASLEEP, silent=7)
    talk.learner = talk.learner.but(daily=asleep, due=None)
    talk.wait(days=60).says("hello")
    assert talk.lead[0] == "daily.asleep"
    assert talk.learner.due is None
    talk.says("hello")
    assert "daily.asleep" not in talk.lead
    talk.says("daily")
    assert talk.body == ["daily.confirmed"]
    assert talk.learner.due is not None


def test_why_says_when_the_next_one_comes():
    talk = daily()
    talk.says("why")
    assert talk.body == ["why.next"]
    assert told(talk, "why.next") == datetime(2026, 11, 25, 6, tzinfo=UTC)


def test_a_break_may_be_typed_in_days_or_weeks_and_months_are_not_taken_for_days():
    names = {"pause.days.words": "day, days", "pause.weeks.words": "week, weeks"}

    def named(text: Any, language: str) -> str:
        return names.get(getattr(text, "key", ""), "") or label(text, language)

    talk = daily()
    talk.library = replace(talk.library, label=named)
    for words, until in (("14 days", 8), ("2 weeks", 8), ("1 week", 1), ("3 months", 1)):
        talk.says(f"pause {words}")
        assert talk.learner.daily.paused_until == date(2026, 12, until)


def test_a_day_let_go_of_does_not_come_though_nobody_pressed_done():
    talk = daily()
    talk.says("daily")
    talk.taps("d:pick")
    talk.taps("d:day-2")  # tomorrow is a Wednesday
    assert talk.learner.due == datetime(2026, 11, 26, 6, tzinfo=UTC)


def test_lessons_ended_and_asked_for_again_the_same_day_do_not_come_twice_on_it():
    talk = daily()
    talk.learner = talk.learner.but(daily=talk.learner.daily.but(served=date(2026, 11, 24)))
    talk.taps("d:off")
    talk.says("daily 20:00")
    talk.picks("daily.days.all")
    assert talk.learner.due == datetime(2026, 11, 25, 19, tzinfo=UTC)


def test_daily_ends_a_break():
    talk = daily()
    talk.taps("p:0")
    talk.says("daily")
    assert talk.body == ["daily.confirmed"]


@pytest.mark.parametrize("word", ["pause", "why"])
def test_who_is_too_young_is_not_sent_to_daily_which_would_refuse(word: str):
    talk = Talk(world(), zone=MADRID).at_first_question(age="under").finish_lesson()
    talk.says(word)
    assert talk.body == ["daily.nothing_young"]
    grown = Talk(world(), zone=MADRID).at_first_question(keep="nothing").finish_lesson()
    grown.says(word)
    assert grown.body == ["pause.nothing" if word == "pause" else "why.no_daily"]


@pytest.mark.parametrize("word", ["daily", "daily 7:00", "feedback"])
def test_who_has_just_agreed_is_asked_only_for_the_age_that_is_open(word: str):
    talk = Talk(world(), zone=MADRID)
    talk.start()
    for step in ("Yes!", "button.next", "button.next", "consent.both"):
        talk.picks(step)
    talk.says(word)
    assert (talk.lead, talk.body) == (["age.first"], ["age.ask"])
    talk.picks("age.grown")
    assert talk.learner.place.step is Step.QUESTION


def test_who_left_the_age_question_for_another_lesson_is_asked_for_it_and_goes_on_there():
    talk = Talk(world(), zone=MADRID)
    talk.start()
    for step in ("Yes!", "button.next", "button.next", "consent.both"):
        talk.picks(step)
    talk.taps("l:one_beta")
    talk.says("daily")
    assert (talk.lead, talk.body) == (["age.first"], ["age.ask"])
    talk.picks("age.grown")
    assert talk.body == ["hook beta"]
    talk.says("daily")
    assert talk.body == ["daily.ask_hour"]
