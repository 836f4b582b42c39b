"""Memory under load that goes on: does it grow, and how fast?"""

import statistics
import time
from dataclasses import dataclass

from benchmarks.bots import Bot, Ports
from benchmarks.processes import Steps, folder, started, unused_port, use

WARMING = 0.2  # of the time, in which pools, caches and the allocator find their size
LOOKS = 120  # at the memory, over the whole time


@dataclass(frozen=True)
class Growth:
    """``first`` and ``last`` are MiB of resident memory after warming up and at the end; ``slope`` is MiB an hour.

    ``error`` is the standard error of the slope, in the same unit.
    """

    turns: int
    first: float
    last: float
    slope: float
    error: float


def growth(bot: Bot, seconds: float, at_once: int = 16) -> Growth:
    """The slope of a line through the memory, by least squares, once it has warmed up."""
    ports = Ports(unused_port(), unused_port())
    plan = {"api": ports.api, "hook": ports.hook, "path": bot.path, "seconds": seconds, "at_once": at_once}
    with folder() as where, Steps(bot.world, plan) as world:
        world.until("listening")
        with started(bot.command(ports, where), bot.env(ports, where), where) as process:
            world.until("begin")
            looks = _looks(process.pid, seconds)
            turns = world.until("end")["turns"]
    warm = [(at, rss) for at, rss in looks if at >= WARMING * seconds]
    slope, error = _line(warm)
    return Growth(turns, warm[0][1], warm[-1][1], 3600 * slope, 3600 * error)


def _looks(pid: int, seconds: float) -> list[tuple[float, float]]:
    """Moments and MiB."""
    began, found = time.perf_counter(), []
    for look in range(LOOKS):
        time.sleep(max(0.0, began + look * seconds / LOOKS - time.perf_counter()))
        found.append((time.perf_counter() - began, use(pid).rss))
    return found


def _line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Slope of the line through the points, and its standard error."""
    moments, sizes = zip(*points, strict=True)
    slope, start = statistics.linear_regression(moments, sizes)
    off = sum((size - start - slope * moment) ** 2 for moment, size in points)
    middle = statistics.fmean(moments)
    spread = sum((moment - middle) ** 2 for moment in moments)
    return slope, (off / (len(points) - 2) / spread) ** 0.5
