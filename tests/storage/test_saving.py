"""What a batch of turns leaves behind."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from bot.engine.events import Address
from bot.engine.learner import Learner
from bot.engine.turn import AnswersForgotten, Consented, Erased, Joined
from storage.rows import Arrival, Handled, NewLine, Parked
from storage.store import Store
from storage.tables import answers, consents, learners, metadata
from tests.storage.makers import GROWN, NOON, answer, arrive, ended, learner, part, play, said, sending, words

CONSENT = Consented(NOON, "2026-11", "both", "telegram")


async def rows_of(store: Store, learner_id: str, table: str) -> list[dict[str, object]]:
    return (await store.everything_of(learner_id))[table]


async def test_eight_writers_at_once_lose_no_update(store: Store) -> None:
    learner_id = await arrive(store, asked={"count": 0})

    async def fifty() -> None:
        for _ in range(50):
            async with store.transaction() as tx:
                known = (await tx.learners([learner_id]))[learner_id]
                more = known.but(asked={"count": known.asked["count"] + 1})
                await tx.save([Handled(said("any"), 1, more)], NOON)

    await asyncio.gather(*(fifty() for _ in range(8)))
    async with store.read() as look:
        assert (await look.learners([learner_id]))[learner_id].asked["count"] == 400


async def test_a_turn_is_stored_whole(store: Store) -> None:
    learner_id = await arrive(
        store, records=(CONSENT, answer(), Joined("poster")), parts=["one", "two"], lines=["one"], **GROWN
    )
    everything = await store.everything_of(learner_id)
    assert {table: len(rows) for table, rows in everything.items()} == {
        "learners": 1,
        "addresses": 1,
        "answers": 1,
        "chat_lines": 1,
        "consents": 1,
        "inbox": 0,
        "occasions": 0,
        "outbox": 2,
        "platform_tells": 0,
    }
    assert [row["body"] for row in everything["outbox"]] == [{"text": "one"}, {"text": "two"}]
    assert everything["addresses"][0]["address"] == "ada"


async def test_an_answer_keeps_who_answered_what_and_when(store: Store) -> None:
    learner_id = await arrive(store, records=(answer(role="student"), answer("my own words")), **GROWN)
    choice, words_of_their_own = await rows_of(store, learner_id, "answers")
    assert choice["answered_at"] == NOON
    assert choice["role"] == "student"
    assert (choice["answer_id"], choice["answer_text"], choice["own_words"]) == ("good", "The members", None)
    assert (words_of_their_own["answer_text"], words_of_their_own["own_words"]) == ("", "my own words")
    assert choice["response_id"] != words_of_their_own["response_id"]


async def test_only_the_last_state_of_a_batch_is_kept(store: Store) -> None:
    def next_role(arrival: Arrival, known: Learner | None) -> Handled:
        now = (known or learner("l1")).but(role=arrival.event.id)
        return Handled(arrival.event, arrival.address_id, now, known is None)

    await play(store, [said("first"), said("second"), said("third")], next_role)
    (row,) = await rows_of(store, "l1", "learners")
    assert row["role"] == "third"


async def test_an_answer_that_does_not_explain_itself_is_refused(store: Store) -> None:
    with pytest.raises(TypeError, match="English words"):
        await arrive(store, records=(answer().answered,), **GROWN)
    assert await rows_left(store) == {}


async def test_a_campaign_counts_its_joins(store: Store) -> None:
    assert await store.add_campaign("poster", "Bus stop", NOON) is True
    assert await store.add_campaign("poster", "Again", NOON) is False
    await arrive(store, "ada", records=(Joined("poster"),))
    await arrive(store, "bob", records=(Joined("poster"),))
    await arrive(store, "cyd", records=(Joined("unknown"),))
    assert [(known.code, known.title, known.joins) for known in await store.campaigns()] == [("poster", "Bus stop", 2)]


async def test_a_parked_event_keeps_its_payload_sealed_and_harms_no_neighbour(store: Store) -> None:
    async with store.transaction() as tx:
        bad, good = await tx.accept([said("bad", "ada", text="broke it"), said("good", "bob")], NOON)
        turns = [
            Parked(bad.event, bad.address_id, "KeyError"),
            Handled(good.event, good.address_id, learner("b"), True),
        ]
        await tx.save(turns, NOON)
    (kept,) = await store.inbox()
    assert (kept.event_id, kept.state, kept.reason, kept.learner_id) == ("bad", "parked", "KeyError", None)
    assert "broke it" in str(kept.payload)
    assert await store.learner_at(Address("telegram", "bob")) == "b"
    books = await store.counters()
    assert books["received"] == books["handled"] + books["parked"] == 2


async def test_a_parked_event_of_somebody_known_is_theirs_to_see(store: Store) -> None:
    learner_id = await arrive(store)
    async with store.transaction() as tx:
        (bad,) = await tx.accept([said("bad", text="broke it")], NOON)
        await tx.save([Parked(bad.event, bad.address_id, "KeyError")], NOON)
    (row,) = await rows_of(store, learner_id, "inbox")
    assert "broke it" in str(row["payload"])


async def test_withdrawing_consent_removes_answers_before_it_and_none_after(store: Store) -> None:
    before, after = answer(phase="quiz"), answer(phase="review")
    learner_id = await arrive(store, event_id="e1", records=(before,), **GROWN)

    def withdraws(arrival: Arrival, known: Learner | None) -> Handled:
        records = {"e2": (before,), "e3": (AnswersForgotten(), CONSENT), "e4": (after,)}[arrival.event.id]
        return Handled(arrival.event, arrival.address_id, known, False, records)

    await play(store, [said("e2"), said("e3"), said("e4")], withdraws)
    assert [row["phase"] for row in await rows_of(store, learner_id, "answers")] == ["review"]
    assert len(await rows_of(store, learner_id, "consents")) == 1


async def test_to_whoever_left_nothing_more_is_sent_and_to_whoever_is_back_again_all_is(store: Store) -> None:
    await arrive(store, parts=["before"])

    def leaves(arrival: Arrival, known: Learner | None) -> Handled:
        assert known is not None
        text = arrival.event.id
        if text == "leaves":
            return Handled(arrival.event, arrival.address_id, known, gone=True)
        return Handled(arrival.event, arrival.address_id, known, parts=(part(arrival, known.id, text),))

    await play(store, [said("in the same breath"), said("leaves"), said("back")], leaves)
    assert words(await sending(store)) == ["back"]
    books = await store.counters()
    assert (books["due"], books["cancelled"]) == (2, 1)


async def erased(store: Store, *, parts: tuple[str, ...] = ("goodbye",), lines: tuple[str, ...] = ()) -> None:
    def erases(arrival: Arrival, known: Learner | None) -> Handled:
        assert known is not None
        last = tuple(part(arrival, known.id, text) for text in parts)
        kept = tuple(NewLine("bot", NOON, {"text": text}) for text in lines)
        return Handled(arrival.event, arrival.address_id, known, False, (Erased(),), last, kept)

    await play(store, [said("delete")], erases)


async def rows_left(store: Store) -> dict[str, int]:
    counted = {}
    async with store.read() as look:
        for table in metadata.sorted_tables:
            counted[table.name] = (await look.connection.execute(select(func.count()).select_from(table))).scalar_one()
    return {name: rows for name, rows in counted.items() if rows and name not in ("counters", "schema_info", "leases")}


async def test_somebody_deleted_hears_the_last_words_and_then_is_nowhere(store: Store) -> None:
    await arrive(store, records=(CONSENT, answer()), parts=["waiting"], lines=["line"], **GROWN)
    await erased(store, lines=("goodbye",))
    assert await rows_left(store) == {"addresses": 1, "inbox": 2, "outbox": 1}
    last = await sending(store)
    assert words(last) == ["goodbye"]
    assert last[0].address == Address("telegram", "ada")
    assert last[0].learner_id is None
    await ended(store, *last)
    assert await rows_left(store) == {"inbox": 2}
    books = await store.counters()
    assert books["due"] == 2 == books["sent"] + books["cancelled"]


async def test_somebody_deleted_without_last_words_is_nowhere_at_once(store: Store) -> None:
    await arrive(store)
    await erased(store, parts=())
    assert await rows_left(store) == {"inbox": 2}


async def test_somebody_deleted_may_begin_anew_while_the_last_words_are_on_their_way(store: Store) -> None:
    await arrive(store)
    await erased(store)
    await arrive(store, event_id="again", parts=["welcome"])
    (goodbye,) = await sending(store)
    await ended(store, goodbye)
    (welcome,) = await sending(store)
    assert words([goodbye, welcome]) == ["goodbye", "welcome"]
    assert await store.learner_at(Address("telegram", "ada")) is not None


async def test_deleting_and_beginning_anew_in_one_batch_leaves_only_the_new_learner(store: Store) -> None:
    await arrive(store, role="student")

    def turns(arrival: Arrival, known: Learner | None) -> Handled:
        if arrival.event.id == "delete":
            assert known is not None
            last = (part(arrival, known.id, "goodbye"),)
            return Handled(arrival.event, arrival.address_id, known, False, (Erased(),), last)
        fresh = (part(arrival, "fresh", "welcome"),)
        return Handled(arrival.event, arrival.address_id, learner("fresh"), True, (), fresh)

    await play(store, [said("delete"), said("again")], turns)
    assert await store.learner_at(Address("telegram", "ada")) == "fresh"
    assert (await rows_left(store))["learners"] == 1
    assert [row["body"] for row in await rows_of(store, "fresh", "outbox")] == [{"text": "welcome"}]


async def test_somebody_who_comes_and_deletes_in_one_batch_was_never_here(store: Store) -> None:
    def turns(arrival: Arrival, known: Learner | None) -> Handled:
        records = (Erased(),) if arrival.event.id == "delete" else (CONSENT, answer())
        return Handled(arrival.event, arrival.address_id, known or learner("l1"), known is None, records)

    await play(store, [said("hi"), said("delete")], turns)
    assert await rows_left(store) == {"inbox": 2}


async def test_rows_the_database_refuses_leave_nothing_of_their_batch(store: Store) -> None:
    def nobody_there(arrival: Arrival, known: Learner | None) -> Handled:
        bad = part(arrival, "no such learner")
        return Handled(arrival.event, arrival.address_id, learner("l1"), True, (), (replace(bad, channel="x"),))

    with pytest.raises(DBAPIError):
        await play(store, [said("e1")], nobody_there)
    async with store.read() as look:
        assert (await look.connection.execute(select(func.count()).select_from(learners))).scalar_one() == 0
        assert (await look.connection.execute(select(func.count()).select_from(answers))).scalar_one() == 0
        assert (await look.connection.execute(select(func.count()).select_from(consents))).scalar_one() == 0
    assert await store.counters() == {}


async def test_the_page_reads_the_talk_behind_its_cursor(store: Store) -> None:
    learner_id = await arrive(store, channel="web", lines=["one", "two", "three"])
    await arrive(store, "bob", channel="web", lines=["other"])
    first, *rest = await store.chat_lines(learner_id)
    assert first.body == {"text": "one"}
    assert (first.side, first.at) == ("bot", NOON)
    assert [line.body["text"] for line in await store.chat_lines(learner_id, first.id)] == ["two", "three"]
    assert await store.chat_lines(learner_id, rest[-1].id) == []
