"""What a learner's own word tells of a part that may have arrived."""

from datetime import timedelta

from bot.engine.events import Address, Tapped
from bot.engine.learner import Learner
from storage.doubt import ANSWERED
from storage.rows import Arrival, Handled, OutboxRow, Tell
from storage.store import Store
from tests.storage.makers import NOON, arrive, ended, play, said, sending, taps, words

MINUTE = timedelta(minutes=1)


async def in_doubt(store: Store, who: str = "ada", *more: str) -> OutboxRow:
    """A part whose answer was lost, to be repeated in a minute; others wait behind it."""
    await arrive(store, who, parts=["a1", *more])
    row = next(row for row in await sending(store) if row.address.id == who)
    await ended(store, row, state="unknown", due_at=NOON + MINUTE, outcome="cut")
    return row


async def test_a_tap_on_what_was_shown_last_says_that_it_arrived(store: Store) -> None:
    row = await in_doubt(store, "ada", "a2")
    await taps(store, "ada", "m1")
    books = await store.books()
    assert (books["due"], books["sent"], books["waiting"]) == (2, 1, 1)
    (brought,) = (await store.everything_of("learner-ada"))["outbox"][:1]
    assert (brought["state"], brought["outcome"], brought["platform_id"]) == ("sent", ANSWERED, "m1")
    assert words(await sending(store)) == ["a2"]
    await store.told([Tell(row.id, "m1", "delivered", "sent")], NOON)
    assert (await store.counters())["sent"] == 1


async def test_what_waits_in_that_chat_and_what_is_in_doubt_in_others_stays(store: Store) -> None:
    await in_doubt(store, "ada", "a2")
    await in_doubt(store, "bob")
    await taps(store, "ada", "m1")
    assert await store.depth() == {("telegram", "waiting"): 1, ("telegram", "unknown"): 1}


async def test_a_tap_on_a_message_that_is_another_part_s_tells_nothing_and_brings_it_at_once(store: Store) -> None:
    await arrive(store, "ada", parts=["a0"])
    (first,) = await sending(store)
    await ended(store, first, platform_id="m0")
    await in_doubt(store)
    assert await sending(store) == []
    await taps(store, "ada", "m0")
    assert words(await sending(store)) == ["a1"]


async def test_any_other_word_brings_it_at_once_and_never_later(store: Store) -> None:
    await in_doubt(store)
    await arrive(store, "ada", now=NOON + timedelta(seconds=5))
    assert await sending(store, now=NOON + timedelta(seconds=4)) == []
    await arrive(store, "ada", now=NOON + timedelta(seconds=9))
    assert words(await sending(store, now=NOON + timedelta(seconds=5))) == ["a1"]


async def test_a_part_that_waits_for_its_own_reason_is_left_alone(store: Store) -> None:
    await arrive(store, parts=["a1"])
    (row,) = await sending(store)
    await ended(store, row, state="waiting", due_at=NOON + MINUTE, outcome="too many requests")
    await taps(store)
    await arrive(store)
    assert await sending(store) == []
    assert await store.depth() == {("telegram", "waiting"): 1}


async def test_a_part_on_its_way_ends_as_its_call_says(store: Store) -> None:
    await arrive(store, parts=["a1"])
    (row,) = await sending(store)
    await taps(store, "ada", "m1")
    assert await store.depth() == {("telegram", "sending"): 1}
    await ended(store, row, state="waiting", due_at=NOON, outcome="502")
    assert words(await sending(store)) == ["a1"]


async def test_where_the_answer_to_its_call_was_lost_the_tap_decides(store: Store) -> None:
    await arrive(store, parts=["a1"])
    (row,) = await sending(store)
    await taps(store, "ada", "m1")
    await ended(store, row, state="unknown", due_at=NOON, outcome="cut")
    books = await store.books()
    assert (books["due"], books["sent"], books["waiting"]) == (1, 1, 0)


async def test_who_writes_and_taps_in_one_batch_has_it(store: Store) -> None:
    await in_doubt(store)
    ada = Address("telegram", "ada")
    tap = Tapped(id="tap", address=ada, at=NOON, data="q:1-a", message="m1")

    def decide(arrival: Arrival, known: Learner | None) -> Handled:
        return Handled(arrival.event, arrival.address_id, known, on_show=arrival.event is tap)

    await play(store, [said("before"), tap, said("after")], decide)
    assert await store.depth() == {}
    assert (await store.counters())["sent"] == 1


async def rows_of(store: Store, who: str = "ada") -> list[tuple[str, str | None, str | None]]:
    """State, outcome and the platform's id of each part."""
    rows = (await store.everything_of(f"learner-{who}"))["outbox"]
    return [(row["state"], row["outcome"], row["platform_id"]) for row in rows]


async def test_a_tap_on_a_message_tells_nothing_of_the_edit_under_way_beside_it(store: Store) -> None:
    await arrive(store, parts=["edit a0", "a1"])
    edit, message = await sending(store)
    await taps(store, "ada", "m1")
    assert await rows_of(store) == [("sending", None, None), ("sending", ANSWERED, "m1")]
    await ended(store, edit, message, state="unknown", due_at=NOON, outcome="its sender was lost")
    assert await rows_of(store) == [("unknown", "its sender was lost", None), ("sent", ANSWERED, "m1")]
    (again,) = await sending(store)
    assert words([again]) == ["edit a0"]


async def test_a_tap_settles_a_message_and_leaves_the_edit_before_it(store: Store) -> None:
    await arrive(store, parts=["edit a0", "a1"])
    await ended(store, *await sending(store), state="unknown", due_at=NOON + MINUTE, outcome="cut")
    await taps(store, "ada", "m1", parts=["edit a1", "a2"])
    assert (await rows_of(store))[:2] == [("unknown", "cut", None), ("sent", ANSWERED, "m1")]
    assert words(await sending(store)) == ["a2"]
    assert words(await sending(store, now=NOON + MINUTE)) == ["edit a0"]


async def test_a_tap_on_what_was_edited_tells_nothing_of_the_message_below(store: Store) -> None:
    await arrive(store, parts=["edit a0", "a1"])
    edit, message = await sending(store)
    await ended(store, edit, platform_id="m0")
    await ended(store, message, state="unknown", due_at=NOON + MINUTE, outcome="cut")
    await taps(store, "ada", "m0")
    assert (await rows_of(store))[1] == ("unknown", "cut", None)
    assert words(await sending(store)) == ["a1"]


async def test_no_word_hurries_an_edit(store: Store) -> None:
    await arrive(store, parts=["edit a0"])
    await ended(store, *await sending(store), state="unknown", due_at=NOON + MINUTE, outcome="cut")
    await arrive(store)
    await taps(store)
    assert await sending(store) == []
    assert await rows_of(store) == [("unknown", "cut", None)]
