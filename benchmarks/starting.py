"""From nothing to ready, and what a bot holds when nobody writes."""

import time
from dataclasses import dataclass

from benchmarks.bots import OURS, Bot, Ports, settings, whatsapp_settings
from benchmarks.processes import Steps, folder, started, unused_port, use

RESTING = 3.0  # seconds after the start


@dataclass(frozen=True)
class Start:
    seconds: float
    rss: float


def begun(bot: Bot) -> Start:
    """Ready is when the platform has been told where updates go and the hook can be reached."""
    ports = Ports(unused_port(), unused_port())
    where_to = {"api": ports.api, "hook": ports.hook, "path": bot.path, "learners": 0, "warm": 0}
    with folder() as where, Steps(bot.world, where_to) as world:
        world.until("listening")
        env = dict(bot.env(ports, where))
        if bot is OURS:
            env = whatsapp_settings(ports, where) | settings(ports, where)  # both channels on
        began = time.perf_counter()
        with started(bot.command(ports, where), env, where) as process:
            world.until("reached")
            seconds = time.perf_counter() - began
            time.sleep(RESTING)
            return Start(seconds, use(process.pid).rss)
