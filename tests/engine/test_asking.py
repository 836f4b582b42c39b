"""ASK: one card of the lessons, as it stands, with where it was read."""

from dataclasses import replace

import pytest

from bot.engine.course import Found, Library
from bot.engine.learner import Step
from bot.engine.questions.open import COMMENT
from bot.engine.turn import Answered, Layout
from tests.makers import SPANISH, Talk, feedback, label, lesson, library, option, question

WORDS = {**SPANISH, "ask": "ask", "find": "ask", "look up": "ask", "buscar": "ask", "搜索": "ask"}
SHELF = {
    "votes": (Found("one/beta", "first"), Found("one/gamma", "second"), Found("one/alpha")),
    "beta": (Found("one/beta", "second"),),
    "gone": (Found("one/vanished", "first"), Found("one/beta", "first")),
}


def asked_for(words: str, _language: str) -> tuple[Found, ...]:
    return SHELF.get(words, ())


def searchable(*lessons: object, **changes: object) -> Library:
    return replace(library(*lessons, **changes), search=asked_for, typed=lambda _language: WORDS)  # type: ignore[arg-type]


def buttons(talk: Talk) -> list[str]:
    return [choice.data for choice in talk.say.choices]


def on_a_card() -> Talk:
    talk = Talk(searchable())
    talk.start()
    talk.picks("Yes!")
    return talk


def test_the_best_card_is_quoted_with_its_lesson_and_its_source():
    talk = on_a_card()
    talk.says("ask votes")
    assert talk.body == ["ask.found", "first card of beta", "source.intro", "source.line"]
    assert label(talk.say.body[0].values["title"], "en") == "Title beta"  # type: ignore[union-attr]


def test_it_offers_the_lesson_the_next_best_ones_the_link_and_the_way_back():
    talk = on_a_card()
    talk.says("ask votes")
    assert buttons(talk) == ["l:one_beta", "f:one_gamma_second", "f:one_alpha_", "s:one_beta_1", "c:on"]
    assert talk.say.layout is Layout.LIST


def test_a_single_find_without_a_source_has_two_buttons():
    talk = on_a_card()
    talk.says("ask beta")
    assert talk.body == ["ask.found", "second card of beta"]
    assert buttons(talk) == ["l:one_beta", "c:on"]
    assert talk.say.layout is Layout.BUTTONS


def test_the_place_in_the_lesson_stays_and_go_on_leads_back():
    talk = on_a_card()
    before = talk.learner.place
    talk.says("ask votes")
    assert talk.learner.place == before
    talk.taps("c:on")
    assert talk.body == ["first card of alpha"]


def test_the_lesson_opens_from_its_button():
    talk = on_a_card()
    talk.says("ask votes")
    talk.picks("button.this_lesson")
    assert talk.body == ["hook beta"]


def test_the_next_best_is_quoted_in_its_turn_also_from_an_old_message():
    talk = on_a_card()
    talk.says("ask votes")
    talk.taps("c:on")
    talk.taps("f:one_gamma_second")
    assert talk.body == ["ask.found", "second card of gamma"]
    talk.taps("f:one_alpha_")
    assert talk.body == ["ask.found", "hook alpha"]


@pytest.mark.parametrize("data", ["f:one_vanished_first", "f:nonsense", "f:_", "f:one_beta_first_x_y"])
def test_a_find_that_is_gone_is_an_old_button(data: str):
    talk = on_a_card()
    talk.taps(data)
    assert talk.lead == ["old.unknown"]


def test_a_card_that_is_gone_from_its_lesson_shows_how_the_lesson_begins():
    talk = on_a_card()
    talk.taps("f:one_beta_rewritten")
    assert talk.body == ["ask.found", "hook beta"]


def test_a_lesson_that_is_gone_is_passed_over():
    talk = on_a_card()
    talk.says("ask gone")
    assert talk.body[:2] == ["ask.found", "first card of beta"]


def test_where_nothing_fits_it_says_so_and_offers_lessons():
    talk = on_a_card()
    talk.says("ask bitcoin")
    assert talk.body == ["ask.nothing"]
    assert buttons(talk) == ["c:lessons", "c:on"]


def test_ask_alone_asks_what_about_and_the_next_message_is_the_question():
    talk = on_a_card()
    talk.says("ask")
    assert talk.body == ["ask.what"]
    talk.says("votes")
    assert talk.body[:2] == ["ask.found", "first card of beta"]
    talk.says("votes")  # once: after that, words are words again
    assert talk.lead == ["unclear.card.1"]


