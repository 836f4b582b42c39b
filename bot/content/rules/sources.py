"""Nothing is claimed without a source, no figure stands without its year."""

import re
from collections.abc import Iterator

from bot.content.complaints import Complaint
from bot.content.manuscript import Page
from bot.content.models import LessonFile
from bot.content.prose import YEAR, undated_figure
from bot.content.rules.proof import Proof, Rule, at
from bot.content.yaml12 import Loc

SOURCES = "lessons/sources.yaml"


def references(page: Page[LessonFile]) -> Iterator[tuple[Loc, list[str]]]:
    """Where a lesson names sources, and which."""
    lesson = page.model
    yield ("hook", "source"), lesson.hook.source
    for position, card in enumerate(lesson.cards):
        yield ("cards", position, "source"), card.source
    for position, question in enumerate(lesson.questions):
        yield ("questions", position, "source"), question.source


def sources_are_there(proof: Proof) -> Iterator[Complaint]:
    """Every reference leads to an entry of sources.yaml, every entry is used."""
    known, unread = proof.manuscript.source_files(), proof.manuscript.unread
    if SOURCES in unread:
        return
    used: set[str] = set()
    for _course, page, _lesson in proof.lessons():
        for loc, names in references(page):
            used |= set(names)
            for position, name in enumerate(names):
                if name not in known:
                    cure = "add it to lessons/sources.yaml, or mend the name"
                    yield at(page, (*loc, position), f'no source "{name}"', cure)
    for name in known if not unread else ():  # a lesson that cannot be read may use it
        if name not in used and proof.manuscript.sources is not None:
            document = proof.manuscript.sources.document
            cure = "take it out, or name it where it was read"
            yield Complaint(document.file, document.line((name,)), f'source "{name}" is used nowhere', cure)


def claims_have_sources(proof: Proof) -> Iterator[Complaint]:
    """Every card tells where it was read, or with ``source: []`` that it claims nothing; so do hooks and questions
    that name a year.
    """
    cure = "add `source: [id]` with ids of lessons/sources.yaml"
    for _course, page, _lesson in proof.lessons():
        lesson = page.model
        for position, card in enumerate(lesson.cards):
            claims_nothing = "source" in card.model_fields_set and not re.search(r"\d{2}", card.text)
            if not card.source and not claims_nothing:
                what = f'card "{card.id}" has no source'
                yield at(page, ("cards", position), what, f"{cure}; `source: []` if it claims nothing")
        told = [lesson.hook.text, *(option.reply for option in lesson.hook.options)]
        if not lesson.hook.source and YEAR.search(" ".join(told)):
            yield at(page, ("hook", "text"), "the hook names a year and has no source", cure)
        for position, question in enumerate(lesson.questions):
            told = [text for form in question.forms for text in (form.text, *(o.line for o in form.options))]
            if not question.source and YEAR.search(" ".join(told)):
                what = f'question "{question.id}" names a year and has no source'
                yield at(page, ("questions", position), what, cure)


def figures_have_years(proof: Proof) -> Iterator[Complaint]:
    """A figure on a card comes with the year it is of; small counts and invented puzzles are free."""
    for _course, page, lesson in proof.lessons():
        for card in page.model.cards:
            figure = undated_figure(card.text)
            if figure is not None:
                cure = "name the year on the same card, or leave the figure out"
                yield proof.about(f"{lesson.path}/cards.{card.id}.text", f'"{figure}" has no year', cure)


RULES: tuple[Rule, ...] = (sources_are_there, claims_have_sources, figures_have_years)
