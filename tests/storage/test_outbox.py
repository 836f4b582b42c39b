"""Parts on their way: in order for each chat, the urgent chat first, never by two senders."""

from datetime import timedelta

import pytest

from storage.rows import Claim, Mark, Tell
from storage.store import Store
from storage.tables import addresses, outbox
from tests.storage.makers import NOON, arrive, ended, later, sending, words

MINUTE = timedelta(minutes=1)


async def test_a_chat_gets_one_message_at_a_time_in_order(store: Store) -> None:
    await arrive(store, "ada", parts=["a1", "a2"])
    await arrive(store, "bob", parts=["b1"])
    first = await sending(store)
    assert words(first) == ["a1", "b1"]
    assert await sending(store) == []
    await ended(store, first[0])
    assert words(await sending(store)) == ["a2"]


async def test_a_message_goes_out_beside_the_edit_before_it(store: Store) -> None:
    await arrive(store, "ada", parts=["edit a0", "a1", "a2"])
    edit, message = await sending(store)
    assert words([edit, message]) == ["edit a0", "a1"]
    assert await sending(store) == []
    await ended(store, edit)
    assert await sending(store) == []
    await ended(store, message)
    assert words(await sending(store)) == ["a2"]


async def test_an_edit_waits_for_everything_before_it(store: Store) -> None:
    await arrive(store, "ada", parts=["a1", "edit a1", "a2", "edit a2", "edit a2 more"])
    (first,) = await sending(store)
    assert words([first]) == ["a1"]
    assert await sending(store) == []
    await ended(store, first)
    edit, message = await sending(store)
    assert words([edit, message]) == ["edit a1", "a2"]
    await ended(store, message)
    assert await sending(store) == []
    await ended(store, edit)
    for left in ("edit a2", "edit a2 more"):
        (row,) = await sending(store)
        assert words([row]) == [left]
        await ended(store, row)


async def test_of_an_edit_and_a_message_the_edit_goes_first(store: Store) -> None:
    await arrive(store, "ada", parts=["edit a0", "a1"])
    assert words(await sending(store, limit=1)) == ["edit a0"]
    assert words(await sending(store, limit=1)) == ["a1"]


async def test_an_edit_that_is_put_off_holds_up_the_next_edit_and_no_message(store: Store) -> None:
    await arrive(store, "ada", parts=["edit a0"])
    (edit,) = await sending(store)
    await ended(store, edit, state="waiting", due_at=NOON + MINUTE, outcome="502")
    await arrive(store, "ada", parts=["a1", "edit a1", "a2"])
    for message in ("a1", "a2"):
        (row,) = await sending(store)
        assert words([row]) == [message]
        await ended(store, row)
    assert await sending(store) == []
    (edit,) = await sending(store, now=NOON + MINUTE)
    assert words([edit]) == ["edit a0"]
    await ended(store, edit)
    assert words(await sending(store, now=NOON + MINUTE)) == ["edit a1"]


async def test_a_message_that_is_put_off_holds_up_the_edit_behind_it(store: Store) -> None:
    await arrive(store, "ada", parts=["a1", "edit a1", "a2"])
    (row,) = await sending(store)
    await ended(store, row, state="unknown", due_at=NOON + MINUTE, outcome="cut")
    assert await sending(store) == []
    assert words(await sending(store, now=NOON + MINUTE)) == ["a1"]


async def test_a_part_that_waits_holds_up_its_own_chat_only(store: Store) -> None:
    await arrive(store, "ada", parts=["a1", "a2"])
    await arrive(store, "bob", parts=["b1", "b2"])
    ada, bob = await sending(store)
    await ended(store, ada, state="waiting", due_at=NOON + MINUTE, outcome="too many requests", counts=False)
    await ended(store, bob)
    assert words(await sending(store)) == ["b2"]
    (again,) = await sending(store, now=NOON + MINUTE)
    assert (again.body, again.attempts) == ({"text": "a1"}, 0)


async def test_a_try_is_used_up_only_where_it_counts(store: Store) -> None:
    await arrive(store, parts=["a1"])
    for tries, counts in enumerate((True, True, False)):
        (row,) = await sending(store)
        assert row.attempts == tries
        await ended(store, row, state="waiting", due_at=NOON, counts=counts)
    (row,) = await sending(store)
    assert row.attempts == 2


async def test_a_failed_part_lets_the_next_one_go(store: Store) -> None:
    await arrive(store, parts=["bad", "good"])
    (bad,) = await sending(store)
    await ended(store, bad, state="failed", outcome="refused")
    assert words(await sending(store)) == ["good"]
    assert (await store.counters())["failed"] == 1


