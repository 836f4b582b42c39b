"""Turns of a quiz: one bot, one plan, one run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bots import Bot, Ports
from benchmarks.processes import Steps, Use, folder, started, unused_port, use


@dataclass(frozen=True)
class Run:
    """What one run showed. Times are milliseconds, memory MiB; CPU is the bot's own."""

    turns_a_second: float
    cpu_per_1000: float
    p50: float
    p95: float
    longest: float
    peak: float
    calls_a_turn: float
    doubled: int
    lost: int
    refused: int


def played(bot: Bot, before_start: Callable[[Path], None] | None = None, **plan: Any) -> Run:
    """The bot in a fresh folder, played with by learners until all have had their turns."""
    ports = Ports(unused_port(), unused_port())
    where_to = {"api": ports.api, "hook": ports.hook, "path": bot.path}
    with folder() as where, Steps(bot.world, where_to | plan) as world:
        if before_start is not None:
            before_start(where)
        world.until("listening")
        with started(bot.command(ports, where), bot.env(ports, where), where) as process:
            world.until("begin")
            before = use(process.pid)
            world.until("timed")
            after = use(process.pid)
            return _run(world.until("end"), before, after, use(process.pid))


def _run(seen: dict[str, Any], before: Use, after: Use, settled: Use) -> Run:
    turns = seen["turns"]
    return Run(
        turns / seen["seconds"],
        1000 * (after.cpu - before.cpu) / turns,
        seen["p50"],
        seen["p95"],
        seen["longest"],
        settled.peak,
        seen["calls"] / turns,
        seen["doubled"],
        seen["lost"],
        seen["refused"],
    )
