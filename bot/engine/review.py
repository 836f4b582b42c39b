"""When an idea comes back: after 1, 3, 7 and 21 days, missed ones first.

Fixed gaps do as well as a fitted model here: a learner meets an idea a handful of times.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.course import Library
from bot.engine.learner import Learner, Memory

GAPS = tuple(timedelta(days=days) for days in (1, 3, 7, 21))
AT_MOST = 3  # questions of one session: a minute, and then something new
# Who answers at five past seven is asked again at seven: a gap is days on a calendar, not on a stopwatch.
SLACK = timedelta(hours=4)


def met(memory: Memory | None, form: str, right: bool | None, now: datetime) -> Memory:
    """The memory of an idea after its question was answered (first try) or skipped (``right`` is None)."""
    before = memory or Memory()
    stage = _stage(before, right, now)
    due = now + GAPS[stage] if stage < len(GAPS) else None
    known = before.right if right is None else right
    return replace(before, due=due, stage=stage, exposures=before.exposures + 1, right=known, last_form=form)


def _stage(memory: Memory, right: bool | None, now: datetime) -> int:
    if not right:
        return 0
    # A first answer in the lesson after a guess before it is still the first gap, and what is over stays over. Asked
    # before its time, an idea waits as long again: three reviews of one evening are not three weeks.
    return memory.stage + 1 if is_due(memory, now) else memory.stage


def guessed(memory: Memory | None, form: str) -> Memory:
    """The memory of an idea after the guess before its lesson: met once more, nothing due yet."""
    before = memory or Memory()
    return replace(before, exposures=before.exposures + 1, last_form=form)


def is_due(memory: Memory, now: datetime) -> bool:
    return memory.due is not None and memory.due - SLACK <= now


def due(learner: Learner, now: datetime) -> list[str]:
    """Ids of the questions that are due, missed ones first, then the longest waiting."""
    waiting = [
        (memory.right is not False, memory.due, question)
        for question, memory in learner.memory.items()
        if memory.due is not None and is_due(memory, now)
    ]
    return [question for _, _, question in sorted(waiting)]


def session(learner: Learner, library: Library, now: datetime, *, only_due: bool = False) -> tuple[str, ...]:
    """The questions of one review: what is due; where nothing is and not only that counts, what comes soonest."""
    found = _askable(learner, library, due(learner, now))
    if not found and not only_due:
        found = _askable(learner, library, _soonest(learner))
    return tuple(found[:AT_MOST])


def _askable(learner: Learner, library: Library, questions: list[str]) -> list[str]:
    """Those the library still has in the learner's language, but for the one in front of the learner."""
    found = []
    for question in questions:
        lesson = library.lesson(question.rpartition("/")[0])
        there = lesson is not None and learner.language in lesson.languages and library.question(question) is not None
        if there and question != learner.place.item:
            found.append(question)
    return found


def _soonest(learner: Learner) -> list[str]:
    """All ideas met in their lessons: the next to come first, those that are over last."""
    coming = [
        (memory.due is None, memory.due or learner.seen, question)
        for question, memory in learner.memory.items()
        if memory.due is not None or memory.right is not None
    ]
    return [question for _, _, question in sorted(coming)]


def kept(learner: Learner) -> int:
    """Ideas the learner keeps: those whose question was right the last time."""
    return sum(1 for memory in learner.memory.values() if memory.right)