async def test_replies_go_before_lessons_that_come_unasked(store: Store) -> None:
    await later(store, "ada", "lesson")
    await later(store, "bob", "lesson")
    await arrive(store, "cyd", parts=["reply"])
    assert words(await sending(store, limit=1)) == ["reply"]


async def test_a_reply_behind_a_lesson_makes_the_whole_chat_urgent(store: Store) -> None:
    await later(store, "ada", "ada's lesson")
    await later(store, "bob", "bob's lesson")
    await arrive(store, "bob", parts=["bob's reply"])
    (lesson,) = await sending(store, limit=1)
    assert lesson.body == {"text": "bob's lesson"}
    await ended(store, lesson)
    assert words(await sending(store)) == ["bob's reply", "ada's lesson"]


async def test_an_edit_behind_a_lesson_waits_for_it_and_makes_the_chat_urgent(store: Store) -> None:
    await later(store, "ada", "ada's lesson")
    await later(store, "bob", "bob's lesson")
    await arrive(store, "bob", parts=["edit b0", "bob's reply"])
    (lesson,) = await sending(store, limit=1)
    assert words([lesson]) == ["bob's lesson"]
    await ended(store, lesson)
    assert words(await sending(store)) == ["edit b0", "bob's reply", "ada's lesson"]


async def test_what_is_due_first_goes_first(store: Store) -> None:
    await arrive(store, "ada", parts=["ada"])
    await arrive(store, "bob", parts=["bob"])
    ada, bob = await sending(store)
    await ended(store, ada, state="waiting", due_at=NOON + 2 * MINUTE)
    await ended(store, bob, state="waiting", due_at=NOON + MINUTE)
    assert words(await sending(store, now=NOON + 5 * MINUTE)) == ["bob", "ada"]


async def test_each_channel_has_a_queue_of_its_own(store: Store) -> None:
    await arrive(store, "ada", channel="whatsapp", parts=["on the other channel"])
    assert await sending(store) == []
    assert await store.depth() == {("whatsapp", "waiting"): 1}


async def test_the_claim_tells_whom_to_send_to_and_what(store: Store) -> None:
    learner_id = await arrive(store, "ada", parts=["hello"])
    (row,) = await sending(store)
    assert (row.learner_id, row.address.id, row.kind, row.state) == (learner_id, "ada", "reply", "waiting")
    assert row.created_at == row.due_at == NOON


async def test_a_part_leads_back_to_its_address_until_it_is_gone(store: Store) -> None:
    learner_id = await arrive(store, "ada", parts=["hello"])
    (row,) = await sending(store)
    there = await store.part(row.id)
    assert there is not None
    assert there.address == row.address
    await store.erase([learner_id])
    assert await store.part(row.id) is None


async def test_only_one_holder_has_the_lease(store: Store) -> None:
    assert await store.lease("telegram", "one", NOON, 15) == 1
    assert await store.lease("telegram", "two", NOON, 15) is None
    assert await store.lease("telegram", "one", NOON + timedelta(seconds=10), 15) == 1
    assert await store.lease("telegram", "two", NOON + timedelta(seconds=20), 15) is None
    assert await store.lease("telegram", "two", NOON + timedelta(seconds=25), 15) == 2
    assert await store.lease("telegram", "one", NOON + timedelta(seconds=25), 15) is None


async def test_a_lease_that_a_mad_clock_wrote_is_taken_though_it_has_not_ended(store: Store) -> None:
    assert await store.lease("telegram", "a day ahead", NOON + timedelta(days=1), 15) == 1
    assert await store.lease("telegram", "right", NOON, 15) == 2
    assert await store.lease("telegram", "a minute behind", NOON - MINUTE, 15) is None


async def test_a_lease_given_back_is_taken_at_once_under_a_new_epoch(store: Store) -> None:
    assert await store.lease("telegram", "one", NOON, 15) == 1
    await store.release("telegram", "two", NOON)
    assert await store.lease("telegram", "two", NOON, 15) is None
    await store.release("telegram", "one", NOON)
    assert await store.lease("telegram", "two", NOON, 15) == 2


async def test_a_frozen_sender_can_neither_mark_nor_claim_after_another_took_over(store: Store) -> None:
    await arrive(store, "ada", parts=["a1"])
    await arrive(store, "bob", parts=["b1"])
    (row,) = await sending(store, limit=1, holder="frozen")
    assert await store.lease("telegram", "quick", NOON + 2 * MINUTE, 15) == 2
    assert await store.marks([Mark(row.id, "sent")], "telegram", 1, NOON + 2 * MINUTE) is False
    assert await store.claim(Claim("telegram", NOON + 2 * MINUTE, 10, "telegram", 1)) is None
    assert "sent" not in await store.counters()