def test_after_ask_the_command_may_be_said_again():
    talk = on_a_card()
    talk.says("ask")
    talk.says("ask votes")
    assert talk.body[:2] == ["ask.found", "first card of beta"]


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("menu", "menu.title"),
        ("help", "help.text"),
        ("1", "first card of alpha"),
        ("button.go_on", "first card of alpha"),
    ],
)
def test_after_ask_commands_and_numbers_keep_their_meaning(words: str, body: str):
    talk = on_a_card()
    talk.says("ask")
    talk.says(words)
    assert talk.body[0] == body


def test_after_ask_thanks_are_thanks():
    talk = on_a_card()
    talk.says("ask")
    talk.says("thanks")
    assert talk.lead == ["talk.thanks"]


@pytest.mark.parametrize(
    "words", ["/ask votes", "/ask@SseBot votes", "ASK: Votes?", "look up votes", "find  votes", "搜索votes"]
)
def test_the_command_is_read_in_every_spelling(words: str):
    talk = on_a_card()
    talk.says(words)
    assert talk.body[:2] == ["ask.found", "first card of beta"]


@pytest.mark.parametrize("words", ["asking votes", "please ask votes", "askvotes"])
def test_words_that_only_resemble_the_command_are_not_it(words: str):
    talk = on_a_card()
    talk.says(words)
    assert talk.lead == ["unclear.card.1"]


def test_a_guest_may_ask_and_nothing_is_kept_of_it():
    talk = Talk(searchable()).at_first_question(keep="nothing")
    rows = list(talk.rows)
    talk.says("ask votes")
    assert talk.body[:2] == ["ask.found", "first card of beta"]
    assert talk.learner.guest
    assert talk.rows == rows


def test_at_a_question_asking_is_no_answer_and_the_question_comes_again():
    talk = Talk(searchable()).at_first_question()
    place = talk.learner.place
    talk.says("ask votes")
    assert talk.learner.place == place
    talk.taps("c:on")
    assert talk.body == [f"one/alpha/key {place.form}?"]


def test_an_option_that_begins_like_the_command_is_still_an_answer():
    answers = (option("good", right=True), option("bad"), option("worse"))
    worded = replace(answers[0], label=replace(answers[0].label, text="Ask the members"))
    asks = question("one/alpha/key", key=True, forms=3)
    forms = tuple(replace(form, options=(worded, *answers[1:])) for form in asks.forms)
    first = lesson("alpha", questions=(replace(asks, forms=forms),))
    talk = Talk(searchable(first)).at_first_question()
    talk.says("ask the member")
    assert talk.learner.place.step is Step.REACTION


def test_at_an_open_question_any_words_are_the_answer():
    shelf = searchable(*(lesson(name) for name in ("alpha", "beta", "gamma")), feedback=(feedback("change", "open"),))
    talk = Talk(shelf).at_first_question().finish_lesson()
    while talk.learner.place.step is not Step.FEEDBACK:
        _one_more(talk)
    talk.says("ask votes")
    kept = [row for row in talk.rows if isinstance(row, Answered) and row.question == "change"]
    assert [row.text for row in kept] == ["ask votes"]


def _one_more(talk: Talk) -> None:
    """On to whatever comes: the first of the choices, an answer where one is wanted."""
    wanted = next((choice for choice in talk.say.choices if "good" in label(choice.label, "en")), talk.say.choices[0])
    talk.taps(wanted.data)


def test_a_comment_is_never_searched():
    talk = Talk(searchable()).at_first_question()
    talk.says("feedback")
    talk.says("ask votes")
    assert [row.text for row in talk.rows if isinstance(row, Answered) and row.question == COMMENT.id] == ["ask votes"]


def test_after_something_that_is_no_text_it_is_asked_for_again():
    talk = on_a_card()
    talk.says("ask")
    talk.sends("voice")
    assert (talk.lead, talk.body) == (["sent.voice"], ["ask.what"])
    talk.says("votes")
    assert talk.body[0] == "ask.found"


def test_the_menu_offers_it_and_has_no_more_rows_than_whatsapp_shows():
    talk = on_a_card()
    talk.says("menu")
    assert "c:ask" in buttons(talk)
    assert len(buttons(talk)) <= 10


@pytest.mark.parametrize("words", ["stop@me now", "help @ann please"])
def test_a_command_with_more_around_it_is_none(words: str):
    talk = on_a_card()
    talk.says(words)
    assert talk.lead == ["unclear.card.1"]
