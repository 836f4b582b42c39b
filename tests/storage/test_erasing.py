"""Everything about a learner can be shown and removed, whichever table it is in."""

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.engine.occasion import Occasion
from bot.engine.turn import Consented, Noted
from bot.errors import DatabaseRefused
from bot.seal import Seal
from storage.engine import sqlite_file
from storage.erasing import personal_tables
from storage.rows import Parked, Tell
from storage.store import Store
from storage.tables import learners, metadata, outbox
from tests.storage.makers import GROWN, NOON, answer, arrive, said

CANARY = "canary-bird-9471"
# Every table is about people or not: a new one has to be put on one side here.
ABOUT_NOBODY = {
    "spending",
    "campaigns",
    "counters",
    "exports",
    "leases",
    "remembered",
    "schema_info",
}


OCCASION = Occasion("lesson", NOON.date(), NOON, "free_form", CANARY, "telegram", country="ES")


async def full_life(store: Store, who: str) -> str:
    """Somebody with a row in every table about people, and a canary in every text of theirs."""
    learner_id = await arrive(
        store,
        who,
        records=(Consented(NOON, CANARY, "both", "telegram"), answer(CANARY, campaign=CANARY), Noted(OCCASION)),
        parts=[CANARY],
        lines=[CANARY],
        role=CANARY,
        campaign=CANARY,
        asked={CANARY: 1},
        **GROWN,
    )
    async with store.transaction() as tx:
        (bad,) = await tx.accept([said(f"bad {who}", who, text=CANARY)], NOON)
        await tx.save([Parked(bad.event, bad.address_id, CANARY)], NOON)
    async with store.read() as look:
        part = await look.connection.scalar(select(outbox.c.id).where(outbox.c.learner_id == learner_id))
    await store.told([Tell(part, CANARY, "read", "nothing", CANARY)], NOON)
    return learner_id


def test_every_table_is_about_people_or_not() -> None:
    assert {table.name for table in personal_tables()} | ABOUT_NOBODY == set(metadata.tables)
    assert not {table.name for table in personal_tables()} & ABOUT_NOBODY


def test_every_table_about_people_goes_with_its_learner() -> None:
    rules = {
        table.name: {key.ondelete for key in table.foreign_keys}
        for table in personal_tables()
        if table.name != "learners"
    }
    assert rules.pop("inbox") == {"SET NULL"}
    assert all(rule == {"CASCADE"} for rule in rules.values())


def hanging_on_learners() -> set[str]:
    """Whichever table the schema ties to a learner, however many steps away."""
    found = {learners.name}
    while more := {
        table.name
        for table in metadata.tables.values()
        if table.name not in found and any(key.column.table.name in found for key in table.foreign_keys)
    }:
        found |= more
    return found


async def test_what_a_learner_is_shown_is_every_table_that_hangs_on_them(store: Store) -> None:
    everything = await store.everything_of(await full_life(store, "ada"))
    assert set(everything) == hanging_on_learners()
    assert all(everything.values())


async def test_a_learner_is_shown_what_a_platform_told_of_their_messages_and_of_nobody_elses(store: Store) -> None:
    ada = await full_life(store, "ada")
    await full_life(store, "bob")
    everything = await store.everything_of(ada)
    (told,) = everything["platform_tells"]
    assert (told["status"], told["reason"], told["at"]) == ("read", CANARY, NOON)
    assert told["outbox_id"] == everything["outbox"][0]["id"]


async def test_a_learner_is_shown_everything_readable(store: Store) -> None:
    learner_id = await full_life(store, "ada")
    everything = await store.everything_of(learner_id)
    assert set(everything) == {table.name for table in personal_tables()}
    assert all(everything.values())
    assert everything["addresses"][0]["address"] == "ada"
    assert everything["learners"][0]["state"]["asked"] == {CANARY: 1}
    assert CANARY in everything["inbox"][0]["payload"]
    assert "hash" not in everything["addresses"][0]


async def test_nobody_is_shown_somebody_elses_rows(store: Store) -> None:
    await full_life(store, "ada")
    assert not any((await store.everything_of("somebody else")).values())


async def test_erasing_leaves_nothing_with_the_learners_key_and_everything_of_others(store: Store) -> None:
    ada, bob = await full_life(store, "ada"), await full_life(store, "bob")
    await store.erase([ada])
    assert not any((await store.everything_of(ada)).values())
    assert all((await store.everything_of(bob)).values())


async def test_what_was_delivered_is_still_known_after_erasing(store: Store) -> None:
    learner_id = await full_life(store, "ada")
    await store.erase([learner_id])
    async with store.transaction() as tx:
        assert await tx.accept([said("bad ada")], NOON) == []
    assert await store.inbox() == []


async def test_erasing_keeps_the_books(store: Store) -> None:
    await store.erase([await full_life(store, "ada")])
    books = await store.counters()
    assert books["due"] == books["cancelled"] == 1


async def test_no_table_holds_a_word_of_somebody_erased(store: Store) -> None:
    await store.erase([await full_life(store, "ada")])
    async with store.read() as look:
        for table in metadata.sorted_tables:
            for row in await look.connection.execute(select(table)):
                assert CANARY not in str(row), table.name


def bytes_of(file: Path) -> bytes:
    return b"".join(part.read_bytes() for part in sorted(file.parent.glob(f"{file.name}*")))


async def test_no_byte_of_somebody_erased_is_left_in_the_file_or_its_log(sqlite_store: Store) -> None:
    file = sqlite_file(sqlite_store.engine)
    assert file is not None
    for who in ("ada", "bob"):
        await arrive(sqlite_store, f"other {who}", parts=["stays"])
        await full_life(sqlite_store, who)
    assert CANARY.encode() in bytes_of(file)
    await sqlite_store.erase(["learner-ada", "learner-bob"])
    assert CANARY.encode() not in bytes_of(file)
    assert b"stays" in bytes_of(file)


async def test_a_reader_in_the_way_only_puts_off_clearing_the_log(sqlite_store: Store) -> None:
    file = sqlite_file(sqlite_store.engine)
    assert file is not None
    learner_id = await full_life(sqlite_store, "ada")
    async with sqlite_store.read() as look:
        await look.everything_of(learner_id)
        await sqlite_store.erase([learner_id])
        assert CANARY.encode() in bytes_of(file)
    await arrive(sqlite_store, "bob")
    assert CANARY.encode() not in bytes_of(file)


async def test_with_another_key_sealed_columns_stay_closed(store: Store) -> None:
    learner_id = await full_life(store, "ada")
    stranger = Store(store.engine, Seal("another key, as long as the first one"))
    with pytest.raises(DatabaseRefused, match="another SECRET_KEY"):
        await stranger.everything_of(learner_id)
