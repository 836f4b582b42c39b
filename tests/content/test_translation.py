"""Which translations are shown when the English has moved on."""

import pytest

from bot.content.extract import sync
from bot.content.prose import words
from bot.content.translation import numbers
from bot.engine.turn import Phrase, Words
from tests.content.project import BOT_FILE, LESSON_FILE, LESSONS_PO, Project

REAL = "basics/one-vote/cards.real.text"
PATH = "basics/one-vote"


def shown(project: Project, context: str) -> str:
    text = Words(context) if "/" in context else Phrase(context, {"label": "X", "n": 2})
    return project.load().catalogue.label(text, "es")


def offered(project: Project) -> bool:
    lesson = project.load().library.lesson(PATH)
    assert lesson is not None
    return "es" in lesson.languages


@pytest.fixture
def spanish(project: Project) -> Project:
    """A project that is whole in Spanish."""
    project.translate({REAL: "En 1979 unos vecinos…"}, rest="es ")
    return project


def test_a_whole_translation_is_shown_and_the_lesson_offered(spanish: Project):
    assert shown(spanish, REAL) == "En 1979 unos vecinos…"
    assert offered(spanish)
    coverage = spanish.load().catalogue.coverage("es")
    assert (coverage.translated, coverage.fuzzy, coverage.missing) == (coverage.words, 0, 0)


def test_a_lesson_with_a_missing_word_is_not_offered_and_english_stands_in(spanish: Project):
    spanish.replace(LESSONS_PO, 'msgstr "En 1979 unos vecinos…"', 'msgstr ""')
    assert shown(spanish, REAL).startswith("In 1979 neighbours")
    assert not offered(spanish)
    assert spanish.load().catalogue.coverage("es").texts_missing == (REAL,)


@pytest.mark.parametrize("synced", [True, False], ids=["after a sync", "before a sync"])
def test_a_translation_whose_english_changed_is_shown_and_counted_stale(spanish: Project, synced: bool):
    spanish.replace(LESSON_FILE, "neighbours of Santa Cruz", "some people of Santa Cruz")
    if synced:
        sync(spanish.root)
    assert shown(spanish, REAL) == "En 1979 unos vecinos…"
    assert offered(spanish)
    coverage = spanish.load().catalogue.coverage("es")
    assert coverage.fuzzy == words(
        "In 1979 some people of Santa Cruz began a water cooperative. Each customer is a member."
    )
    assert any("older than the English" in c.what for c in spanish.check().warnings)


@pytest.mark.parametrize("synced", [True, False], ids=["after a sync", "before a sync"])
def test_a_translation_whose_number_changed_is_not_shown(spanish: Project, synced: bool):
    spanish.replace(LESSON_FILE, "In 1979 neighbours", "In 1978 neighbours")
    if synced:
        sync(spanish.root)
    assert shown(spanish, REAL).startswith("In 1978")
    assert not offered(spanish)
    assert any("a number of the English has changed" in c.what for c in spanish.check().warnings)


def test_a_translation_whose_placeholder_changed_is_not_shown(spanish: Project):
    spanish.replace(BOT_FILE, '"✔ {label}"', '"✔ {label} {n}"')
    assert shown(spanish, "button.picked") == "✔ X 2"
    assert any("other placeholders" in c.what and "{label}, {n}" in c.cure for c in spanish.check().errors)


def test_a_placeholder_the_english_does_not_know_is_an_error(spanish: Project):
    spanish.replace("i18n/es/LC_MESSAGES/bot.po", 'msgstr "es It is: {label}."', 'msgstr "Es: {etiqueta}."')
    (complaint,) = spanish.check().errors
    assert (complaint.file, complaint.cure) == ("i18n/es/LC_MESSAGES/bot.po", "use exactly these: {label}")
    assert shown(spanish, "answer.right_was") == "It is: X."


def test_a_translation_with_a_plural_form_too_few_is_not_shown(spanish: Project):
    spanish.replace("i18n/es/LC_MESSAGES/bot.po", 'msgstr[1] "es {n} ideas"', "")
    assert shown(spanish, "progress.ideas") == "2 ideas"
    assert any("1 plural forms instead of 2" in c.what for c in spanish.check().errors)


def test_an_empty_plural_form_is_an_error_of_its_own(spanish: Project):
    spanish.replace("i18n/es/LC_MESSAGES/bot.po", 'msgstr[1] "es {n} ideas"', 'msgstr[1] ""')
    assert any("needs all 2 plural forms" in c.what for c in spanish.check().errors)


def test_a_mark_without_its_english_is_trusted_only_with_the_same_numbers(spanish: Project):
    spanish.replace(LESSONS_PO, f'msgctxt "{REAL}"', f'#, fuzzy\nmsgctxt "{REAL}"')
    assert shown(spanish, REAL) == "En 1979 unos vecinos…"
    spanish.replace(LESSONS_PO, "En 1979 unos", "En 1997 unos")
    assert shown(spanish, REAL).startswith("In 1979")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10,000 dollars", "10 000 dólares"),
        ("10,000 dollars", "10\u202f000 dollars"),
        ("10,000 dollars", "10.000 dólares"),
        ("1.5 million", "1,5 millones"),
        ("In 2021, 15% of 25", "25 … 15 % … 2021"),
        ("1979", "١٩٧٩"),
        ("none", "ninguno"),
    ],
)
def test_numbers_are_the_same_in_every_spelling(one: str, other: str):
    assert numbers(one) == numbers(other)


@pytest.mark.parametrize(("one", "other"), [("1979", "1997"), ("2 of 3", "2"), ("15%", "1 5%")])
def test_other_numbers_are_other(one: str, other: str):
    assert numbers(one) != numbers(other)
