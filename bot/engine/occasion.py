"""A day on which something was due to a learner, and what became of it: one record a learner, day and kind."""

from dataclasses import replace
from datetime import date, datetime
from typing import Self

from bot.engine.fixed import fixed

LESSON, REVIEW, FOLLOW_UP, SLOWER = "lesson", "review", "follow_up", "slower"

# Ways that bring it now; ``hold`` brings nothing.
OPEN_WAYS = frozenset({"free_form", "other_channel"})
INVITING_WAYS = frozenset({"utility_template", "marketing_template"})
HOLD = "hold"


@fixed(frozen=True, slots=True)
class Occasion:
    """What was due when, and the decision about it.

    ``kind`` is lesson, review, follow_up or slower; ``day`` the learner's local date; ``way`` how it is sent or
    ``hold``, with the ``reason`` (a short code, ``why.<reason>`` in i18n/bot.yaml explains it); ``micros`` the cost
    expected, in millionths of a US dollar; ``country`` where that is charged for.
    """

    kind: str
    day: date
    due: datetime
    way: str = ""
    reason: str = ""
    channel: str = ""
    micros: int = 0
    country: str | None = None

    @property
    def held(self) -> bool:
        return self.way == HOLD

    def hold(self, reason: str) -> Self:
        """The same, not to be sent, and why."""
        return replace(self, way=HOLD, reason=reason)
