"""What is typed while something was offered beside the path, and a plain yes, no or age: for what was asked last."""

import pytest

from bot.engine import path
from bot.engine.ages import read_age
from bot.engine.learner import Keep, Step
from bot.engine.show import question_here
from bot.engine.turn import Answered, Erased
from bot.service import Content
from tests.makers import Talk

LAGOS = "Africa/Lagos"


def walked(content: Content, until: Step, language: str = "en", keep: str = "both", **facts: object) -> Talk:
    """A grown learner who has come so far in the first lesson, by the buttons."""
    talk = Talk(content.library, languages=(language,), **facts)
    talk.start()
    while talk.learner.place.step is not until:
        wanted = [choice.data for choice in talk.say.choices if choice.data.endswith((f"-{keep}", "-grown"))]
        talk.taps((wanted or [_right(talk, content)])[0])
    return talk


def _right(talk: Talk, content: Content) -> str:
    question = question_here(talk.learner, content.library)
    right = {option.id for form in question.forms for option in form.options if option.right} if question else set()
    good = [choice.data for choice in talk.say.choices if choice.data.partition("-")[2] in right]
    return (good or [talk.say.choices[0].data])[0]


def scored(talk: Talk) -> list[Answered]:
    return [row for row in talk.rows if isinstance(row, Answered)]


# --- lists and questions beside the path --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "typed", "brings"),
    [
        *[("lessons", "B", "lessons.course"), ("menu", "b", "lessons.courses"), ("ask savings", "b", "ask.found")],
        *[("daily", "a", "daily.ask_days"), ("daily", "morning", "daily.ask_days"), ("hi", "c", "menu.title")],
        *[("menu", "revew", "review.none"), ("lessons", "five-minute", "lessons.course")],
    ],
)
def test_a_letter_or_loose_words_are_for_the_list_that_came_last(content: Content, words: str, typed: str, brings: str):
    talk = walked(content, Step.QUESTION)
    talk.says(words)
    talk.says(typed)
    assert talk.body[0] == brings
    assert not scored(talk)


@pytest.mark.parametrize("words", ["lessons", "menu", "language", "ask savings", "privacy", "delete", "hi", "pause"])
@pytest.mark.parametrize("typed", ["+3", "-1", "K", "11", "👍", "1 9"])
def test_what_is_not_on_the_list_brings_the_list_again_and_is_never_scored(content: Content, words: str, typed: str):
    talk = walked(content, Step.QUESTION, zone=LAGOS)
    talk.says("daily 7:00")
    talk.says("every day")
    talk.says(words)
    choices = talk.say.choices
    talk.says(typed)
    assert [*talk.lead, *talk.body][0] == "unclear.list"
    assert talk.say.choices == choices
    assert not scored(talk)


def test_then_the_list_still_counts(content: Content):
    talk = walked(content, Step.QUESTION)
    talk.says("lessons")
    talk.says("K")
    talk.says("1")
    assert talk.body == ["lessons.course"]


@pytest.mark.parametrize(("words", "typed"), [("delete", "A"), ("delete", "b"), ("privacy", "a"), ("privacy", "B")])
def test_a_letter_that_may_be_an_answer_neither_deletes_nor_withdraws(content: Content, words: str, typed: str):
    talk = walked(content, Step.QUESTION)
    talk.says(words)
    talk.says(typed)
    assert talk.learner.keep is Keep.BOTH
    assert not [row for row in talk.rows if isinstance(row, Answered | Erased)]


@pytest.mark.parametrize("typed", ["+3", "-5", "d"])
def test_whose_clock_is_asked_until_a_time_is_typed(content: Content, typed: str):
    talk = walked(content, Step.QUESTION)
    for words in ("daily", "7:00", "every day"):
        talk.says(words)
    assert talk.body == ["daily.ask_zone"]
    talk.says(typed)
    assert talk.body == ["daily.no_time", "daily.ask_zone"]
    assert not scored(talk)


def test_days_in_a_list_are_asked_for_in_that_list(content: Content):
    talk = walked(content, Step.QUESTION, zone=LAGOS)
    for words in ("daily", "7:00", "choose days", "1", "x"):
        talk.says(words)
    assert talk.body == ["daily.no_days", "daily.pick_days"]
    talk.says("8")
    assert talk.body == ["daily.confirmed"]


def test_a_sign_at_where_next_is_no_way_on(content: Content):
    talk = walked(content, Step.NEXT)
    talk.says("+3")
    assert talk.lead == ["unclear.pick.1"]
    assert talk.learner.place.step is Step.NEXT


def test_an_answer_in_words_is_one_though_a_list_came_last(content: Content):
    talk = walked(content, Step.QUESTION)
    option = next(choice for choice in talk.say.choices if choice.data == _right(talk, content))
    talk.says("lessons")
    talk.says(content.library.label(option.label, "en"))
    assert [row.correct for row in scored(talk)] == [True]


def test_a_face_is_the_reaction_it_stands_for_though_the_menu_came_last(content: Content):
    talk = walked(content, Step.REACTION)
    talk.says("menu")
    talk.says("🙂")
    assert scored(talk)[-1].answer_ids == ("liked",)


