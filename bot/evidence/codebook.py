"""The codebook beside an export: every column, and every question with its forms and options, in English.

It knows the lessons as they are taught today and says which ``content_version`` that is; how a question read in
another one stands in its answers.
"""

from collections.abc import Iterator, Sequence

from bot.content.catalogue import ENGLISH, Catalogue
from bot.engine.course import Form, Library, Option, Question
from bot.engine.questions import KINDS
from bot.engine.questions.open import COMMENT
from bot.engine.questions.reaction import REACTION
from bot.evidence.cells import line
from bot.evidence.columns import Column

HEADER = ("entry", "name", "form", "option", "meaning", "right", "unit", "source", "content_version")


def codebook(columns: Sequence[Column], library: Library, catalogue: Catalogue) -> str:
    """The whole file: a line for each column, question form and option."""
    return "".join([line(HEADER), *map(line, _columns(columns)), *map(line, _questions(library, catalogue))])


def _columns(columns: Sequence[Column]) -> Iterator[tuple[str, ...]]:
    for column in columns:
        values = f" One of: {', '.join(column.values)}." if column.values else ""
        yield ("column", column.name, "", "", column.meaning + values, "", column.unit, column.source, "")


def _questions(library: Library, catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    for question, *of in _sourced(library):
        for form in question.forms:
            asked = catalogue.label(form.text, ENGLISH)
            yield ("question", question.id, form.id, "", asked, "", question.kind, *of)
            for option in _options(question, form):
                said = catalogue.label(option.label, ENGLISH)
                yield ("option", question.id, form.id, option.id, said, _right(form, option), question.kind, *of)


def _sourced(library: Library) -> Iterator[tuple[Question, str, str]]:
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


def _options(question: Question, form: Form) -> tuple[Option, ...]:
    return KINDS[question.kind].options(form)


def _right(form: Form, option: Option) -> str:
    """Empty where no answer is right."""
    if not any(one.right for one in form.options):
        return ""
    return "true" if option.right else "false"
