"""What a batch of turns comes to, table by table: one statement each, however many turns there are.

Turns are taken in order of arrival, and a later one undoes what it must: only a learner's last state is written,
answers given before a withdrawal of consent are dropped, and of somebody deleted nothing is left but the last
words to them.

Somebody whose two addresses lead to two learners (the platform told only later that they are one) stops and deletes
both, from either.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson

from bot.engine.learner import Learner
from bot.engine.occasion import Occasion
from bot.engine.turn import Answered, AnswersForgotten, Consented, Erased, Joined, Noted, Stopped, Undone
from bot.seal import Seal
from storage import outbox, statements
from storage.erasing import drop_strays, erase
from storage.lean import AsyncConnection
from storage.learner_rows import row_of
from storage.rows import Handled, Kept, NewLine, NewPart, Parked, Spending

Row = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Rows to write, gathered from turns, ``at`` a moment; ``split`` as ``arriving`` tells it."""

    at: datetime
    split: Mapping[int, str] = field(default_factory=dict)
    learners: dict[str, Learner] = field(default_factory=dict)
    newcomers: dict[str, int] = field(default_factory=dict)  # learner → the address they came from
    erased: dict[str, int] = field(default_factory=dict)  # learner → the address they asked from
    erased_too: list[str] = field(default_factory=list)
    stopped_too: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    joins: Counter[str] = field(default_factory=Counter)
    parts: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    parked: list[Row] = field(default_factory=list)
    occasions: list[tuple[str, Occasion]] = field(default_factory=list)
    undone: list[Row] = field(default_factory=list)
    called_off: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    spent: dict[str, Spending] = field(default_factory=dict)

    def take(self, handled: Handled, now: datetime) -> None:
        learner = handled.learner
        for part in handled.parts:
            self.parts.append(_part(part, now))
        if handled.spent is not None:
            self._spend(handled.spent)
        if learner is None:
            return
        if handled.new or learner.id in self.erased:
            self.newcomers[learner.id] = handled.address_id
        self.learners[learner.id] = learner
        if handled.called_off:
            self.called_off.append(learner.id)
        if handled.gone:
            self._forget(self.parts, learner.id)
            self.gone.append(learner.id)
        self.lines.extend(_line(line, learner.id) for line in handled.lines)
        for record in handled.records:
            self._remember(record, learner.id, handled.address_id)

    def _spend(self, one: Spending) -> None:
        self.spent[one.country] = self.spent.get(one.country, Spending(one.country, 0, 0)).plus(one)

    def _remember(self, record: object, learner_id: str, address_id: int) -> None:
        match record:
            case Kept():
                self.answers.append(_answer(record, learner_id))
            case Consented():
                self.consents.append(_consent(record, learner_id))
            case Joined(campaign):
                self.joins[campaign] += 1
            case Noted(occasion):
                self.occasions.append((learner_id, occasion))
            case Undone(kind, day):
                self.undone.append({"of": learner_id, "kind": kind, "day": day.isoformat()})
            case AnswersForgotten():
                self._forget(self.answers, learner_id)
                self.forgotten.append(learner_id)
            case Erased():
                self._erase(learner_id, address_id)
                self.erased_too += self._other(address_id)
            case Stopped():
                self.stopped_too += self._other(address_id)
                self.called_off += self._other(address_id)
            case Answered():
                raise TypeError("an answer is stored with its English words and who gave it: as Kept")

    def _other(self, address_id: int) -> list[str]:
        """The other learner whom whoever writes from there has been taken for."""
        return [self.split[address_id]] if address_id in self.split else []

    def _erase(self, learner_id: str, address_id: int) -> None:
        """Nothing of the learner is written; last words go to the address they asked from, without them."""
        for rows in (self.answers, self.consents, self.lines):
            self._forget(rows, learner_id)
        self.occasions[:] = [noted for noted in self.occasions if noted[0] != learner_id]
        last_words = [
            {**row, "learner_id": None}
            for row in self.parts
            if row["learner_id"] == learner_id and row["address_id"] == address_id
        ]
        self._forget(self.parts, learner_id)
        self.parts.extend(last_words)
        self.learners.pop(learner_id)
        self.newcomers.pop(learner_id, None)
        self.erased[learner_id] = address_id

    @staticmethod
    def _forget(rows: list[Row], learner_id: str) -> None:
        rows[:] = [row for row in rows if row["learner_id"] != learner_id]

    def park(self, parked: Parked, seal: Seal) -> None:
        event = parked.event
        self.parked.append(
            {
                "of_channel": event.address.channel,
                "event": event.id,
                "state": "parked",
                "reason": parked.error,
                "payload": seal.seal(repr(event)),
                "address": parked.address_id,
            }
        )


