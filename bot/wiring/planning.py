"""The planner put together, and what is told of its work: how late things came, what was held and why, what it cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.delivery.planner import Inviting, Planner
from bot.delivery.sender import TOO_LATE
from bot.engine import window
from bot.engine.events import Unsent
from bot.engine.occasion import HOLD
from storage.rows import OutboxRow

if TYPE_CHECKING:
    from bot.wiring.house import House

log = structlog.get_logger()

LOOKED_BACK = timedelta(hours=24)  # of what /readyz and /metrics tell about daily lessons


def open_planner(house: "House") -> Planner:
    """The planner, not yet at work."""
    return Planner(
        house.service,
        house.store,
        house.purse.rules,
        content=lambda: house.content,
        clock=house.clock,
        inviting=inviting(house),
        after_commit=house.after_commit,
    )


def inviting(house: "House") -> dict[str, Inviting]:
    """The channels that have templates to ask a learner in with."""
    return {name: channel for name, channel in house.channels.items() if isinstance(channel, Inviting)}


def cost(rules: window.Rules, channel: str, country: str | None, parts: int) -> int:
    """What so many free-form messages cost there, in millionths of a US dollar; nothing on a channel without prices."""
    if channel not in rules.channels:
        return 0
    return window.cost(window.Route(0, channel, country), window.SERVICE, parts, rules)


async def decided_again(house: "House", part: OutboxRow, *, closed: bool = False, final: bool = False) -> None:
    """What was brought unasked and could not be sent: its day is decided again, once; or that is no use (``final``)."""
    day = await house.store.day_of(part)
    if day is None:
        return
    now = house.clock()
    await house.service.handle(
        Unsent(
            id=f"unsent:{part.id}", address=part.address, at=now, kind=part.kind, day=day, closed=closed, final=final
        )
    )


async def came_to_nothing(house: "House", part: OutboxRow, reason: str) -> None:
    """A part that was not sent because it was too late for it; what a platform refuses is no use trying again.

    Either way nobody can have left it unanswered.
    """
    await decided_again(house, part, final=reason != TOO_LATE)


async def tell(house: "House") -> None:
    """What the database knows of the last day, for /metrics and /readyz; a budget nearly used up is told in the log."""
    since = house.clock() - LOOKED_BACK
    decisions, late = await house.store.decisions(since), spread(await house.store.lateness(since))
    house.metrics.brought(decisions, late)
    house.daily = {"late_seconds": late, "held": _held(decisions)}
    spent = house.purse.spent(None)
    house.metrics.spent(spent.messages, spent.micros)
    for country in house.purse.warnings():
        if house.warned.get(country) != house.purse.today():
            house.warned[country] = house.purse.today()
            log.warning("budget.nearly_used_up", country=country or "unknown", messages=spent.messages)


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Half came within ``p50`` seconds, all but one in a hundred within ``p99``; of sorted figures."""
    if not seconds:
        return {"p50": 0.0, "p99": 0.0, "worst": 0.0}
    at = partial(_nearest, seconds)
    return {"p50": at(0.50), "p99": at(0.99), "worst": seconds[-1]}


def _nearest(seconds: Sequence[float], share: float) -> float:
    return round(seconds[min(len(seconds) - 1, int(share * len(seconds)))], 3)


def _held(decisions: Mapping[tuple[str, str, str], int]) -> dict[str, int]:
    """How many days were held, by reason."""
    held: Counter[str] = Counter()
    for (_kind, way, reason), count in decisions.items():
        held[reason] += count if way == HOLD else 0
    return {reason: count for reason, count in held.items() if count}
