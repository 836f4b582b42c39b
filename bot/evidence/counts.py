"""The public tier: how many learners gave which answer in which language, with nobody to be found in it.

A learner counts once for a question in a phase, with their first answer. Answers that have outlived their tie to a
person cannot be told apart by person and are not counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, func, select

from bot.content.markup import plain
from bot.evidence.columns import ALL
from bot.evidence.reading import conditions, shares
from bot.evidence.records import Record
from bot.evidence.suppression import Cell, hidden_cells, with_totals
from storage.rows import AnswerFilter
from storage.store import Store
from storage.tables import answers, learners

OWN_WORDS = "words"  # in place of an answer's id where it was typed

_OF_A_LESSON = answers.c.phase == "reaction"  # one question for all lessons, counted for each
_OF_A_COURSE = answers.c.phase == "follow_up"  # one for all courses, counted for each and each time it is asked


@dataclass(slots=True)
class Tally:
    """One question in one form and phase: its facts, and how many learners by answer and language."""

    facts: dict[str, Any]
    people: dict[Cell, int] = field(default_factory=lambda: defaultdict(int))
    options: dict[str, tuple[str | None, bool | None]] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        for id_, text in _options(row.answer_id, row.answer_text):
            self.people[id_, row.language] += row.people
            self.options[id_] = (text, row.correct)

    def records(self) -> Iterator[Record]:
        """A record for each answer and language and for the sums, small numbers left out."""
        table = with_totals(self.people)
        hidden = hidden_cells(table)
        for cell in sorted(table, key=lambda cell: (cell[0] == ALL, cell[0], cell[1] == ALL, cell[1])):
            answer, language = cell
            text, correct = self.options.get(answer, (None, None))
            yield {
                **self.facts,
                "answer_id": answer,
                "answer_text": text,
                "correct": correct,
                "language": language,
                "learners": None if cell in hidden else table[cell],
                "suppressed": cell in hidden,
            }


async def count_records(store: Store, wanted: AnswerFilter) -> Iterator[Record]:
    """The counts, question by question."""
    async with store.read() as look:
        rows = (await look.connection.execute(_query(wanted))).all()
    return (record for tally in tallied(rows).values() for record in tally.records())


def tallied(rows: Iterable[Any]) -> Mapping[tuple[str, ...], Tally]:
    """Counted rows by question, lesson, phase and form."""
    tallies: dict[tuple[str, ...], Tally] = {}
    for row in rows:
        key = (row.question_id, row.of_lesson, row.phase, row.form)
        if key not in tallies:
            tallies[key] = Tally(
                {
                    "question_id": row.question_id,
                    "lesson": row.of_lesson or row.question_id.rpartition("/")[0] or None,
                    "phase": row.phase,
                    "question_kind": row.question_kind,
                    "question_text": plain(row.question_text),
                    "form": row.form,
                }
            )
        tallies[key].add(row)
    return tallies


def _query(wanted: AnswerFilter) -> Select[Any]:
    of_a_lesson = (_OF_A_LESSON, answers.c.course + "/" + answers.c.lesson)
    lesson = case(of_a_lesson, (_OF_A_COURSE, answers.c.course), else_="")
    time = case((_OF_A_COURSE, answers.c.form), else_="")
    once_for = (answers.c.learner_id, answers.c.question_id, answers.c.phase, lesson, time)
    first = (
        select(func.min(answers.c.id))
        .join(learners, learners.c.id == answers.c.learner_id)
        .where(shares(), *conditions(wanted))
        .group_by(*once_for)
    )
    alike = (answers.c.question_id, lesson, answers.c.phase, answers.c.form, answers.c.answer_id, answers.c.language)
    # Texts are long and sorting keeps them in memory: they come from one row of each count, the newest.
    counted = (
        select(func.max(answers.c.id).label("newest"), func.count().label("people"))
        .where(answers.c.id.in_(first))
        .group_by(*alike)
        .subquery()
    )
    return (
        select(answers, lesson.label("of_lesson"), counted.c.people)
        .join(counted, counted.c.newest == answers.c.id)
        .order_by(*alike)
    )


def _options(ids: str, texts: str) -> list[tuple[str, str | None]]:
    """The options of an answer with their texts; own words are one option, without them."""
    if not ids:
        return [(OWN_WORDS, None)]
    chosen, said = ids.split(";"), [plain(text) for text in texts.split(";")]
    return list(zip(chosen, said if len(said) == len(chosen) else [None] * len(chosen), strict=True))
