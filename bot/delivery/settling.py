"""From what became of a call to what is written down. Pure: clock and dice are passed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.outcomes import Held, Later, Left, Refused, Result, Sent, Unknown
from bot.delivery.backoff import Random, backoff
from storage.rows import SCHEDULED, Mark, OutboxRow

POISON_TRIES = 3  # of a part that makes our own code fail
UNASKED_PATIENCE = 60.0  # seconds: a scheduled part that may have arrived is repeated only then
REPEAT = 5.0  # seconds before a part that somebody waits for is repeated a second time; each further time takes longer


@dataclass(frozen=True, slots=True)
class Broken:
    """Our own code failed at a part: a bug, told by the name of its exception."""

    error: str


def settled(row: OutboxRow, result: Result | Broken, now: datetime, random: Random, patience: float) -> Mark:
    """The mark for this row. ``patience`` is the channel's, for answers that were lost."""
    match result:
        case Sent(platform_id):
            return Mark(row.id, "sent", platform_id=platform_id)
        case Held(reason):
            return Mark(row.id, "cancelled", f"held: {reason}")
        case Refused(reason) | Left(reason):
            return Mark(row.id, "failed", reason)
        case Unknown(reason):
            return Mark(row.id, "unknown", reason, _after(now, _repeat_in(row, random, patience)))
        case Broken(error) if row.attempts + 1 >= POISON_TRIES:
            return Mark(row.id, "failed", f"our error: {error}")
        case Broken(error):
            return _again(row, now, backoff(row.attempts + 1, random), f"our error: {error}", counts=True)
        case Later(after, _scope, counts, reason):
            wait = max(after, backoff(row.attempts + 1, random)) if counts else after
            return _again(row, now, wait, reason, counts=counts)


def put_off(row: OutboxRow, now: datetime, wait: float) -> Mark:
    """The chat has had enough for the moment: the same part in a while, no try used up."""
    return _again(row, now, wait, "", counts=False)


def _again(row: OutboxRow, now: datetime, wait: float, reason: str, *, counts: bool) -> Mark:
    """What may have gone out once stays unknown until it is known."""
    state = "unknown" if row.state == "unknown" else "waiting"
    return Mark(row.id, state, reason, _after(now, wait), counts=counts)  # type: ignore[arg-type]


def _repeat_in(row: OutboxRow, random: Random, patience: float) -> float:
    """Somebody waits: at once, the first time. Else, and then, it is worth a while to find out."""
    unasked = row.priority >= SCHEDULED
    if row.attempts == 0:
        return max(patience, UNASKED_PATIENCE if unasked else 0.0)
    return max(patience, backoff(row.attempts, random, UNASKED_PATIENCE if unasked else REPEAT))


def _after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)