async def test_what_a_lost_sender_held_is_found_marked_and_comes_again_as_unknown(store: Store) -> None:
    await arrive(store, parts=["a1", "a2"])
    await sending(store, holder="killed")
    epoch = await store.lease("telegram", "next", NOON + 2 * MINUTE, 15)
    assert epoch == 2
    assert await store.claim(Claim("telegram", NOON + 2 * MINUTE, 10, "telegram", epoch)) == []
    (left,) = await store.abandoned("telegram", epoch)
    assert (left.body, left.state) == ({"text": "a1"}, "sending")
    mark = Mark(left.id, "unknown", "its sender was lost", NOON + 3 * MINUTE)
    assert await store.marks([mark], "telegram", epoch, NOON + 2 * MINUTE)
    assert await store.abandoned("telegram", epoch) == []
    assert await store.claim(Claim("telegram", NOON + 2 * MINUTE, 10, "telegram", epoch)) == []
    (row,) = await store.claim(Claim("telegram", NOON + 3 * MINUTE, 10, "telegram", epoch))
    assert (row.body, row.state, row.attempts) == ({"text": "a1"}, "unknown", 1)


async def test_of_a_chat_a_lost_sender_may_have_held_an_edit_and_a_message(store: Store) -> None:
    await arrive(store, parts=["edit a0", "a1", "a2"])
    await sending(store, holder="killed")
    epoch = await store.lease("telegram", "next", NOON + 2 * MINUTE, 15)
    assert epoch == 2
    left = await store.abandoned("telegram", epoch)
    assert words(left) == ["edit a0", "a1"]
    marks = [Mark(row.id, "unknown", "its sender was lost", NOON + 2 * MINUTE) for row in left]
    assert await store.marks(marks, "telegram", epoch, NOON + 2 * MINUTE)
    again = await store.claim(Claim("telegram", NOON + 2 * MINUTE, 10, "telegram", epoch))
    assert [(row.body["text"], row.state) for row in again or ()] == [("edit a0", "unknown"), ("a1", "unknown")]


async def test_what_a_sender_holds_itself_is_not_abandoned(store: Store) -> None:
    await arrive(store, parts=["a1"])
    await sending(store)
    assert await store.abandoned("telegram", 1) == []


async def test_marking_twice_counts_once(store: Store) -> None:
    await arrive(store, parts=["a1"])
    (row,) = await sending(store)
    assert await ended(store, row, platform_id="m1") is True
    assert await ended(store, row, state="failed") is True
    books = await store.counters()
    assert (books["due"], books["sent"], books.get("failed", 0)) == (1, 1, 0)


async def test_cancelling_stops_what_waits_and_leaves_what_is_on_its_way(store: Store) -> None:
    learner_id = await arrive(store, parts=["a1", "a2", "a3"])
    (on_its_way,) = await sending(store)
    assert await store.cancel([learner_id], "stopped", NOON) == 2
    await ended(store, on_its_way)
    assert await store.depth() == {}
    books = await store.counters()
    assert books["due"] == 3 == books["sent"] + books["cancelled"]


async def test_cancelling_leaves_an_edit_and_a_message_that_are_on_their_way(store: Store) -> None:
    learner_id = await arrive(store, parts=["edit a0", "a1", "a2"])
    on_their_way = await sending(store)
    assert await store.cancel([learner_id], "stopped", NOON) == 1
    await ended(store, *on_their_way)
    books = await store.books()
    assert (books["due"], books["sent"], books["cancelled"], books["waiting"]) == (3, 2, 1, 0)


async def test_the_address_of_last_words_stays_until_edit_and_message_have_ended(store: Store) -> None:
    await arrive(store, parts=["edit a0", "bye"])
    edit, bye = await sending(store)
    async with store.transaction() as tx:
        for table in (outbox, addresses):
            await tx.connection.execute(table.update().values(learner_id=None))
    await ended(store, edit)
    assert await store.part(bye.id) is not None
    await ended(store, bye)
    assert await store.part(bye.id) is None


def tell(row_id: int, status: str, means: str, reason: str | None = None) -> Tell:
    return Tell(row_id, "SM1", status, means, reason)  # type: ignore[arg-type]


