"""The lessons and languages in figures, for people and for other programs."""

from typing import Any

from bot.content.coverage import Coverage
from bot.content.manuscript import ENGLISH, CoursePages
from bot.content.prose import words
from bot.content.rules.guessing import luck
from bot.content.rules.proof import Proof
from bot.content.rules.prose import sentence_words
from bot.content.rules.shown import path_words
from bot.content.rules.sources import references
from bot.content.rules.spread import REGIONS, regions, women_or_youth

Figures = dict[str, Any]  # as JSON will have it


def statistics(proof: Proof) -> Figures:
    """All figures; the names of the first five of a course and of a language are a contract with other programs."""
    return {
        "courses": {course.id: _course(proof, course) for course in proof.manuscript.courses},
        "languages": {code: _language(tongue.coverage) for code, tongue in proof.tongues.items() if not tongue.unread},
        "guessing": {code: _guessing(proof, code) for code in proof.tongues},
    }


def _course(proof: Proof, course: CoursePages) -> Figures:
    cards = [card for page in course.lessons for card in page.model.cards]
    questions = [question for page in course.lessons for question in page.model.questions]
    used = {name for page in course.lessons for _loc, names in references(page) for name in names}
    paths = [f"{course.id}/{page.id}" for page in course.lessons]
    averages = [sentence_words(proof, path, ENGLISH) for path in paths]
    return {
        "lessons": len(course.lessons),
        "cards": len(cards),
        "questions": len(questions),
        "parallel_forms": sum(len(question.forms) - 1 for question in questions),
        "sources": len(used),
        "words_a_card": round(sum(words(card.text) for card in cards) / len(cards), 1),
        "words_a_sentence": round(sum(averages) / len(averages), 1),
        "examples_by_region": {region: regions(course)[region] for region in (*REGIONS, "world")},
        "women_or_youth": round(women_or_youth(course), 2),
        "straight_path_words": {path.partition("/")[2]: _path(proof, path) for path in paths},
    }


def _path(proof: Proof, path: str) -> Figures:
    lesson = proof.loaded.library.lesson(path)
    return {code: path_words(proof, lesson, code) for code in proof.spoken(lesson)} if lesson else {}


def _language(found: Coverage) -> Figures:
    return {
        "words": found.words,
        "translated": found.translated,
        "fuzzy": found.fuzzy,
        "missing": found.missing,
        "reviewed": found.reviewed,
        "texts": found.texts,
        "texts_missing": len(found.texts_missing),
    }


def _guessing(proof: Proof, language: str) -> Figures:
    found = luck(proof, language)
    return {
        "forms": found.forms,
        "longest_is_right": round(found.longest, 3),
        "shortest_is_right": round(found.shortest, 3),
        "most_hedged_is_right": round(found.hedged.overall, 3),
        "forms_with_hedges": found.hedged.forms,
        "most_hedged_of_those": round(found.hedged.telling, 3),
        "warmest_is_right": round(found.warm.overall, 3),
        "forms_with_warm_words": found.warm.forms,
        "warmest_of_those": round(found.warm.telling, 3),
        "least_cold_is_right": round(found.least_cold.overall, 3),
        "forms_with_cold_words": found.least_cold.forms,
        "least_cold_of_those": round(found.least_cold.telling, 3),
    }
