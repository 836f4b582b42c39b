"""The public tier: how many learners gave which answer, with nobody to be found in it.

A learner counts once for a question in a phase, with their first try; a filter picks among these. Who was asked in
other words counts apart: a question that has changed is another question. Answers that have outlived their tie to a
person cannot be told apart by person and are not counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Select, case, func, select

from bot.content.markup import plain
from bot.evidence.asked import Asked
from bot.evidence.columns import OWN_WORDS, WHOLE
from bot.evidence.reading import conditions, shares
from bot.evidence.records import Record
from bot.evidence.suppression import SUM, Cell, Count, published
from storage.rows import AnswerFilter
from storage.store import Store
from storage.tables import answers, learners

Options = Mapping[str, tuple[str | None, bool | None]]  # by id: the text, and whether it is right

_OF_A_LESSON = answers.c.phase == "reaction"  # one question for all lessons, counted for each
_OF_A_COURSE = answers.c.phase == "follow_up"  # one for all courses, counted for each and each time it is asked


@dataclass(slots=True)
class Tally:
    """One question in one form, wording and phase: its facts, and how many learners by answer and language."""

    facts: dict[str, Any]
    people: Counter[tuple[str, str]] = field(default_factory=Counter)  # by answer and language
    everybody: Counter[str] = field(default_factory=Counter)  # by language
    options: dict[str, tuple[str | None, bool | None]] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        return bool(self.facts["question_kind"] == "multiple")

    def add(self, row: Any) -> None:
        self.everybody[row.language] += row.people
        for id_, text in _options(row.answer_id, row.answer_text):
            self.people[id_, row.language] += row.people
            # An option of several is neither right nor wrong by itself.
            self.options[id_] = (text, None if self.several else row.correct)

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

    def records(self, today: Asked | None) -> Iterator[Record]:
        """A record for each number that may be told of; ``today`` is how this question is asked now."""
        offered = self._offered(today)
        answers = None if offered is None else tuple(offered)
        lines = published(Count(self.people, self.everybody, answers, self.several))
        options = {**(offered or {}), **self.options}
        for cell in sorted(lines, key=lambda cell: _place(cell, list(options))):
            answer, language = cell
            text, correct = options[answer] if answer is not SUM else (None, None)
            yield {
                **self.facts,
                "answer_id": WHOLE if answer is SUM else answer,
                "answer_text": text,
                "correct": correct,
                "language": WHOLE if language is SUM else language,
                "learners": lines[cell],
                "suppressed": lines[cell] is None,
            }

    def _offered(self, today: Asked | None) -> Options | None:
        """All there was to choose from; None where the question is no longer asked in these words."""
        if self.facts["question_kind"] == "open":
            return {OWN_WORDS: (None, None)}
        if (
            today is None
            or today.text != self.facts["question_text"]
            or not self.options.keys() <= today.options.keys()
        ):
            return None
        return {id_: (text, None if self.several else right) for id_, (text, right) in today.options.items()}


def _place(cell: Cell, options: list[str]) -> tuple[int, bool, str]:
    """In the order of the options and then of the languages, each with its sum last."""
    answer, language = cell
    return len(options) if answer is SUM else options.index(answer), language is SUM, language or ""


async def count_records(store: Store, wanted: AnswerFilter, today: Mapping[tuple[str, str], Asked]) -> Iterator[Record]:
    """The counts, question by question; ``today`` are the questions as they are asked now, by id and form.

    A course is wanted with all that was answered to the questions of its lessons, wherever that was.
    """
    async with store.read() as look:
        rows = (await look.connection.execute(_query(replace(wanted, course=None)))).all()
    return (
        record
        for tally in tallied(rows)
        if wanted.course in (None, (tally.facts["lesson"] or "").partition("/")[0])
        for record in tally.records(today.get((tally.facts["question_id"], tally.facts["form"])))
    )


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
