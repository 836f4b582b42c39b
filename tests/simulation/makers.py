"""Rehearsals small enough for a test, on the real lessons and rules."""

import asyncio
from dataclasses import replace
from typing import Any

from bot.service import Content
from bot.simulation.figures import Figures
from bot.simulation.people import Habits
from bot.simulation.plan import Plan, lifted
from bot.simulation.world import Ground, rehearsed
from bot.wiring.rehearsing import ground

ROUGH = Habits(silence=0.02, pausing=0.02, stopping=0.01, blocking=0.01, changing=0.02, arriving=2)


def standing(content: Content, **changes: Any) -> Ground:
    """The ground of the command, on lessons that are read already and with budgets lifted."""
    real = ground()
    return replace(real, content=content, rules=lifted(real.policy), **changes)


def rehearse(on: Ground, channel: str = "mix", learners: int = 60, days: int = 8, **plan: Any) -> Figures:
    """With people who are harder to serve than most."""
    habits = plan.pop("habits", replace(ROUGH, channel=channel))
    plan.setdefault("step", 15)  # minutes; fewer moments, fewer commits, a test that takes seconds
    return asyncio.run(rehearsed(Plan(learners, days, habits=habits, **plan), on))
