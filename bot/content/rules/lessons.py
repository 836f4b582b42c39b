"""How much a lesson holds: cards, questions, forms, examples. Short enough for three minutes, and nothing missing."""

from collections.abc import Iterator

from bot.content.complaints import Complaint
from bot.content.limits import size
from bot.content.manuscript import Page
from bot.content.models import LessonFile
from bot.content.rules.proof import Proof, Rule, at

KEY_FORMS = 3  # before, after, later check: nobody is tested on a sentence learnt by heart
OTHER_FORMS = 2  # the lesson, and the review


def right_amounts(proof: Proof) -> Iterator[Complaint]:
    """At most so many cards, exactly so many questions, an example where the course wants one."""
    for course, page, _lesson in proof.lessons():
        yield from _amounts(course, page)


def _amounts(course: str, page: Page[LessonFile]) -> Iterator[Complaint]:
    wanted, lesson = size(course), page.model
    if len(lesson.cards) > wanted.cards:
        cure = f"keep at most {wanted.cards} in this course: one idea a card"
        yield at(page, ("cards",), f"{len(lesson.cards)} cards", cure)
    if len(lesson.questions) != wanted.questions:
        cure = f"a lesson of this course has exactly {wanted.questions}"
        yield at(page, ("questions",), f"{len(lesson.questions)} questions", cure)
    if wanted.example and not lesson.examples:
        cure = "name a real one with place, region and year under `examples:`"
        yield at(page, ("title",), "no real example", cure)


def enough_forms(proof: Proof) -> Iterator[Complaint]:
    """The key idea in three wordings, the other question in two."""
    for _course, page, _lesson in proof.lessons():
        for position, question in enumerate(page.model.questions):
            wanted = KEY_FORMS if question.key else OTHER_FORMS
            if len(question.forms) != wanted:
                kind = "the key question" if question.key else "a question beside it"
                what = f'question "{question.id}" has {len(question.forms)} forms'
                yield at(page, ("questions", position, "forms"), what, f"{kind} needs {wanted}")


RULES: tuple[Rule, ...] = (right_amounts, enough_forms)