async def test_a_report_before_the_answer_settles_the_part_once(store: Store) -> None:
    await arrive(store, parts=["a1", "a2"])
    (row,) = await sending(store)
    await store.told([tell(row.id, "delivered", "sent")], NOON)
    await ended(store, row, platform_id="SM1")
    assert words(await sending(store)) == ["a2"]
    assert (await store.counters())["sent"] == 1


async def test_a_report_settles_a_part_nobody_knew_about(store: Store) -> None:
    await arrive(store, parts=["a1"])
    (row,) = await sending(store)
    await ended(store, row, state="unknown", due_at=NOON + MINUTE)
    await store.told([tell(row.id, "sent", "sent")], NOON)
    assert await sending(store, now=NOON + 2 * MINUTE) == []
    assert (await store.counters())["sent"] == 1


async def test_a_part_that_went_out_and_then_failed_is_booked_as_failed(store: Store) -> None:
    await arrive(store, parts=["a1"])
    (row,) = await sending(store)
    await ended(store, row, platform_id="SM1")
    await store.told([tell(row.id, "failed", "failed", "63016")], NOON)
    await store.told([tell(row.id, "failed", "failed", "63016"), tell(row.id, "sent", "sent")], NOON)
    books = await store.counters()
    assert (books["due"], books["sent"], books["failed"]) == (1, 0, 1)


async def test_what_could_not_be_delivered_goes_out_once_more_changed(store: Store) -> None:
    await arrive(store, "ada", parts=["a1"])
    (row,) = await sending(store)
    await ended(store, row, platform_id="m1")
    failed = Tell(row.id, "m1", "undelivered", "failed", "no picture")
    assert await store.again(failed, {"text": "a1 in words"}, NOON)
    assert await store.books() == {"received": 1, "handled": 1, "due": 1, "sent": 0, "waiting": 1}
    (again,) = await sending(store)
    assert (again.id, again.body) == (row.id, {"text": "a1 in words"})
    await ended(store, again, platform_id="m2")
    assert not await store.again(failed, {"text": "a1 once more"}, NOON), "that was about the first time"
    await store.told([failed], NOON)
    assert (await store.books())["sent"] == 1
    assert [tell.status for tell in await store.reports(row.id)] == ["undelivered"]


async def test_what_could_not_be_delivered_stays_away_once_the_chat_has_gone_on(store: Store) -> None:
    await arrive(store, "ada", parts=["a1", "a2"])
    (row,) = await sending(store)
    await ended(store, row, platform_id="m1")
    assert not await store.again(Tell(row.id, "m1", "undelivered", "failed"), {"text": "a1 in words"}, NOON)
    assert words(await sending(store)) == ["a2"]


async def test_the_other_messages_of_a_chat_are_known_by_the_platform_s_ids(store: Store) -> None:
    await arrive(store, "ada", parts=["a1", "a2"])
    await arrive(store, "bob", parts=["b1"])
    one, other = await sending(store)
    await ended(store, one, platform_id="m1")
    await ended(store, other, platform_id="m2")
    (last,) = await sending(store)
    assert await store.placed(last) == {"m1"}


async def test_reports_are_kept_as_they_came_each_once(store: Store) -> None:
    await arrive(store, parts=["a1"])
    (row,) = await sending(store)
    both = [tell(row.id, "sent", "sent"), tell(row.id, "read", "nothing")]
    await store.told(both, NOON)
    await store.told(both, NOON)
    assert [report.status for report in await store.reports(row.id)] == ["sent", "read"]


async def test_a_report_about_a_part_that_is_not_ours_changes_nothing(store: Store) -> None:
    await store.told([tell(4711, "sent", "sent")], NOON)
    assert await store.counters() == {}


async def test_nothing_to_mark_or_tell_is_no_trouble(store: Store) -> None:
    assert await ended(store) is True
    await store.told([], NOON)
    assert await store.cancel([], "nobody", NOON) == 0


@pytest.mark.parametrize("limit", [1, 7])
async def test_a_claim_takes_no_more_than_asked(store: Store, limit: int) -> None:
    for who in range(9):
        await arrive(store, f"who-{who}", parts=["hello"])
    assert len(await sending(store, limit=limit)) == limit


async def test_the_books_show_what_has_not_ended_at_the_same_moment(store: Store) -> None:
    await arrive(store, "ada", parts=["a1", "a2"])
    await arrive(store, "bob", parts=["b1"])
    (sent, under_way) = await sending(store)
    await ended(store, sent)
    await ended(store, under_way, state="unknown", due_at=NOON)
    books = await store.books()
    assert (books["due"], books["sent"], books["waiting"]) == (3, 1, 2)
    await sending(store)
    assert await store.books() == books
