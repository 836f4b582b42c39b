"""The codebook beside an export: every column, and every question with its forms and options, in English.

It knows the lessons as they are taught today and says which ``content_version`` that is; how a question read in
another one stands in its answers.
"""

from collections.abc import Iterator, Sequence

from bot.content.catalogue import ENGLISH, Catalogue
from bot.engine.course import Library
from bot.evidence.asked import options, right, sourced
from bot.evidence.cells import line
from bot.evidence.columns import Column

HEADER = ("entry", "name", "form", "option", "meaning", "right", "unit", "source", "content_version")
RIGHT = {True: "true", False: "false", None: ""}


def codebook(columns: Sequence[Column], library: Library, catalogue: Catalogue) -> str:
    """The whole file: a line for each column, question form and option."""
    return "".join([line(HEADER), *map(line, _columns(columns)), *map(line, _questions(library, catalogue))])


def _columns(columns: Sequence[Column]) -> Iterator[tuple[str, ...]]:
    for column in columns:
        values = f" One of: {', '.join(column.values)}." if column.values else ""
        yield ("column", column.name, "", "", column.meaning + values, "", column.unit, column.source, "")


def _questions(library: Library, catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    for question, *of in sourced(library):
        for form in question.forms:
            asked = catalogue.label(form.text, ENGLISH)
            yield ("question", question.id, form.id, "", asked, "", question.kind, *of)
            for option in options(question, form):
                said = catalogue.label(option.label, ENGLISH)
                yield ("option", question.id, form.id, option.id, said, RIGHT[right(form, option)], question.kind, *of)
