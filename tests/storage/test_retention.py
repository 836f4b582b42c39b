"""Nothing is kept longer than its span; the clock is moved, not waited for."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.engine.events import Address
from bot.engine.turn import Consented
from storage import retention, vacuum
from storage.engine import sqlite_file
from storage.retention import KEEPING
from storage.rows import Exported, Parked, Unusable
from storage.sqlite_file import copy_beside
from storage.store import Store
from storage.tables import learners
from tests.storage.makers import GROWN, NOON, answer, arrive, ended, said, sending

SECOND = timedelta(seconds=1)


async def kept(store: Store, learner_id: str) -> dict[str, int]:
    return {table: len(rows) for table, rows in (await store.everything_of(learner_id)).items() if rows}


async def count(store: Store, table: str) -> int:
    async with store.read() as look:
        counting = select(func.count()).select_from(learners.metadata.tables[table])
        return int((await look.connection.execute(counting)).scalar_one())


async def park(store: Store, who: str, now: datetime = NOON) -> None:
    async with store.transaction() as tx:
        (bad,) = await tx.accept([said(f"bad {who}", who)], now)
        await tx.save([Parked(bad.event, bad.address_id, "KeyError")], now)


async def test_a_guest_is_gone_a_day_after_the_last_message_with_everything(store: Store) -> None:
    guest = await arrive(store, "ada", parts=["waiting"], lines=["line"])
    await park(store, "ada")
    await arrive(store, "ada", now=NOON + 5 * SECOND)
    over = NOON + 5 * SECOND + KEEPING.guest
    await store.purge_guests(over - SECOND)
    assert await store.learner_at(Address("telegram", "ada")) == guest
    assert (await store.purge_guests(over))["guests"] == 1
    assert await kept(store, guest) == {}
    assert await count(store, "addresses") == await count(store, "outbox") == 0
    assert await store.inbox() == []
    assert await count(store, "inbox") == 3
    assert (await store.counters())["cancelled"] == 1


async def test_who_has_agreed_stays_when_the_guests_go(store: Store) -> None:
    member = await arrive(store, "ada", **GROWN)
    await store.purge_guests(NOON + timedelta(days=300))
    assert await store.learner_at(Address("telegram", "ada")) == member


async def test_more_guests_than_one_transaction_takes_all_go(store: Store) -> None:
    async with store.transaction() as tx:
        facts = {"seed": 1, "created_at": NOON, "seen_at": NOON, "language": "en", "language_sure": True}
        more = {"status": "active", "keep": "undecided", "guest": True, "state": "{}"}
        rows = [{"id": f"guest-{n}", **facts, **more} for n in range(retention.CHUNK * 2 + 1)]
        await tx.connection.execute(learners.insert(), rows)
    counts = await store.purge_guests(NOON + KEEPING.guest)
    assert counts["guests"] == retention.CHUNK * 2 + 1
    assert await count(store, "learners") == 0


async def test_an_address_that_leads_to_nobody_goes_after_a_day(store: Store) -> None:
    await park(store, "stranger")
    assert await count(store, "addresses") == 1
    await store.purge_guests(NOON + KEEPING.guest)
    assert await count(store, "addresses") == 0


async def test_a_delivery_of_nobody_known_is_kept_a_day_one_of_a_member_a_week(store: Store) -> None:
    await arrive(store, "member", **GROWN)
    await park(store, "member")
    await store.unusable([Unusable("telegram", "u1", "strange", "payload")], NOON)
    await store.purge_guests(NOON + KEEPING.guest)
    assert [row.event_id for row in await store.inbox()] == ["bad member"]
    await store.purge_guests(NOON + KEEPING.delivery - SECOND)
    assert len(await store.inbox()) == 1
    await store.purge_guests(NOON + KEEPING.delivery)
    assert await store.inbox() == []
    async with store.transaction() as tx:
        assert await tx.accept([said("bad member"), said("u1")], NOON) == []


async def test_a_part_goes_a_week_after_its_end_and_never_before_it_ended(store: Store) -> None:
    await arrive(store, "ada", parts=["ended late"], **GROWN)
    await arrive(store, "bob", parts=["ended at once", "never sent"], **GROWN)
    late, at_once = await sending(store)
    await ended(store, at_once)
    await ended(store, late, now=NOON + timedelta(days=3))
    assert (await store.purge_old(NOON + KEEPING.sent - SECOND))["sent parts"] == 0
    assert (await store.purge_old(NOON + KEEPING.sent))["sent parts"] == 1
    assert (await store.purge_old(NOON + KEEPING.sent + timedelta(days=3)))["sent parts"] == 1
    assert await store.depth() == {("telegram", "waiting"): 1}


async def test_the_web_talk_lives_as_long_as_its_cookie(store: Store) -> None:
    member = await arrive(store, "ada", channel="web", lines=["old"], **GROWN)
    await arrive(store, "ada", channel="web", lines=["young"], now=NOON + timedelta(days=1))
    await store.purge_old(NOON + KEEPING.web_talk)
    assert [line.body["text"] for line in await store.chat_lines(member)] == ["young"]


async def test_the_address_of_somebody_silent_for_a_year_goes_and_the_answers_stay(store: Store) -> None:
    member = await arrive(store, "ada", records=(answer(),), parts=["never sent"], **GROWN)
    await store.purge_old(NOON + KEEPING.address - SECOND)
    assert "addresses" in await kept(store, member)
    await store.purge_old(NOON + KEEPING.address)
    assert await kept(store, member) == {"learners": 1, "answers": 1}
    assert (await store.counters())["cancelled"] == 1


async def test_a_web_address_goes_with_its_cookie(store: Store) -> None:
    await arrive(store, "ada", channel="web", **GROWN)
    await arrive(store, "bob", **GROWN)
    await store.purge_old(NOON + KEEPING.web_talk)
    assert await store.learner_at(Address("web", "ada")) is None
    assert await store.learner_at(Address("telegram", "bob")) is not None


async def test_own_words_go_after_a_year_and_after_two_nobody_knows_whose_answer_it_was(store: Store) -> None:
    member = await arrive(store, records=(answer("my own words"),), **GROWN)
    await store.purge_old(NOON + KEEPING.own_words - SECOND)
    assert (await store.everything_of(member))["answers"][0]["own_words"] == "my own words"
    await store.purge_old(NOON + KEEPING.own_words)
    assert (await store.everything_of(member))["answers"][0]["own_words"] is None
    await store.purge_old(NOON + KEEPING.answer)
    assert "answers" not in await kept(store, member)
    assert await count(store, "answers") == 1


async def test_the_proof_of_consent_outlives_the_progress_and_ends_after_three_years(store: Store) -> None:
    consent = Consented(NOON, "2026-11", "both", "telegram")
    member = await arrive(store, records=(consent,), role="student", asked={"clear": 1}, **GROWN)
    await store.purge_old(NOON + KEEPING.answer)
    everything = await store.everything_of(member)
    assert everything["learners"][0]["state"] == {}
    async with store.read() as look:
        assert (await look.learners([member]))[member].asked == {}
    await store.purge_old(NOON + KEEPING.consent - SECOND)
    assert await kept(store, member) == {"learners": 1, "consents": 1}
    await store.purge_old(NOON + KEEPING.consent)
    assert await kept(store, member) == {}


async def test_the_bare_id_of_a_delivery_is_known_for_thirteen_months(store: Store) -> None:
    await arrive(store, "ada", event_id="caught and sent again")
    await store.unusable([Unusable("telegram", "u1", "strange", "payload")], NOON)
    await store.purge_old(NOON + KEEPING.bare_id - SECOND)
    async with store.transaction() as tx:
        assert await tx.accept([said("caught and sent again"), said("u1")], NOON) == []
    assert (await store.purge_old(NOON + KEEPING.bare_id))["bare ids"] == 2
    assert await count(store, "inbox") == 0
    assert KEEPING.bare_id > KEEPING.address, "by then nobody is known at that address"


async def test_what_no_index_finds_is_looked_through_to_the_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAGE", 2)
    for n in range(7):
        at = NOON if n % 3 else NOON + SECOND
        await arrive(store, f"who-{n}", records=(answer("my own words", at=at),), now=at, **GROWN)
    counts = await store.purge_old(NOON + KEEPING.answer)
    assert {name: number for name, number in counts.items() if number} == {
        "bare ids": 7,
        "silent addresses": 7,
        "own words": 7,
        "names of old answers": 4,
        "old progress": 4,
    }


async def pragma(store: Store, name: str) -> int:
    async with store.read() as look:
        return int((await look.connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one())


async def test_what_is_purged_makes_the_file_smaller(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vacuum, "PAGES", 5)
    empty = await pragma(sqlite_store, "page_count")
    await arrive(sqlite_store, channel="web", lines=["w" * 1000] * 100, **GROWN)
    assert await pragma(sqlite_store, "page_count") > empty + 20
    await sqlite_store.purge_old(NOON + KEEPING.web_talk)
    assert await pragma(sqlite_store, "page_count") < empty + 5
    assert await pragma(sqlite_store, "freelist_count") == 0


async def test_the_export_ledger_is_kept_a_year(store: Store) -> None:
    entry = Exported("ana", NOON, "group", {"course": "tour"}, 12, "ab" * 32)
    await store.write_ledger(entry)
    await store.purge_old(NOON + KEEPING.ledger - SECOND)
    assert await store.ledger() == [entry]
    await store.purge_old(NOON + KEEPING.ledger)
    assert await store.ledger() == []


async def test_somebody_who_writes_every_day_loses_nothing(store: Store) -> None:
    for day in range(0, 1200, 100):
        now = NOON + timedelta(days=day)
        member = await arrive(store, now=now, records=(answer(at=now),), **GROWN)
        await store.purge_guests(now)
        await store.purge_old(now)
    assert await kept(store, member) == {"learners": 1, "addresses": 1, "answers": 8}


def copied(store: Store, name: str, at: datetime) -> Path:
    """A copy as a migration leaves it."""
    file = sqlite_file(store.engine)
    assert file is not None
    copy = copy_beside(file, name)
    os.utime(copy, (at.timestamp(), at.timestamp()))
    return copy


async def test_a_copy_from_before_a_migration_goes_after_thirty_days(sqlite_store: Store) -> None:
    older = copied(sqlite_store, "schema-1", NOON)
    younger = copied(sqlite_store, "schema-2", NOON + timedelta(days=1))
    beside = Path(f"{older}-wal")
    beside.touch()
    of_the_operator = copied(sqlite_store, "before-the-move", NOON)
    await sqlite_store.purge_old(NOON + KEEPING.copy - SECOND)
    assert await sqlite_store.copies() == [(older, NOON), (younger, NOON + timedelta(days=1))]
    assert (await sqlite_store.purge_old(NOON + KEEPING.copy))["copies before a migration"] == 1
    assert [copy for copy, _ in await sqlite_store.copies()] == [younger]
    assert not beside.exists()
    assert of_the_operator.exists()


async def test_a_store_without_copies_has_none_to_tell_of(store: Store) -> None:
    assert await store.copies() == []
