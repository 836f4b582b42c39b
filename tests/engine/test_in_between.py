"""What comes in between (a voice message, thanks, HELP, another language) takes no question away: it stands again."""

from collections.abc import Callable

import pytest

from bot.engine.turn import Answered, Erased
from tests.engine.test_daily import daily, talking
from tests.makers import Talk

Comes = Callable[[Talk], object]

BETWEEN: dict[str, Comes] = {
    "sent.voice": lambda talk: talk.sends("voice"),
    "sent.sticker": lambda talk: talk.sends("sticker"),
    "talk.thanks": lambda talk: talk.says("thanks"),
    "language.switched": lambda talk: talk.says("español"),
    "light.on": lambda talk: talk.says("light"),
    "help.text": lambda talk: talk.says("help"),
}
each = pytest.mark.parametrize(("line", "comes"), BETWEEN.items(), ids=BETWEEN)


@each
def test_the_hour_is_asked_for_again_and_read(line: str, comes: Comes):
    talk = talking()
    talk.says("daily")
    buttons = talk.say.choices
    comes(talk)
    assert line in talk.lead + talk.body
    assert talk.body[-1] == "daily.ask_hour"
    assert talk.say.choices == buttons
    talk.says("7:00")
    assert talk.body == ["daily.ask_days"]
    assert talk.learner.daily.hour == "07:00"


@each
def test_days_clocks_and_cities_are_asked_for_again_and_read(line: str, comes: Comes):
    talk = talking(zone=None)
    talk.says("daily 7:00")
    talk.picks("daily.days.pick")
    comes(talk)
    assert talk.body[-1] == "daily.pick_days"
    talk.taps("d:day-0")
    talk.picks("button.done")
    for asked in ("daily.ask_zone", "daily.which_zone"):
        assert talk.body[-1] == asked
        buttons = talk.say.choices
        comes(talk)
        assert talk.body[-1] == asked
        assert talk.say.choices == buttons
        talk.says(f"{talk.now.hour + 1}:00")
    talk.says("1")
    assert talk.body == ["daily.confirmed"]


@pytest.mark.parametrize("line", ["sent.sticker", "sent.voice", "help.text"])
def test_feedback_is_still_taken_down(line: str):
    talk = talking()
    talk.says("feedback")
    BETWEEN[line](talk)
    assert talk.body[-1] == "feedback.ask"
    talk.says("I think this is too long")
    assert talk.lead == ["thanks.noted"]
    (row,) = [row for row in talk.turn.records if isinstance(row, Answered)]
    assert row.text == "I think this is too long"


def test_the_offer_of_a_daily_lesson_still_takes_an_hour():
    talk = talking()
    talk.picks("button.enough")
    assert talk.body == ["enough.bye", "daily.offer"]
    talk.says("thanks")
    assert (talk.lead, talk.body) == (["talk.thanks"], ["daily.offer"])
    talk.says("18:45")
    assert talk.body == ["daily.ask_days"]


def test_what_can_be_changed_about_the_daily_lesson_is_shown_again():
    talk = daily()
    talk.says("daily")
    talk.sends("photo")
    assert (talk.lead, talk.body) == (["sent.photo"], ["daily.standing"])
    talk.says("6:30")
    assert talk.body == ["daily.confirmed"]


@pytest.mark.parametrize("word", ["menu", "lessons", "language"])
def test_a_list_stays_after_a_voice_message(word: str):
    talk = talking()
    talk.says(word)
    rows = talk.say.choices
    talk.sends("voice")
    assert (talk.body, talk.say.choices) == (["sent.voice"], rows)
    talk.says("1")
    assert talk.lead != ["unclear.pick.1"]


def test_nothing_is_deleted_by_a_voice_message_and_the_question_stays():
    talk = talking()
    talk.says("delete")
    talk.sends("voice")
    assert talk.body == ["delete.ask"]
    assert Erased() not in talk.rows
    talk.picks("button.erase")
    assert Erased() in talk.rows


def test_with_no_question_beside_the_path_the_place_stands_again():
    talk = talking()
    talk.says("progress")
    talk.sends("voice")
    assert (talk.lead, talk.body) == (["sent.voice"], ["next.ask", "next.or"])
    talk.says("help")
    assert talk.body == ["help.text", "help.hurt"]
