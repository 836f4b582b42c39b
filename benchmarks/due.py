"""A lesson due to everybody at the same minute: how fast it is planned, how fast it goes out, who waits meanwhile."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.bots import KEY, OURS, Ports, settings
from benchmarks.fanout import Sending
from benchmarks.filled import _address, _insert, empty
from benchmarks.processes import Steps, folder, started, unused_port, use
from bot.engine.learner import Keep, Learner, Place, Step
from bot.engine.subscription import EVERY_DAY, Subscription
from storage.learner_rows import row_of
from storage.types import iso

FINISHED = "tour/people-first"
PATIENCE = 900.0  # seconds for everything to go out


@dataclass(frozen=True)
class Planning:
    """The planner by itself."""

    learners_a_second: float
    cpu_per_1000: float


@dataclass(frozen=True)
class Meanwhile:
    """What people who tap something wait while the others' lessons go out."""

    turns: int
    lost: int
    p50: float
    p99: float
    longest: float
    others: int  # lessons that went out meanwhile
    seconds: float


def with_due(file: Path, many: int) -> None:
    """So many learners whose lesson has just become due. They want no pictures: messages are one call of text each."""
    from bot.seal import Seal

    empty(file)
    seal = Seal(KEY)
    with closing(sqlite3.connect(file)) as database, database:
        _insert(database, "learners", _learners(many))
        _insert(database, "addresses", (_address(number, seal) for number in range(many)))


def _learners(many: int) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    wish = Subscription(f"{now:%H:%M}", EVERY_DAY, "UTC", "telegram", served=(now - timedelta(days=1)).date())
    for number in range(many):
        learner = Learner(
            f"learner-{number:014d}", number, "en", now - timedelta(days=9), now - timedelta(hours=20), True,
            keep=Keep.BOTH, age_band="16_24", zone="UTC", place=Place(Step.NEXT, 9), done=(FINISHED,), light=True,
            channel="telegram", daily=wish, due=now,
        )  # fmt: skip
        row = row_of(learner)
        yield row | {name: iso(row[name]) for name in ("created_at", "seen_at", "due_at")}


def planned(many: int) -> Planning:
    """Claimed, decided, worded, written down; nobody sends."""
    with folder() as where:
        with_due(where / "bot.sqlite3", many)
        found = asyncio.run(_planned(where / "bot.sqlite3", many))
        _all_planned(where / "bot.sqlite3", many)
    return found


async def _planned(file: Path, many: int) -> Planning:
    from bot.channels.telegram.channel import TelegramChannel
    from bot.channels.telegram.client import Client
    from bot.content.load import load
    from bot.content.message_policy import read_rules
    from bot.delivery.planner import Planner
    from bot.seal import Seal
    from bot.service import Content, Service
    from bot.wiring.house import LESSONS, POLICIES, WORDS
    from storage.engine import open_engine
    from storage.store import Store

    loaded = load(LESSONS, WORDS, POLICIES)
    content = Content(loaded.library, loaded.catalogue)
    engine = open_engine(f"sqlite+aiosqlite:///{file}")
    store = Store(engine, Seal(KEY))
    channel = TelegramChannel(Client("1:nobody", "http://127.0.0.1:1"), lambda: content.catalogue)

    def clock() -> datetime:
        return datetime.now(UTC)

    service = Service(store, lambda: content, {"telegram": channel}, clock=clock, new_id=lambda: ("", 0))
    planner = Planner(service, store, read_rules(POLICIES), content=lambda: content, clock=clock)
    began, cpu = time.perf_counter(), time.process_time()
    while await planner.plan():
        pass
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    await store.close()
    return Planning(many / seconds, 1000 * cpu / many)


def _all_planned(file: Path, many: int) -> None:
    with closing(sqlite3.connect(file)) as database:
        found = database.execute("SELECT count(*) FROM occasions WHERE way = 'free_form'").fetchone()[0]
        assert found == many, f"{found} of {many} lessons were planned"


def brought(many: int) -> Sending:
    """Planner and sender in one process, from the first message's arrival to the last one's, outcomes written down."""
    ports = Ports(unused_port(), unused_port())
    with folder() as where, Steps("benchmarks.counter", {"api": ports.api, "expected": many}) as platform:
        with_due(where / "bot.sqlite3", many)
        platform.until("listening")
        with started(OURS.command(ports, where), settings(ports, where), where) as process:
            platform.until("first")
            before = use(process.pid)
            seconds = platform.until("last")["seconds"]
            _marked(where / "bot.sqlite3")
            after = use(process.pid)
    return Sending(many / seconds, 1000 * (after.cpu - before.cpu) / many, after.peak)


def _marked(file: Path) -> None:
    """Comes back once every outcome is written down, each once."""
    deadline = time.monotonic() + PATIENCE
    with closing(sqlite3.connect(file)) as database:
        while database.execute("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone()[0]:
            assert time.monotonic() < deadline, "not every outcome was written down"
            time.sleep(0.05)


def at_limits(many: int, turns_a_second: float = 8.0, learners: int = 160) -> Meanwhile:
    """At Telegram's real limits: people tap, each every twenty seconds, while everybody else's lesson goes out."""
    ports = Ports(unused_port(), unused_port())
    plan = {
        "api": ports.api, "hook": ports.hook, "path": OURS.path, "learners": learners, "rate": turns_a_second,
        "warm": 0, "turns": 5,
    }  # fmt: skip
    limits: Mapping[str, str] = {"TELEGRAM_SENDS_PER_SECOND": "25", "TELEGRAM_CHAT_SENDS_PER_SECOND": "1"}
    with folder() as where, Steps("benchmarks.due_phones", plan) as phones:
        with_due(where / "bot.sqlite3", many)
        phones.until("listening")
        with started(OURS.command(ports, where), {**settings(ports, where), **limits}, where):
            end = phones.until("end")
    names = ("turns", "lost", "p50", "p99", "longest", "others", "seconds")
    return Meanwhile(**{name: end[name] for name in names})
