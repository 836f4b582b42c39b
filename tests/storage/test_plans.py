"""On SQLite nothing that runs often reads a large table from end to end: somebody's reply would wait for it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine.events import Address
from bot.engine.occasion import Occasion
from bot.engine.turn import Consented, Noted
from bot.seal import Seal
from storage import retention
from storage.engine import open_engine, sqlite_file
from storage.rows import Tell, Unusable
from storage.store import Store
from tests.databases import SECRET
from tests.storage.makers import GROWN, NOON, answer, arrive, ended, later, sending, taps

SMALL = {"counters", "campaigns", "exports", "leases", "remembered", "schema_info", "spending"}
# Indices that hold only what is open, and no row of what is done with.
OPEN = ("ix_outbox_claimable", "ix_outbox_sending", "ix_inbox_open", "ix_learners_due_at")
LATER = NOON + timedelta(days=800)
CONNECT = sqlite3.connect
OCCASION = Occasion("lesson", NOON.date(), NOON, "free_form", "window_open", "telegram")


class Told:
    """Every statement that reached SQLite, as it was run."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def connect(self, *where: object, **how: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = CONNECT(*where, **how)
        connection.set_trace_callback(self.statements.append)
        return connection

    def reading_everything(self, file: Path) -> dict[str, str]:
        """Those that read all of a large table, each with that step of its plan."""
        looked_at = {one for one in self.statements if one.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))}
        with closing(CONNECT(file)) as connection:
            plans = {one: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {one}")] for one in looked_at}
        return {one: step for one, plan in plans.items() for step in plan if endless(one, step, plan)}


def endless(statement: str, step: str, plan: list[str]) -> bool:
    """Whether a step reads what grows with the people and the days, and does not stop once it has enough."""
    if not step.startswith("SCAN") or "VIRTUAL TABLE" in step or "CONSTANT ROW" in step or step.split()[1] in SMALL:
        return False
    enough = "LIMIT" in statement and not any("TEMP B-TREE" in one for one in plan)
    return not enough and not step.endswith(OPEN)


@pytest.fixture
async def heard(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Store, Told]]:
    told = Told()
    monkeypatch.setattr("storage.one_hop.sqlite3.connect", told.connect)
    store = Store(open_engine(sqlite_url), Seal(SECRET))
    yield store, told
    await store.close()


def file_of(store: Store) -> Path:
    file = sqlite_file(store.engine)
    assert file is not None
    return file


async def turns(store: Store) -> None:
    """People write, tap, are sent something, and one has everything deleted."""
    records = (Consented(NOON, "2026-11", "both", "telegram"), answer("my own words"), Noted(OCCASION))
    for who in ("ada", "bob"):
        await arrive(store, who, records=records, parts=["one", "two"], lines=["line"], due=NOON, **GROWN)
    await later(store, "ada", "a lesson")
    for row in await sending(store):
        await ended(store, row, platform_id="7")
        await store.told([Tell(row.id, "7", "failed", "failed", "reason")], NOON)
        await store.again(Tell(row.id, "7", "read", "nothing"), {}, NOON)
    (unsure, *_) = await sending(store)
    await ended(store, unsure, state="unknown", due_at=NOON + timedelta(minutes=1))
    await taps(store, "ada", "7")
    await store.abandoned("telegram", 9)
    await store.chat_lines(str(await store.learner_at(Address("telegram", "ada"))))
    await store.erase(["learner-bob"])


async def clock(store: Store) -> None:
    async with store.transaction() as tx:
        found = await tx.due(NOON, 10)
        await tx.reaches(found)
        await tx.decided((id_, OCCASION) for id_ in found)
        await tx.templates(NOON)
        await tx.spent("2026-11-24")
    await store.next_due()


async def chores(store: Store) -> None:
    await store.unusable([Unusable("telegram", "u1", "strange", "payload")], NOON)
    for look in (store.books, store.counters, store.depth, store.inbox, store.campaigns):
        await look()
    await store.waiting(NOON)
    await store.decisions(NOON)
    await store.retire("telegram", "u1")


async def clean_ups(store: Store) -> None:
    for now in (NOON, LATER):
        await store.purge_guests(now)
        await store.purge_old(now)


async def test_what_runs_often_reads_no_large_table_from_end_to_end(
    heard: tuple[Store, Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, told = heard
    monkeypatch.setattr(retention, "PAGE", 1)
    for work in (turns, clock, chores, clean_ups):
        await work(store)
    assert told.reading_everything(file_of(store)) == {}
    assert len(told.statements) > 100


async def test_a_statement_that_walks_is_noticed(heard: tuple[Store, Told]) -> None:
    store, told = heard
    walks = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'unknown')"
    async with store.read() as look:
        await look.connection.exec_driver_sql(walks)
    assert list(told.reading_everything(file_of(store))) == [walks]
