"""The public tier: how many learners gave which answer in which language, with nobody to be found in it.

A learner counts once for a question in a phase, with their first try; a filter picks among these. Who was asked in
other words counts apart: a question that has changed is another question. Answers that have outlived their tie to a
person cannot be told apart by person and are not counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, func, select

from bot.content.markup import plain
from bot.evidence.columns import ALL
from bot.evidence.reading import conditions, shares
from bot.evidence.records import Record
from bot.evidence.suppression import LIMIT, Cell, hidden_cells, hidden_in_a_row, with_totals
from storage.rows import AnswerFilter
from storage.store import Store
from storage.tables import answers, learners

OWN_WORDS = "words"  # in place of an answer's id where it was typed

_OF_A_LESSON = answers.c.phase == "reaction"  # one question for all lessons, counted for each
_OF_A_COURSE = answers.c.phase == "follow_up"  # one for all courses, counted for each and each time it is asked


@dataclass(slots=True)
class Tally:
    """One question in one form, wording and phase: its facts, and how many learners by answer and language."""

    facts: dict[str, Any]
    people: Counter[Cell] = field(default_factory=Counter)
    everybody: Counter[str] = field(default_factory=Counter)  # by language
    options: dict[str, tuple[str | None, bool | None]] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        several = row.question_kind == "multiple"  # an option of several is neither right nor wrong by itself
        self.everybody[row.language] += row.people
        for id_, text in _options(row.answer_id, row.answer_text):
            self.people[id_, row.language] += row.people
            self.options[id_] = (text, None if several else row.correct)

    def worded_like(self, other: "Tally") -> bool:
        """Whether both asked the same, with the same answers right."""
        both = self.options.keys() & other.options.keys()
        same = all(self.options[id_] == other.options[id_] for id_ in both)
        return same and self.facts["question_text"] == other.facts["question_text"]

    def pool(self, newer: "Tally") -> None:
        self.facts = newer.facts
        self.people.update(newer.people)
        self.everybody.update(newer.everybody)
        self.options.update(newer.options)

    def records(self) -> Iterator[Record]:
        """A record for each answer and language and for the sums, small numbers left out.

        Of a language with few learners there is its sum alone: an answer that nobody gave would tell of the others.
        """
        small = {language for language, people in self.everybody.items() if people < LIMIT}
        table, hidden = self._table(small)
        listed = [cell for cell in table if cell[0] == ALL or (cell[1] not in small and table[cell])]
        if sum(self.everybody.values()) < LIMIT:
            listed = [(ALL, ALL)]
        for cell in sorted(listed, key=lambda cell: (cell[0] == ALL, cell[0], cell[1] == ALL, cell[1])):
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

    def _table(self, small: Set[str]) -> tuple[dict[Cell, int], Set[Cell]]:
        """The cells with their sums, and which of them are hidden."""
        inner = {(id_, language): self.people[id_, language] for id_ in self.options for language in self.everybody}
        inner = {cell: people for cell, people in inner.items() if people or cell[1] in small}
        if self.facts["question_kind"] != "multiple":
            table = with_totals(inner)
            return table, hidden_cells(table, unlisted=small)
        # Whoever chooses several stands in several rows: each row adds up by itself, and so do the people.
        people = {(ALL, language): count for language, count in self.everybody.items()}
        table, hidden = {}, set()
        for row in (*self.options, ALL):
            line = {cell: count for cell, count in (inner | people).items() if cell[0] == row}
            table |= line | {(row, ALL): sum(line.values())}
            hidden |= hidden_in_a_row(line, small)
        return table, hidden


async def count_records(store: Store, wanted: AnswerFilter) -> Iterator[Record]:
    """The counts, question by question."""
    async with store.read() as look:
        rows = (await look.connection.execute(_query(wanted))).all()
    return (record for tally in tallied(rows) for record in tally.records())


def tallied(rows: Iterable[Any]) -> list[Tally]:
    """Counted rows by question, lesson, phase, form and wording, the older wording first."""
    versions: dict[tuple[Any, ...], Tally] = {}
    for row in sorted(rows, key=lambda row: row.id):
        key = (row.question_id, row.of_lesson, row.phase, row.form, row.content_version)
        versions.setdefault(key, Tally(_facts(row))).add(row)
    wordings: dict[tuple[Any, ...], list[Tally]] = {}
    for key in sorted(versions, key=lambda key: key[:4]):
        known, tally = wordings.setdefault(key[:4], []), versions[key]
        older = next((one for one in known if one.worded_like(tally)), None)
        if older is None:
            known.append(tally)
        else:
            older.pool(tally)
    return [tally for known in wordings.values() for tally in known]


def _facts(row: Any) -> dict[str, Any]:
    return {
        "question_id": row.question_id,
        "lesson": row.of_lesson or row.question_id.rpartition("/")[0] or None,
        "content_version": row.content_version,
        "phase": row.phase,
        "question_kind": row.question_kind,
        "question_text": plain(row.question_text),
        "form": row.form,
    }


def _query(wanted: AnswerFilter) -> Select[Any]:
    of_a_lesson = (_OF_A_LESSON, answers.c.course + "/" + answers.c.lesson)
    lesson = case(of_a_lesson, (_OF_A_COURSE, answers.c.course), else_="")
    time = case((_OF_A_COURSE, answers.c.form), else_="")
    once_for = (answers.c.learner_id, answers.c.question_id, answers.c.phase, lesson, time)
    first = (
        select(func.min(answers.c.id))
        .join(learners, learners.c.id == answers.c.learner_id)
        .where(shares(), answers.c.attempt == 1)
        .group_by(*once_for)
    )
    asked = (answers.c.question_id, lesson, answers.c.phase, answers.c.form, answers.c.content_version)
    alike = (*asked, answers.c.answer_id, answers.c.language)
    # Texts are long and sorting keeps them in memory: they come from one row of each count, the newest.
    counted = (
        select(func.max(answers.c.id).label("newest"), func.count().label("people"))
        .where(answers.c.id.in_(first), *conditions(wanted))
        .group_by(*alike)
        .subquery()
    )
    return select(answers, lesson.label("of_lesson"), counted.c.people).join(counted, counted.c.newest == answers.c.id)


def _options(ids: str, texts: str) -> list[tuple[str, str | None]]:
    """The options of an answer with their texts; own words are one option, without them."""
    if not ids:
        return [(OWN_WORDS, None)]
    chosen, said = ids.split(";"), [plain(text) for text in texts.split(";")]
    return list(zip(chosen, said if len(said) == len(chosen) else [None] * len(chosen), strict=True))