def gather(
    turns: Sequence[Handled | Parked], seal: Seal, now: datetime, split: Mapping[int, str] | None = None
) -> Changes:
    changes = Changes(now, split or {})
    for turn in turns:
        if isinstance(turn, Parked):
            changes.park(turn, seal)
        else:
            changes.take(turn, now)
    return changes


async def write(connection: AsyncConnection, changes: Changes) -> int:
    """Writes everything; returns how many waiting parts were cancelled: their learner is gone, or wants no more."""
    cancelled = await _remove(connection, changes) + await _call_off(connection, changes)
    new = [row_of(learner) for learner in changes.learners.values() if learner.id in changes.newcomers]
    known = [row_of(learner) for learner in changes.learners.values() if learner.id not in changes.newcomers]
    for statement, rows in (
        (statements.INSERT_LEARNER, new),
        (statements.LINK_ADDRESS, [{"key": at, "learner": learner} for learner, at in changes.newcomers.items()]),
        (statements.UPDATE_LEARNER, [{**row, "key": row["id"]} for row in known]),
        (statements.INSERT_ANSWER, changes.answers),
        (statements.INSERT_CONSENT, changes.consents),
        (statements.INSERT_LINE, changes.lines),
        (statements.INSERT_PART, changes.parts),
        (statements.PARK, changes.parked),
        (statements.COUNT_JOIN, [{"key": code, "more": more} for code, more in sorted(changes.joins.items())]),
    ):
        await statement.run(connection, rows)
    if changes.stopped_too:
        await connection.execute(statements.STOP, {"ids": changes.stopped_too})
    if changes.erased:
        await drop_strays(connection, changes.erased.values())
    return cancelled


async def _call_off(connection: AsyncConnection, changes: Changes) -> int:
    """What was to come unasked stays here; what answers the learner still goes, unless they are gone."""
    cancelled = 0
    if changes.gone:
        cancelled += await outbox.cancel(connection, changes.gone, "the learner left", changes.at)
    if changes.called_off:
        result = await connection.execute(statements.CALL_OFF, {"ids": changes.called_off, "now": changes.at})
        cancelled += len(result.all())
    return cancelled


async def _remove(connection: AsyncConnection, changes: Changes) -> int:
    if changes.forgotten:
        await connection.execute(statements.FORGET_ANSWERS, {"ids": changes.forgotten})
    if not changes.erased:
        return 0
    still_used = {row["address_id"] for row in changes.parts} | set(changes.newcomers.values())
    return await erase(connection, {*changes.erased, *changes.erased_too}, still_used)


def _part(part: NewPart, now: datetime) -> Row:
    return {
        "learner_id": part.learner_id,
        "address_id": part.address_id,
        "channel": part.channel,
        "body": orjson.dumps(part.body).decode(),
        "priority": part.priority,
        "kind": part.kind,
        "state": "waiting",
        "attempts": 0,
        "due_at": part.due_at,
        "created_at": now,
        "epoch": 0,
        "holds": part.holds,
    }


def _line(line: NewLine, learner_id: str) -> Row:
    return {"learner_id": learner_id, "at": line.at, "side": line.side, "body": orjson.dumps(line.body).decode()}


def _consent(consent: Consented, learner_id: str) -> Row:
    return {
        "learner_id": learner_id,
        "at": consent.at,
        "text_version": consent.text_version,
        "keep": consent.keep,
        "channel": consent.channel,
    }


def _answer(kept: Kept, learner_id: str) -> Row:
    answered = kept.answered
    return {
        "response_id": str(uuid4()),
        "learner_id": learner_id,
        "answered_at": answered.at,
        "channel": kept.channel,
        "language": answered.language,
        "role": kept.role,
        "age_band": kept.age_band,
        "country": kept.country,
        "campaign": kept.campaign,
        "course": answered.course,
        "lesson": answered.lesson,
        "content_version": answered.version,
        "phase": answered.phase,
        "question_id": answered.question,
        "question_kind": answered.kind,
        "question_text": kept.question_text,
        "form": answered.form,
        "attempt": answered.attempt,
        "pre_assigned": answered.pre_assigned,
        "exposures": answered.exposures,
        "answer_id": ";".join(answered.answer_ids),
        "answer_text": kept.answer_text if answered.text is None else "",
        "own_words": answered.text,
        "correct": answered.correct,
        "seconds_to_answer": answered.seconds,
    }
