"""Databases of ours with many learners, answers or waiting messages in them, made quickly."""

import asyncio
import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from benchmarks.bots import KEY
from bot.seal import Seal
from storage.engine import open_engine
from storage.schema import prepare

START = datetime.now(UTC) - timedelta(days=30)
CHUNK = 50_000


def _moment(second: int) -> str:
    return (START + timedelta(seconds=second)).isoformat(timespec="microseconds").replace("+00:00", "Z")


NOW = _moment(30 * 24 * 3600)


def empty(file: Path) -> None:
    """A database of ours without anybody in it."""

    async def make() -> None:
        engine = open_engine(f"sqlite+aiosqlite:///{file}")
        await prepare(engine)
        await engine.dispose()

    asyncio.run(make())


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    chunk: list[Sequence[Any]] = []
    sql = ""
    for row in rows:
        sql = sql or f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        chunk.append(tuple(row.values()))
        if len(chunk) == CHUNK:
            database.executemany(sql, chunk)
            chunk.clear()
    if chunk:
        database.executemany(sql, chunk)


def with_learners(file: Path, many: int) -> None:
    """So many learners who were here before, each with an address."""
    empty(file)
    seal = Seal(KEY)
    with closing(sqlite3.connect(file)) as database, database:
        _insert(database, "learners", (_learner(number) for number in range(many)))
        _insert(database, "addresses", (_address(number, seal) for number in range(many)))


def with_messages(file: Path, many: int) -> None:
    """So many learners, to each of whom one scheduled message is due."""
    with_learners(file, many)
    with closing(sqlite3.connect(file)) as database, database:
        _insert(database, "outbox", (_part(number) for number in range(many)))
        database.execute("INSERT INTO counters (name, shard, value) VALUES ('due', 0, ?)", (many,))


def with_answers(file: Path, many: int, learners: int = 50_000) -> None:
    """So many answers of learners who share them."""
    with_learners(file, learners)
    with closing(sqlite3.connect(file)) as database, database:
        _insert(database, "answers", (_answer(number, learners) for number in range(many)))


def _learner(number: int) -> dict[str, Any]:
    place = {"step": "card", "serial": 12, "lesson": "tour/people-first", "item": "drivers"}
    offer = [["n:12", ["phrase", "button.next"], None, False]]
    state = {"place": place, "offer": offer, "done": [], "memory": {}, "asked": {}}
    return {
        "id": f"learner-{number:014d}", "seed": number, "created_at": NOW, "seen_at": NOW, "language": "en",
        "language_sure": 1, "status": "active", "keep": "both", "age_band": "16_24", "guest": 0,
        "state": orjson.dumps(state).decode(),
    }  # fmt: skip


def _address(number: int, seal: Seal) -> dict[str, Any]:
    # Nobody looks these up, so their hashes need only be as long and as scattered as real ones.
    return {
        "id": number + 1, "channel": "telegram", "hash": os.urandom(22).hex()[:43],
        "sealed": seal.seal(str(50_000_000 + number)), "learner_id": f"learner-{number:014d}", "created_at": NOW,
        "last_inbound_at": NOW,
    }  # fmt: skip


def _part(number: int) -> dict[str, Any]:
    keyboard = {"inline_keyboard": [[{"text": "Start", "callback_data": "c:next-lesson"}]]}
    text = "Today: three friends open a bakery. Is it a business, a charity, or a movement? Three minutes."
    body = {"method": "sendMessage", "text": text, "reply_markup": keyboard}
    return {
        "learner_id": f"learner-{number:014d}", "address_id": number + 1, "channel": "telegram",
        "body": orjson.dumps(body).decode(), "priority": 5, "kind": "lesson", "state": "waiting", "attempts": 0,
        "due_at": NOW, "created_at": NOW, "epoch": 0,
    }  # fmt: skip


def _answer(number: int, learners: int) -> dict[str, Any]:
    right, learner = number % 3 == 0, number // 2 % learners  # a lesson asks two questions
    return {
        "response_id": f"{number:08x}-0000-4000-8000-000000000000", "learner_id": f"learner-{learner:014d}",
        "answered_at": _moment(number), "channel": "telegram", "language": "en", "role": "student", "age_band": "16_24",
        "country": "KE", "course": "tour", "lesson": "people-first", "content_version": "0123456789abcdef",
        "phase": "quiz", "question_id": "tour/people-first/laundry", "question_kind": "choice",
        "question_text": "Neighbours run a café together. This year it earned more than it cost. Who decides?",
        "form": "abc"[number % 3], "attempt": 1, "exposures": 0, "answer_id": "earned" if right else "gift",
        "answer_text": "The members, one vote each" if right else "Whoever gave most", "correct": right,
        "seconds_to_answer": 5 + number % 60,
    }  # fmt: skip
