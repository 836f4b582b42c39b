"""Twenty thousand messages that are due: how fast they go out, each with its outcome written down."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bots import OURS, TOKEN, Bot, Ports, settings
from benchmarks.filled import with_messages
from benchmarks.processes import FIELD, Steps, folder, started, unused_port, use

OTHERS = 2_000  # of python-telegram-bot, whose rate does not depend on how many there are


@dataclass(frozen=True)
class Sending:
    messages_a_second: float
    cpu_per_1000: float
    peak: float


def ours(many: int) -> Sending:
    """From the first message's arrival to the last one's; all of them are in the outbox when the process starts."""
    return sent(OURS, many, lambda where: with_messages(where / "bot.sqlite3", many))


def ptb() -> Sending:
    """``send_message`` for each, a hundred at once."""
    bot = Bot(
        "python-telegram-bot, send_message",
        lambda ports, where: [
            str(FIELD), "-m", "benchmarks.contenders.ptb_broadcast", f"http://127.0.0.1:{ports.api}", TOKEN, str(OTHERS)
        ],
    )  # fmt: skip
    return sent(bot, OTHERS)


def sent(bot: Bot, many: int, fill: Callable[[Path], None] = lambda where: None) -> Sending:
    """What so many messages take a bot that begins as soon as it is started."""
    ports = Ports(unused_port(), unused_port())
    with folder() as where, Steps("benchmarks.counter", {"api": ports.api, "expected": many}) as platform:
        fill(where)
        platform.until("listening")
        env = settings(ports, where) if bot is OURS else {}
        with started(bot.command(ports, where), env, where) as process:
            platform.until("first")
            before = use(process.pid)
            seconds = platform.until("last")["seconds"]
            if bot is OURS:
                _marked(where / "bot.sqlite3")
            after = use(process.pid)
    return Sending(many / seconds, 1000 * (after.cpu - before.cpu) / many, after.peak)


def _marked(file: Path) -> None:
    """Comes back once every outcome is written down."""
    import sqlite3
    from contextlib import closing

    deadline = time.monotonic() + 30
    with closing(sqlite3.connect(file)) as database:
        while database.execute("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone()[0]:
            assert time.monotonic() < deadline, "not every outcome was written down"
            time.sleep(0.02)
