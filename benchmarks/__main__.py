"""``python -m benchmarks [name …]``: runs the benches by name, all of them without, and prints their tables.

Figures of one run may be compared with each other; those of two machines, or of two days, may not.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from benchmarks import due, exporting, fanout, handing, memory, starting
from benchmarks.bots import AIOGRAM, FLOOR, OURS, OURS_WHATSAPP, PTB, TUTORIAL, Bot, on_postgresql, prepare, waiting
from benchmarks.filled import with_learners
from benchmarks.plot import bars
from benchmarks.servers import postgresql
from benchmarks.tables import figure, in_turn, median, ratio, table
from benchmarks.turns import Run, played

ROUNDS = 3
TURNS = ["turns_a_second", "cpu_per_1000", "p50", "p95", "longest", "peak"]
HEADS = ["", "turns/s", "CPU s per 1,000", "p50 ms", "p95 ms", "longest ms", "peak MiB"]


def _turns(
    bots: dict[str, Callable[[], Run]], rounds: int = ROUNDS, more: tuple[str, ...] = ()
) -> dict[str, list[Run]]:
    """Rounds in turn, printed as medians; the last bot is the base of the ratios."""
    runs = in_turn(bots, rounds)
    names = list(bots)
    rows = [[name, *(figure(median(runs[name], of)) for of in (*TURNS, *more))] for name in names]
    print(table([*HEADS, *more], rows))
    base = runs[names[-1]]
    for name in names[:-1]:
        speed = ratio(median(runs[name], "turns_a_second"), median(base, "turns_a_second"))
        cpu = ratio(median(base, "cpu_per_1000"), median(runs[name], "cpu_per_1000"))
        print(f"\n{name} against {names[-1]}: {speed} turns/s, {cpu} less CPU a turn")
    return runs


def _played(bot: Bot, **plan: object) -> Callable[[], Run]:
    return lambda: played(bot, **plan)


def saturated() -> None:
    """Ten turns each of 1,000 learners, 32 at once."""
    runs = _turns({bot.name: _played(bot) for bot in (OURS, FLOOR, AIOGRAM, PTB)})
    bars("docs/pictures/bench-turns.svg", "turns a second", {n: median(r, "turns_a_second") for n, r in runs.items()})


def crowded() -> None:
    """The same, 128 at once."""
    _turns({bot.name: _played(bot, at_once=128) for bot in (OURS, PTB)})


def away() -> None:
    """The platform 40 ms away, 64 learners at once."""
    few = {"learners": 64, "turns": 5, "warm": 0, "at_once": 64}
    _turns({OURS.name: _played(OURS, at_once=64, delay=0.04), PTB.name: _played(PTB, delay=0.04, **few)}, 1)


def away_few() -> None:
    """The platform 40 ms away, 8 learners at once."""
    few = {"learners": 16, "turns": 10, "warm": 0, "at_once": 8, "delay": 0.04}
    _turns({OURS.name: _played(OURS, at_once=8, delay=0.04, learners=80, warm=16), PTB.name: _played(PTB, **few)}, 1)


def steady() -> None:
    """100 turns a second, whatever the bot does, for 30 seconds."""
    _turns({bot.name: _played(bot, rate=100, learners=300) for bot in (OURS, FLOOR, PTB)}, 1)


def a_minute() -> None:
    """A minute of load: the longest anybody waited."""
    _turns({OURS.name: _played(OURS, seconds=60, at_once=32)}, 1)


def flat() -> None:
    """Ten minutes of load (BENCH_SECONDS sets another length): whether memory grows."""
    found = memory.growth(OURS, float(os.environ.get("BENCH_SECONDS", "600")))
    heads = ["", "turns", "MiB when warm", "MiB at the end", "MiB an hour", "standard error"]
    cells = (found.turns, found.first, found.last, found.slope, found.error)
    print(table(heads, [[OURS.name, *map(figure, cells)]]))


def twice() -> None:
    """Every fifth update delivered twice: answers too many, and lost."""
    bots = {bot.name: _played(bot, twice=0.2, learners=500) for bot in (OURS, PTB)}
    _turns(bots, 1, ("doubled", "lost"))


def whatsapp() -> None:
    """A WhatsApp turn, webhook to answer."""
    _turns({bot.name: _played(bot) for bot in (OURS_WHATSAPP, TUTORIAL)})


def twilio_send() -> None:
    """10,000 messages handed to Twilio, 32 at once."""
    runs = in_turn(
        {"our client": lambda: handing.ours(10_000), "create_async": lambda: handing.library(10_000)}, ROUNDS
    )
    rows = [
        [n, *(figure(median(r, of)) for of in ("messages_a_second", "cpu_per_1000", "peak"))] for n, r in runs.items()
    ]
    print(table(["", "messages/s", "CPU s per 1,000", "peak MiB"], rows))
    ours, other = runs.values()
    print(f"\n{ratio(median(ours, 'messages_a_second'), median(other, 'messages_a_second'))} messages/s, ", end="")
    print(f"{ratio(median(other, 'cpu_per_1000'), median(ours, 'cpu_per_1000'))} less CPU")


def durability() -> None:
    """What waiting for the disk costs: FULL, NORMAL, and a database that waits for nothing (OFF)."""
    _turns({bot.name: _played(bot, learners=600) for bot in (waiting("OFF"), waiting("NORMAL"), OURS)})


def many_learners() -> None:
    """A turn with 1 million learners in the database, against 1,000."""
    plays = {
        f"{many:,} learners": lambda many=many: played(
            OURS, lambda where: with_learners(where / "bot.sqlite3", many), learners=600
        )
        for many in (1_000_000, 100_000, 1_000)
    }
    _turns(plays, 1)


def databases() -> None:
    """PostgreSQL beside SQLite, both waiting for the disk."""
    with postgresql() as fresh:
        _turns(
            {"PostgreSQL": lambda: played(on_postgresql(fresh()), learners=600), "SQLite": _played(OURS, learners=600)},
            2,
        )


def fan_out() -> None:
    """20,000 messages due at once."""
    runs = {"this bot, outcomes written down": fanout.ours(20_000), "python-telegram-bot, send_message": fanout.ptb()}
    rows = [[n, figure(r.messages_a_second), figure(r.cpu_per_1000), figure(r.peak)] for n, r in runs.items()]
    print(table(["", "messages/s", "CPU s per 1,000", "peak MiB"], rows))
    one, other = runs.values()
    print(f"\n{ratio(one.messages_a_second, other.messages_a_second)} messages/s")


def due_at_once() -> None:
    """A lesson due to 50,000 at the same minute: planned, and planned and sent by one process."""
    planning, sent, ptb = due.planned(50_000), due.brought(50_000), fanout.ptb()
    rows = [["planner alone, learners/s", figure(planning.learners_a_second), figure(planning.cpu_per_1000), ""]]
    runs = {"planner and sender, messages/s": sent, "python-telegram-bot, send_message, messages/s": ptb}
    rows += [[n, figure(r.messages_a_second), figure(r.cpu_per_1000), figure(r.peak)] for n, r in runs.items()]
    print(table(["", "a second", "CPU s per 1,000", "peak MiB"], rows))
    print(f"\n{ratio(sent.messages_a_second, ptb.messages_a_second)} messages/s")


def due_at_limits() -> None:
    """The same at 25 messages a second: what people who tap wait meanwhile."""
    found = due.at_limits(50_000)
    rows = [[figure(found.p50), figure(found.p99), figure(found.longest), str(found.turns), str(found.lost)]]
    print(table(["p50 ms", "p99 ms", "longest ms", "turns", "lost"], rows))
    print(f"\n{found.others} lessons went out meanwhile, {figure(found.others / found.seconds)} a second")


def csv() -> None:
    """A million answers as CSV, on one core."""
    found = exporting.compared(1_000_000)
    print(table(["", "seconds", "peak MiB"], [[n, figure(w.seconds), figure(w.peak)] for n, w in found.items()]))
    ours, plain, few = found["ours"], found["sqlite3"], found["ours, 1,000 rows"]
    print(f"\n{ratio(ours.seconds, plain.seconds)} the time of sqlite3; {figure(ours.peak - few.peak)} MiB of growth")


def start() -> None:
    """From nothing to ready, and idle memory; ours with both channels on."""
    runs = in_turn({bot.name: lambda bot=bot: starting.begun(bot) for bot in (OURS, PTB)}, ROUNDS)
    rows = [[name, figure(median(r, "seconds")), figure(median(r, "rss"))] for name, r in runs.items()]
    print(table(["", "seconds to ready", "idle RSS MiB"], rows))
    ours, other = runs.values()
    print(f"\n{ratio(median(ours, 'seconds'), median(other, 'seconds'))} the time, ", end="")
    print(f"{ratio(median(ours, 'rss'), median(other, 'rss'))} the memory")


BENCHES: dict[str, Callable[[], None]] = {
    bench.__name__: bench
    for bench in (
        saturated, crowded, away, away_few, steady, a_minute, twice, durability, whatsapp, twilio_send, many_learners,
        databases, fan_out, due_at_once, due_at_limits, csv, start, flat,
    )
}  # fmt: skip


def main(names: list[str]) -> None:
    if unknown := [name for name in names if name not in BENCHES]:
        sys.exit(f"{', '.join(unknown)}: choose from {', '.join(BENCHES)}")
    prepare()
    print(f"# {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    for name in names or BENCHES:
        began = time.perf_counter()
        print(f"\n## {name}: {BENCHES[name].__doc__}\n", flush=True)
        BENCHES[name]()
        print(f"\n({time.perf_counter() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
