"""The lessons and words of this project, as they stand."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from bot.content.check import Report, check
from bot.content.load import load
from bot.content.printed import Loaded
from bot.content.schema import NAME, lesson_schema
from bot.engine.commands import COMMANDS
from bot.engine.reading import normalise
from bot.engine.sources import line
from bot.engine.turn import Phrase, Verbatim

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def report() -> Report:
    return check(ROOT)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(ROOT / "lessons", ROOT / "i18n", ROOT / "policies")


def test_nothing_in_the_lessons_or_words_is_wrong(report: Report):
    assert report.errors == ()


def test_every_lesson_is_offered_in_the_languages_of_the_package(loaded: Loaded):
    spoken = {"en", "es", "fr"}
    lessons = [lesson for course in loaded.library.courses for lesson in course.lessons]
    assert lessons
    assert {lesson.path: spoken - lesson.languages for lesson in lessons if spoken - lesson.languages} == {}


def test_looks_tell_nothing_about_the_right_answer(report: Report):
    """Over all lessons, always taking the longest, the shortest or the most careful is no better than chance.

    Nor is taking what sounds most like the course, or least like a mistake.
    """
    for language, luck in report.stats["guessing"].items():
        # Chance is a third; with n forms, two standard deviations are 2 · √(2/9 / n).
        allowed = 1 / 3 + 2 * (2 / 9 / max(luck["forms"], 1)) ** 0.5
        assert luck["longest_is_right"] <= allowed, language
        assert luck["shortest_is_right"] <= allowed, language
        assert luck["most_hedged_is_right"] <= allowed, language
        assert luck["warmest_is_right"] <= allowed, language
        assert luck["least_cold_is_right"] <= allowed, language
        assert luck["forms_with_hedges"] > 0, f"no careful words are listed in {language}"
        assert luck["forms_with_warm_words"] > 0, f"no words of the course are listed in {language}"
        assert luck["forms_with_cold_words"] > 0, f"no words of a mistake are listed in {language}"


def test_the_modules_are_asked_about_weeks_later_and_the_tour_is_not(loaded: Loaded):
    assert {course.id for course in loaded.library.courses if course.follow_up} == {"module-1", "module-2"}
    question = loaded.library.follow_up
    assert question is not None
    for language in loaded.library.languages:
        labels = [loaded.catalogue.label(option.label, language.code) for option in question.forms[0].options]
        assert all(len(label) <= 20 for label in labels), language.code
        assert len(labels) == 3


def phrases_of(folder: Path) -> set[str]:
    """The keys of bot.yaml that the code names outright."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Phrase"
                and node.args
            ):
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found.add(key.value)
    return found


def test_every_phrase_the_code_says_has_words(loaded: Loaded):
    keys = phrases_of(ROOT / "bot")
    assert len(keys) > 30
    assert {key for key in keys if not loaded.catalogue.has(key)} == set()


def test_every_command_has_words_a_label_and_a_line(loaded: Loaded):
    wanted = {f"command.{name}.{field}" for name in COMMANDS for field in ("words", "label", "about")}
    assert {key for key in wanted if not loaded.catalogue.has(key)} == set()


def test_every_command_is_typed_by_its_own_name_in_every_language(loaded: Loaded):
    for language in loaded.library.languages:
        typed = loaded.library.typed(language.code)
        assert {name for name in COMMANDS if typed.get(name) != name} == set(), language.code


IN_CAPITALS = re.compile(r"[A-ZÀ-Ý]{2,}(?: [A-ZÀ-Ý]{2,})*")
SHORT_NAMES = {"ES", "FR", "EN", "UN", "ONU", "NGO", "ONG", "SSE", "ESS"}


def said_in_capitals(loaded: Loaded, key: str, language: str) -> list[str]:
    """What the words in capitals of a text do when they are typed."""
    typed = loaded.library.typed(language)
    words = IN_CAPITALS.findall(loaded.catalogue.text(Phrase(key), language))
    return [typed.get(normalise(word), word) for word in words if word not in SHORT_NAMES]


def test_a_word_in_capitals_does_the_same_in_every_language(loaded: Loaded):
    """``Write DAILY``: typed as it stands there, it works, and it does what the English one does."""
    keys = yaml.safe_load((ROOT / "i18n" / "bot.yaml").read_text("utf-8"))
    named = {key: meant for key in keys if (meant := said_in_capitals(loaded, key, "en"))}
    assert {"daily.confirmed", "stop.done", "help.text"} <= set(named)
    assert {name for meant in named.values() for name in meant} <= set(COMMANDS)
    for language in loaded.library.languages:
        there = {key: said_in_capitals(loaded, key, language.code) for key in keys}
        assert {key: meant for key, meant in there.items() if meant} == named, language.code


def test_what_is_listed_for_a_command_means_that_command(loaded: Loaded):
    for language in loaded.library.languages:
        typed = loaded.library.typed(language.code)
        for name in COMMANDS:
            listed = loaded.catalogue.text(Phrase(f"command.{name}.words"), language.code).split(",")
            assert {word for word in listed if typed.get(normalise(word)) != name} == set(), (language.code, name)


# An author's note to an author, in English, where learners of all languages read it.
NOTE = re.compile(
    r"\b(?:via|mirror|quoting|translated|website|case study|profile|page|figures)\b|\((?:in|on|from) | on [A-Z]"
)


def test_no_english_note_stands_in_a_source(loaded: Loaded):
    notes = [
        s.id for s in loaded.library.sources.values() if NOTE.search(s.publisher) or re.search(r"\(.*\)$", s.title)
    ]
    titles = {"kuwait-coops-wikipedia", "unimed-wikipedia", "world-coop-monitor-2024"}  # so the pages are called
    assert set(notes) == titles


def test_who_shows_a_source_is_told_in_the_learner_s_language(loaded: Loaded):
    told = line(loaded.library.sources["tunisia-law-2020"])
    assert [loaded.catalogue.text(told, code) for code in ("en", "es", "fr")] == [
        "Tunisia: HPR approves draft law on SSE · TAP, via allAfrica, 2020",
        "Tunisia: HPR approves draft law on SSE · TAP, vía allAfrica, 2020",
        "Tunisia: HPR approves draft law on SSE · TAP, via allAfrica, 2020",
    ]


# What authors write, and may end as they like: "What is the SSE?", "Ltd."
WITH_A_MARK_OF_ITS_OWN = re.compile(r"\{(?:label|guess|about|title|takeaway|organisation)\}\*?[.?!]")


def test_no_mark_stands_behind_a_mark(loaded: Loaded):
    """``What happens to it?.`` comes of a full stop behind words that may have their own."""
    keys = yaml.safe_load((ROOT / "i18n" / "bot.yaml").read_text("utf-8"))
    for language in loaded.library.languages:
        texts = {key: loaded.catalogue.text(Phrase(key), language.code) for key in keys}
        assert {key: text for key, text in texts.items() if WITH_A_MARK_OF_ITS_OWN.search(text)} == {}, language.code


def test_a_label_that_is_a_question_is_quoted_as_it_stands(loaded: Loaded):
    label = {"label": Verbatim("Who?")}
    assert [loaded.catalogue.text(Phrase("answer.right_was", label), code) for code in ("en", "es", "fr")] == [
        "It was this one: “Who?”",
        "Era esta: «Who?»",
        "La bonne réponse\N{NO-BREAK SPACE}: «\N{NO-BREAK SPACE}Who?\N{NO-BREAK SPACE}»",
    ]


def test_the_schema_for_editors_is_up_to_date():
    assert (ROOT / "lessons" / NAME).read_text(encoding="utf-8") == lesson_schema()
