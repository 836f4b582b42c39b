"""When an idea comes back: after 1, 3, 7 and 21 days, missed ones first.

Fixed gaps do as well as a fitted model here: a learner meets an idea a handful of times.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.learner import Learner, Memory

GAPS = tuple(timedelta(days=days) for days in (1, 3, 7, 21))


def met(memory: Memory | None, form: str, right: bool | None, now: datetime) -> Memory:
    """The memory of an idea after its question was answered (first try) or skipped (``right`` is None)."""
    before = memory or Memory()
    stage = _stage(memory, right)
    due = now + GAPS[stage] if stage < len(GAPS) else None
    known = before.right if right is None else right
    return replace(before, due=due, stage=stage, exposures=before.exposures + 1, right=known, last_form=form)


def _stage(memory: Memory | None, right: bool | None) -> int:
    if memory is None or not right:
        return 0
    # A first answer in the lesson after a guess before it is still the first gap.
    return memory.stage + 1 if memory.due is not None else 0


def guessed(memory: Memory | None, form: str) -> Memory:
    """The memory of an idea after the guess before its lesson: met once more, nothing due yet."""
    before = memory or Memory()
    return replace(before, exposures=before.exposures + 1, last_form=form)


def due(learner: Learner, now: datetime) -> list[str]:
    """Ids of the questions that are due, missed ones first, then the longest waiting."""
    waiting = [
        (memory.right is not False, memory.due, question)
        for question, memory in learner.memory.items()
        if memory.due is not None and memory.due <= now
    ]
    return [question for _, _, question in sorted(waiting)]