# --- yes and no ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "yes", "no"), [("en", "yes please", "no"), ("es", "Sí", "no"), ("fr", "oui", "non")]
)
def test_lessons_offered_may_be_taken_or_left_in_a_word(content: Content, language: str, yes: str, no: str):
    for word, answer in ((yes, ["daily.ask_hour"]), (no, ["enough.bye"])):
        talk = walked(content, Step.NEXT, language)
        talk.taps("c:enough")
        assert talk.body == ["enough.bye", "daily.offer"]
        talk.says(word)
        assert (talk.lead, talk.body) == ([], answer)


def test_who_says_good_bye_is_not_offered_the_lessons_again(content: Content):
    talk = walked(content, Step.NEXT)
    talk.taps("c:enough")
    talk.says("bye")
    assert talk.body == ["enough.bye"]


def test_a_guest_who_says_yes_is_asked_how_much_and_one_who_says_no_goes_on(content: Content):
    talk = walked(content, Step.NEXT, keep="nothing")
    talk.says("daily")
    talk.says("yes")
    assert talk.body == ["consent.needed", "daily.guest"]
    talk.says("no")
    assert talk.body[0] == "next.ask"
    assert talk.learner.keep is Keep.NOTHING


@pytest.mark.parametrize("word", ["yes", "no"])
@pytest.mark.parametrize(
    ("before", "again"),
    [
        (("daily",), ["daily.no_time", "daily.ask_hour"]),
        (("daily", "7:00"), ["daily.no_days", "daily.ask_days"]),
        (("daily", "7:00", "every day"), ["daily.no_time", "daily.ask_zone"]),
        (("menu",), ["unclear.list"]),
        (("privacy",), ["unclear.list"]),
    ],
)
def test_where_it_is_no_answer_the_question_comes_again(
    content: Content, word: str, before: tuple[str, ...], again: list[str]
):
    talk = walked(content, Step.QUESTION)
    for words in before:
        talk.says(words)
    talk.says(word)
    assert talk.body == again
    assert talk.learner.keep is Keep.BOTH
    assert not scored(talk)


def at_used(content: Content, language: str) -> Talk:
    """Weeks after a course: have you used something of it?"""
    talk = walked(content, Step.NEXT, language)
    used = content.library.follow_up
    assert used is not None
    form = used.forms[0].id
    talk.learner = path.enter(talk.learner, talk.now, Step.USED, item=used.id, form=form, queue=("module-1",))
    return talk


@pytest.mark.parametrize(("language", "yes", "no"), [("en", "yes", "no"), ("es", "sí", "no"), ("fr", "oui", "non")])
def test_yes_is_the_one_answer_that_begins_with_it(content: Content, language: str, yes: str, no: str):
    talk = at_used(content, language)
    talk.says(no)  # not yet? or never a way to?
    assert talk.lead == ["unclear.pick.1"]
    talk.says(yes)
    assert scored(talk)[-1].answer_ids == ("used",)


# --- how old are you? ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "typed", "band"),
    [
        *[("en", "17", "young"), ("en", "15", "under"), ("en", "25", "grown"), ("en", "25+", "grown")],
        *[("en", "I'm 17 years old", "young"), ("en", "17yo", "young"), ("en", "17.", "young")],
        *[
            ("en", "over 25", "grown"),
            ("en", "16-24", "young"),
            ("en", "16 – 24", "young"),
            ("en", "under 16", "under"),
        ],
        *[
            ("es", "20 años", "young"),
            ("es", "tengo 17", "young"),
            ("es", "menos de 16", "under"),
            ("es", "+25", "grown"),
        ],
        *[("es", "más de 30 años", "grown"), ("es", "entre 16 y 24", "young"), ("es", "25 o más", "grown")],
        *[("fr", "j'ai 17 ans", "young"), ("fr", "moins de 16 ans", "under"), ("fr", "plus de 25 ans", "grown")],
        *[("fr", "30 years", "grown"), ("fr", "de 16 à 24 ans", "young"), ("en", "120", "grown"), ("en", "4", "under")],
    ],
)
def test_an_age_is_read_as_people_type_it(content: Content, language: str, typed: str, band: str):
    assert read_age(typed, language, 16, content.library) == band


@pytest.mark.parametrize(
    "typed",
    [
        *[
            "3",
            "121",
            "2008",
            "-17",
            "<16",
            "17.5",
            "17/20",
            "24-16",
            "over 20",
            "under 25",
            "15-17",
            "more or less 20",
        ],
        *["seventeen", "17 goats", "", "old", "17 18 19", "9" * 5000, "none of your business 17"],
    ],
)
def test_what_is_no_age_or_in_two_bands_is_none(content: Content, typed: str):
    assert read_age(typed, "en", 16, content.library) is None


@pytest.mark.parametrize(
    ("typed", "band"), [("15", "under_16"), ("17", "16_24"), ("31", "25_plus"), ("2", "16_24"), ("skip", "unknown")]
)
def test_a_typed_age_or_position_is_the_band(content: Content, typed: str, band: str):
    talk = walked(content, Step.AGE)
    talk.says(typed)
    assert talk.learner.age_band == band
    assert talk.lead == ["age.thanks" if band in ("16_24", "25_plus") else "age.guest"]


def test_what_is_no_age_is_asked_again(content: Content):
    talk = walked(content, Step.AGE)
    talk.says("-17")
    assert talk.lead == ["unclear.pick.1"]
    assert talk.body == ["age.ask"]
