"""Which language somebody is answered in: in the real words of each, whatever the telephone is set to."""

from dataclasses import replace

import pytest

from bot.engine.learner import Status, Step
from bot.engine.turn import Answered, Joined
from bot.service import Content
from tests.makers import Talk


def told(content: Content, *languages: str) -> Talk:
    """Somebody new whose platform tells these languages, and a partner's poster."""
    shelf = replace(content.library, campaigns=lambda code: code == "lagos")
    return Talk(shelf, languages=languages)


def at_the_first_question(content: Content) -> Talk:
    talk = told(content, "en")
    talk.start()
    while talk.learner.place.step is not Step.QUESTION:
        talk.taps(talk.say.choices[-1 if talk.learner.place.step is Step.AGE else 0].data)
    return talk


@pytest.mark.parametrize("phone", ["en", "xx"])
@pytest.mark.parametrize(
    ("first", "language"),
    [
        *[("EMPEZAR lagos", "es"), ("COMMENCER lagos", "fr"), ("comenzar", "es"), ("Démarrer", "fr")],
        *[("español", "es"), ("ES", "es"), ("Français.", "fr"), ("fr", "fr"), ("spanish", "es"), ("espagnol", "es")],
        *[("buenos días", "es"), ("Buen día!", "es"), ("qué tal", "es"), ("holaaa", "es"), ("Hola 👋", "es")],
        *[("good evening", "en"), ("good morning to you", "en"), ("hiii", "en"), ("bonjour à tous", "fr")],
        *[("ayuda", "es"), ("PARAR", "es"), ("aide", "fr"), ("arrêter", "fr"), ("borrar", "es")],
    ],
)
def test_the_first_words_tell_the_language(content: Content, phone: str, first: str, language: str):
    talk = told(content, phone)
    talk.says(first)
    assert (talk.learner.language, talk.learner.language_sure) == (language, True)
    assert talk.learner.place.step is Step.HOOK


@pytest.mark.parametrize("first", ["EMPEZAR lagos", "COMMENCER lagos", "START lagos"])
def test_a_poster_counts_in_whatever_language_it_was_printed(content: Content, first: str):
    talk = told(content, "en")
    talk.says(first)
    assert talk.rows == [Joined("lagos")]
    later = told(content, "fr")
    later.start()
    later.says(first)
    assert later.rows == [Joined("lagos")]


@pytest.mark.parametrize("first", ["START lagos", "stop", "menu", "ok", "go", "no", "en français", "what is this"])
def test_words_that_people_everywhere_type_tell_nothing(content: Content, first: str):
    talk = told(content, "es")
    talk.says(first)
    assert talk.learner.language == "es"
    unsure = told(content, "xx")
    unsure.says(first)
    assert not unsure.learner.language_sure


def test_a_word_of_one_language_tells_it_only_where_nothing_else_does(content: Content):
    talk = told(content, "en")
    talk.says("question")  # as French for ASK
    assert talk.learner.language == "en"
    unsure = told(content, "xx")
    unsure.says("gracias")
    assert unsure.learner.language == "es"


@pytest.mark.parametrize(
    ("word", "language", "answer"),
    [
        *[("hola", "es", "hello.greeting"), ("buenas tardes", "es", "hello.greeting")],
        *[("lecciones", "es", "hello.greeting"), ("oui", "fr", "hello.greeting"), ("hi", "en", "hello.greeting")],
        *[("ayuda", "es", "help.text"), ("aide", "fr", "help.text")],
        *[("PARAR", "es", "stop.done"), ("arrêter", "fr", "stop.done"), ("borrar", "es", "delete.ask")],
    ],
)
def test_words_at_the_choice_of_a_language_choose_it(content: Content, word: str, language: str, answer: str):
    talk = told(content, "xx")
    talk.start()
    assert talk.body == ["language.ask"]
    talk.says(word)
    assert talk.body[0] == answer
    assert talk.learner.language == language
    assert talk.learner.place.step is Step.HOOK


def test_a_word_of_two_languages_still_stops(content: Content):
    talk = told(content, "xx")
    talk.start()
    talk.says("fin")
    assert talk.learner.status is Status.STOPPED
    assert not talk.learner.language_sure


@pytest.mark.parametrize(
    ("word", "answer"),
    [("ayuda", "help.text"), ("au secours", "help.text"), ("PARAR", "stop.done"), ("supprimer", "delete.ask")],
)
def test_who_reads_english_is_let_out_and_helped_in_other_languages(content: Content, word: str, answer: str):
    talk = at_the_first_question(content)
    talk.says(word)
    assert talk.body[0] == answer
    assert talk.learner.language == "en"
    assert not [row for row in talk.rows if isinstance(row, Answered)]


def test_a_language_is_switched_by_what_others_call_it(content: Content):
    talk = at_the_first_question(content)
    talk.says("French")
    assert talk.learner.language == "fr"
    talk.says("anglais")
    assert talk.learner.language == "en"


def test_stop_in_another_language_is_no_comment(content: Content):
    talk = at_the_first_question(content)
    talk.says("feedback")
    assert talk.body == ["feedback.ask"]
    talk.says("arrêter")
    assert talk.learner.status is Status.STOPPED
    assert "comment" not in {row.question for row in talk.rows if isinstance(row, Answered)}


def test_what_means_something_else_in_the_learners_own_language_keeps_its_meaning(content: Content):
    words = {"en": {}, "es": {"alto": "stop"}, "fr": {"alto": "menu"}}
    library = replace(content.library, typed=words.__getitem__)
    talk = Talk(library, languages=("fr",))
    talk.start()
    talk.says("alto")
    assert talk.body == ["menu.title"]
