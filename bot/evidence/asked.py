"""Every question that is asked today, whoever asks it, with its answers in English."""

from collections.abc import Iterator, Mapping

from bot.content.catalogue import ENGLISH, Catalogue
from bot.engine.course import Form, Library, Option, Question
from bot.engine.fixed import fixed
from bot.engine.questions import KINDS
from bot.engine.questions.open import COMMENT
from bot.engine.questions.reaction import REACTION


@fixed(frozen=True, slots=True)
class Asked:
    """One form of a question: its text, and its options by id with their text and whether they are right."""

    text: str
    options: Mapping[str, tuple[str, bool | None]]


def asked_today(library: Library, catalogue: Catalogue) -> dict[tuple[str, str], Asked]:
    """Every form of every question, by the ids of both."""
    return {
        (question.id, form.id): Asked(
            catalogue.label(form.text, ENGLISH),
            {one.id: (catalogue.label(one.label, ENGLISH), right(form, one)) for one in options(question, form)},
        )
        for question, *_ in sourced(library)
        for form in question.forms
    }


def sourced(library: Library) -> Iterator[tuple[Question, str, str]]:
    """Each question, where it comes from, and the version of its lesson; what is no lesson's has none."""
    for course in library.courses:
        for lesson in course.lessons:
            for question in lesson.questions:
                yield question, f"lesson {lesson.path}", lesson.version
    for feedback in library.feedback:
        yield feedback.question, "feedback questions", ""
    if library.follow_up is not None:
        yield library.follow_up, "days and weeks after a course", ""
    yield REACTION, "the end of every lesson", ""
    yield COMMENT, "the word FEEDBACK, at any time", ""


def options(question: Question, form: Form) -> tuple[Option, ...]:
    return KINDS[question.kind].options(form)


def right(form: Form, option: Option) -> bool | None:
    """Whether it is the right answer; None where no answer is."""
    return option.right if any(one.right for one in form.options) else None
