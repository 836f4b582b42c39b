"""From what became of a call to what is written down. Pure: clock and dice are passed in."""

from datetime import datetime, timedelta

from bot.delivery.backoff import FIRST, Random, backoff
from bot.engine.fixed import fixed
from bot.outcomes import LONGEST_WAIT, Held, Later, Left, Refused, Result, Sent, Unknown
from storage.rows import SCHEDULED, Mark, OutboxRow, follows

HELD = "held: "  # before the reason, on a part that was not even tried
POISON_TRIES = 3  # of a part that makes our own code fail
UNASKED_PATIENCE = 60.0  # seconds: a scheduled part that may have arrived is repeated only then
DOUBT = 15.0  # seconds until a part that somebody waits for and may have is repeated: who has it has pressed by then


@fixed(frozen=True, slots=True)
class Broken:
    """Our own code failed at a part: a bug, told by the name of its exception."""

    error: str


@fixed(frozen=True, slots=True)
class Doubt:
    """What to do while a part may have arrived: the channel's ``patience``, and whether a repeat is ``unseen``."""

    patience: float
    unseen: bool = False


NO_DOUBT = Doubt(0.0, unseen=True)


def settled(row: OutboxRow, result: Result | Broken, now: datetime, random: Random, doubt: Doubt) -> Mark:
    """The mark for this row."""
    match result:
        case Sent(platform_id):
            return Mark(row.id, "sent", platform_id=platform_id)
        case Held(reason):
            return Mark(row.id, "cancelled", f"{HELD}{reason}", follows=follows(row.kind, row.learner_id))
        case Refused(reason):
            return Mark(row.id, "failed", reason, follows=follows(row.kind, row.learner_id))
        case Left(reason):
            return Mark(row.id, "failed", reason, follows=follows(row.kind, row.learner_id, gone=True))
        case Unknown(reason):
            return Mark(row.id, "unknown", reason, _repeat_at(row, now, random, doubt))
        case Broken(error) if row.attempts + 1 >= POISON_TRIES:
            return Mark(row.id, "failed", f"our error: {error}", follows=follows(row.kind, row.learner_id))
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


def left_behind(row: OutboxRow, now: datetime, doubt: Doubt) -> Mark:
    """Its sender was lost: it may have gone out. Taps made meanwhile are only now on their way to us."""
    return Mark(row.id, "unknown", "its sender was lost", _after(now, _doubted_for(row, doubt)))


def _repeat_at(row: OutboxRow, now: datetime, random: Random, doubt: Doubt) -> datetime:
    """The first time counted from when it was due, where somebody waits: a time-out is part of what they waited."""
    seconds = _doubted_for(row, doubt)
    if row.attempts:
        return _after(now, max(doubt.patience, backoff(row.attempts, random, seconds or FIRST)))
    since = row.due_at if row.priority < SCHEDULED else now
    return max(_after(now, doubt.patience), _after(since, seconds))


def _doubted_for(row: OutboxRow, doubt: Doubt) -> float:
    if doubt.unseen:
        return 0.0
    return max(doubt.patience, UNASKED_PATIENCE if row.priority >= SCHEDULED else DOUBT)


def _after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=min(seconds, LONGEST_WAIT))
