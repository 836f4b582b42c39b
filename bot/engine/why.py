"""Why something came, came late or did not come, in one honest sentence."""

from datetime import datetime, timedelta
from typing import Protocol

from bot.engine.learner import Learner
from bot.engine.occasion import INVITING_WAYS, Occasion
from bot.engine.turn import Phrase, Text, When

LATE_MINUTES = timedelta(minutes=5)  # nobody calls less than that late
PARTS_KEPT = timedelta(days=7)  # how long is known what became of a message (storage/retention.py)
NOTHING_SENT = frozenset({"web"})  # a page reads its lines: what was brought is there
ARRIVED = frozenset({"sent"})
LOST = frozenset({"failed", "cancelled"})


class Record(Protocol):
    """What is on record about an occasion: ``state`` and ``outcome`` are of the message it brought, if any."""

    @property
    def occasion(self) -> Occasion: ...

    @property
    def state(self) -> str | None: ...

    @property
    def ended_at(self) -> datetime | None: ...


def explained(last: Record | None, learner: Learner, now: datetime) -> tuple[Text, ...]:
    """What happened to the last thing that was due, as texts."""
    if last is None:
        return (Phrase("why.nothing_yet"),)
    zone = learner.daily.zone if learner.daily is not None and learner.daily.zone else learner.zone or "UTC"
    return (Phrase(f"why.{reason(last, now)}", {"when": When(last.occasion.due, zone)}),)


def reason(last: Record, now: datetime) -> str:
    """The code of the sentence (``why.<code>`` in i18n/bot.yaml)."""
    occasion = last.occasion
    if occasion.held:
        return occasion.reason
    if last.state in LOST:
        return "lost"
    if last.state is None and occasion.channel not in NOTHING_SENT and now - occasion.due > PARTS_KEPT:
        return "sent_then"
    if last.state is not None and last.state not in ARRIVED:
        return "on_its_way"
    if occasion.way in INVITING_WAYS:
        return "invited"
    late = last.ended_at is not None and last.ended_at - occasion.due > LATE_MINUTES
    return "came_late" if late else "came"
