"""The sender: in order, once, as fast as allowed, and nobody waits for somebody else's trouble."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.commands.process import DRAIN_SECONDS
from bot.delivery import sender
from bot.delivery.limits import Chats, Limits, Window
from bot.delivery.sender import ENDING, TICK
from bot.delivery.settling import DOUBT
from bot.engine.events import Left as LeftEvent
from bot.errors import TryAgain, Unavailable
from bot.outcomes import Later, Left, Refused, Result, Sent, Unknown
from storage.rows import OutboxRow
from storage.store import Store
from storage.tables import outbox
from tests.delivery.makers import Desk, calls_ended, turns
from tests.storage.makers import NOON, arrive, later, taps


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


async def test_parts_of_a_chat_go_out_in_order_and_once(desk: Desk, store: Store) -> None:
    await arrive(store, "ada", parts=["a1", "a2", "a3"])
    await arrive(store, "bob", parts=["b1"])
    await desk.work(rounds=5)
    assert desk.platform.texts == ["a1", "b1", "a2", "a3"]
    assert await desk.state() == {"sent": 4}


def hanging(*texts: str) -> tuple[asyncio.Event, Callable[[OutboxRow], Awaitable[Result]]]:
    """A platform that answers these only once the event is set."""
    gate = asyncio.Event()

    async def answer(row: OutboxRow) -> Result:
        if row.body["text"] in texts:
            await gate.wait()
        return Sent(None)

    return gate, answer


async def look(desk: Desk, times: int = 2) -> None:
    """Rounds that wait for no call."""
    for _ in range(times):
        await desk.sender.round()
        await turns()


async def test_an_outcome_that_cannot_be_reckoned_with_harms_its_own_part_alone(desk: Desk, store: Store) -> None:
    await arrive(store, "ada", parts=["a1"])
    await arrive(store, "bob", parts=["b1"])
    desk.platform.answers = lambda row: Later(float("nan"), "part", False) if row.body["text"] == "a1" else Sent(None)
    await desk.work(rounds=3)
    for _ in range(3):
        desk.clock.move(600)
        await desk.work(rounds=2)
    assert await desk.state() == {"sent": 1, "failed": 1}


async def test_an_edit_and_the_message_behind_it_go_together(desk: Desk, store: Store) -> None:
    gate, desk.platform.answers = hanging("edit a0", "a1")
    await arrive(store, "ada", parts=["edit a0", "a1"])
    await look(desk, 1)
    assert desk.platform.texts == ["edit a0", "a1"]
    assert await desk.state() == {"sending": 2}
    gate.set()
    await desk.work()
    assert await desk.state() == {"sent": 2}


async def test_a_platform_that_hangs_on_an_edit_holds_up_other_edits_and_no_message(desk: Desk, store: Store) -> None:
    gate, desk.platform.answers = hanging("edit a0")
    await arrive(store, "ada", parts=["edit a0", "a1"])
    await look(desk)
    await taps(store, "ada", parts=["edit a1", "a2"])
    await look(desk)
    assert desk.platform.texts == ["edit a0", "a1", "a2"]
    gate.set()
    await desk.work(rounds=2)
    assert desk.platform.texts == ["edit a0", "a1", "a2", "edit a1"]
    assert await desk.state() == {"sent": 4}


async def test_an_edit_waits_for_the_message_before_it(desk: Desk, store: Store) -> None:
    gate, desk.platform.answers = hanging("a1")
    await arrive(store, "ada", parts=["a1", "edit a1", "a2"])
    await look(desk)
    assert desk.platform.texts == ["a1"]
    gate.set()
    await desk.work(rounds=2)
    assert desk.platform.texts == ["a1", "edit a1", "a2"]


async def test_a_message_waits_for_the_message_before_it_also_past_an_edit(desk: Desk, store: Store) -> None:
    gate, desk.platform.answers = hanging("edit a0", "a1")
    await arrive(store, "ada", parts=["edit a0", "a1", "a2"])
    await arrive(store, "bob", parts=["b1", "edit b1", "b2", "edit b2", "b3"])
    await look(desk, 4)
    assert [text for text in desk.platform.texts if "a" in text] == ["edit a0", "a1"]
    assert [text for text in desk.platform.texts if "b" in text] == ["b1", "edit b1", "b2", "edit b2", "b3"]
    gate.set()
    await desk.work(rounds=2)
    assert desk.platform.texts[-1] == "a2"


async def test_an_edit_that_is_refused_or_tried_again_is_no_concern_of_the_message(desk: Desk, store: Store) -> None:
    troubles: dict[str, Result] = {"edit a0": Refused("400"), "edit b0": Later(0.0, "part", True, "502")}
    desk.platform.answers = lambda row: troubles.pop(row.body["text"], Sent(None))
    await arrive(store, "ada", parts=["edit a0", "a1"])
    await arrive(store, "bob", parts=["edit b0", "b1"])
    await desk.work()
    assert await desk.state() == {"sent": 2, "failed": 1, "waiting": 1}
    desk.clock.move(1)
    await desk.work()
    assert desk.platform.texts == ["edit a0", "a1", "edit b0", "b1", "edit b0"]
    assert await desk.state() == {"sent": 3, "failed": 1}


async def test_the_edit_takes_its_chat_s_turn_before_the_message(store: Store) -> None:
    desk = Desk(store, limits=Limits(Window(0), Chats(1, 1)))
    await arrive(store, "ada", parts=["edit a0", "a1"])
    await desk.work()
    assert desk.platform.texts == ["edit a0"]
    desk.clock.move(1)
    await desk.work()
    assert desk.platform.texts == ["edit a0", "a1"]


async def test_a_chat_that_is_to_wait_because_of_an_edit_gets_no_message_meanwhile(store: Store) -> None:
    desk = Desk(store, limits=Limits(Window(25), Chats(0, 1)))
    desk.platform.answers = lambda row: Later(37, "chat", False) if len(desk.platform.got) == 1 else Sent(None)
    await arrive(store, "ada", parts=["edit a0", "a1"])
    await desk.work()
    desk.clock.move(36.9)
    await desk.work()
    await taps(store, "ada", parts=["a2"])
    await desk.work()
    assert desk.platform.texts == ["edit a0"]
    for _ in range(5):
        desk.clock.move(0.1)
        await desk.work()
    assert sorted(desk.platform.texts[1:3]) == ["a1", "edit a0"]
    assert desk.platform.texts[3:] == ["a2"]
    assert all(row.attempts == 0 for row in desk.platform.got)


async def test_chats_do_not_wait_for_each_other(desk: Desk, store: Store) -> None:
    gate = asyncio.Event()

    async def hangs(row: OutboxRow) -> Result:
        await gate.wait()
        return Sent(None)

    desk.platform.answers = lambda row: hangs(row) if row.body["text"].startswith("a") else Sent(None)
    await arrive(store, "ada", parts=["a1", "a2"])
    await arrive(store, "bob", parts=["b1", "b2"])
    for _ in range(3):
        await desk.sender.round()
        await turns()
    assert desk.platform.texts == ["a1", "b1", "b2"]
    gate.set()
    await desk.work(rounds=2)
    assert desk.platform.texts == ["a1", "b1", "b2", "a2"]


async def test_somebody_who_waits_goes_before_lessons_nobody_asked_for(store: Store) -> None:
    desk = Desk(store, at_once=1)
    await later(store, "ada", "lesson")
    await later(store, "bob", "lesson")
    await arrive(store, "cyd", parts=["reply"])
    await desk.work(rounds=3)
    assert desk.platform.texts[0] == "reply"


async def test_too_many_requests_waits_exactly_as_told_and_uses_up_no_try(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Later(37, "chat", False) if len(desk.platform.got) == 1 else Sent(None)
    await arrive(store, "ada", parts=["a1", "a2"])
    await desk.work()
    desk.clock.move(36.9)
    await desk.work()
    assert desk.platform.texts == ["a1"]
    desk.clock.move(0.1)
    await desk.work(rounds=2)
    assert desk.platform.texts == ["a1", "a1", "a2"]
    assert desk.platform.got[1].attempts == 0


async def test_the_wait_survives_a_restart(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Later(37, "chat", False)
    await arrive(store, "ada", parts=["a1"])
    await desk.work()
    await desk.sender.finish()
    restarted = Desk(store, clock=desk.clock, holder="two")
    desk.clock.move(36)
    await restarted.work()
    assert restarted.platform.texts == []
    desk.clock.move(1)
    await restarted.work()
    assert restarted.platform.texts == ["a1"]


async def test_a_platform_in_trouble_is_left_alone_longer_each_time(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Later(0.0, "part", True, "502")
    await arrive(store, "ada", parts=["a1"])
    waits = []
    for _ in range(4):
        await desk.work()
        tries = len(desk.platform.got)
        waited = 0.0
        while len(desk.platform.got) == tries:
            desk.clock.move(0.25)
            waited += 0.25
            await desk.work()
        waits.append(waited)
    assert waits == [0.5, 1.0, 2.0, 4.0]


async def test_an_account_out_of_reach_is_tried_by_one_call_at_a_time(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Later(0.0, "account", True, "no network")
    for name in ("ada", "bob", "cyd"):
        await arrive(store, name, parts=["x"])
    await desk.work()
    assert len(desk.platform.got) == 3
    for _ in range(60):
        before = len(desk.platform.got)
        desk.clock.move(0.5)
        await desk.sender.round()
        await calls_ended(desk.sender)
        assert len(desk.platform.got) - before <= 1
    assert len(desk.platform.got) > 3
    desk.platform.answers = lambda row: Sent(None)
    for _ in range(2):  # the last one tried may only now hear that it has to wait
        desk.clock.move(60)
        await desk.work(rounds=4)
    assert await desk.state() == {"sent": 3}


@pytest.mark.parametrize("scope", ["part", "chat", "account"])
async def test_a_clock_that_was_ahead_while_a_part_was_put_off_keeps_nobody_waiting(
    desk: Desk, store: Store, scope: Any
) -> None:
    await arrive(store, "ada", parts=["a1"])
    desk.platform.answers = lambda row: Later(30.0, scope, False, "not now")
    desk.clock.wrong = timedelta(hours=5)
    await desk.work()
    desk.clock.wrong = timedelta(0)
    desk.platform.answers = lambda row: Sent(None)
    desk.clock.move(sender.TENDED)
    await desk.work()
    assert await desk.state() == {"sent": 1}


async def test_what_was_written_while_a_clock_was_ahead_goes_out_within_a_minute(desk: Desk, store: Store) -> None:
    await desk.work()
    await arrive(store, "ada", parts=["a1"])
    async with store.transaction() as tx:
        await tx.connection.execute(outbox.update().values(due_at=NOON + timedelta(hours=5)))
    desk.clock.move(sender.TENDED)
    await desk.work()
    assert desk.platform.texts == ["a1"]


async def test_an_hour_that_a_platform_asks_for_is_waited_for(desk: Desk, store: Store) -> None:
    await arrive(store, "ada", parts=["a1"])
    desk.platform.answers = lambda row: Later(3600.0, "chat", False, "flood")
    await desk.work()
    for _ in range(58):
        desk.clock.move(61)
        await desk.work()
    assert desk.platform.texts == ["a1"]


async def test_when_many_chats_are_told_to_wait_everybody_does(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Later(20, "chat", False)
    for n in range(5):
        await arrive(store, f"one-{n}", parts=["x"])
    await desk.work()
    await arrive(store, "another", parts=["y"])
    desk.clock.move(19)
    await desk.work()
    assert "y" not in desk.platform.texts
    desk.clock.move(1)
    await desk.work()
    assert "y" in desk.platform.texts


async def test_a_lost_answer_to_somebody_who_waits_is_repeated_after_a_short_while(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Unknown("cut")
    await arrive(store, "ada", parts=["a1"])
    await desk.work(rounds=3)
    desk.clock.move(DOUBT - 0.1)
    await desk.work()
    assert [row.state for row in desk.platform.got] == ["waiting"]
    desk.clock.move(0.1)
    await desk.work()
    assert [row.state for row in desk.platform.got] == ["waiting", "unknown"]
    desk.platform.answers = lambda row: Sent("p")
    desk.clock.move(DOUBT)
    await desk.work()
    assert await desk.state() == {"sent": 1}


async def test_a_channel_that_never_comes_back_is_given_up_in_time(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(row: OutboxRow) -> Result:
        await asyncio.Event().wait()
        return Sent("never")

    monkeypatch.setattr(sender, "CALL", 0.01)
    desk.platform.answers = hangs
    await arrive(store, "ada", parts=["a1"])
    await desk.work()
    assert await desk.state() == {"unknown": 1}


async def test_a_time_out_is_part_of_what_they_have_waited(desk: Desk, store: Store) -> None:
    def slow(row: OutboxRow) -> Result:
        desk.clock.move(10)
        return Unknown("no answer in time")

    desk.platform.answers = slow
    await arrive(store, "ada", parts=["a1"])
    await desk.work()
    desk.clock.move(DOUBT - 10)
    await desk.work()
    assert len(desk.platform.got) == 2


async def test_a_call_that_shows_nothing_twice_is_repeated_at_once(desk: Desk, store: Store) -> None:
    answers: list[Result] = [Sent("p"), Unknown("cut")]
    desk.platform.answers = lambda row: answers.pop()
    await arrive(store, "ada", parts=["edit"])
    await desk.work(rounds=2)
    assert await desk.state() == {"sent": 1}


async def test_a_tap_on_what_came_settles_it_and_the_next_part_goes_at_once(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Unknown("cut") if row.body["text"] == "a1" else Sent("p")
    await arrive(store, "ada", parts=["a1"])
    await desk.work()
    await taps(store, "ada", parts=["a2"])
    await desk.work(rounds=2)
    assert desk.platform.texts == ["a1", "a2"]
    assert await desk.state() == {"sent": 2}


async def test_any_other_word_brings_what_is_in_doubt_at_once(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Unknown("cut") if len(desk.platform.got) == 1 else Sent("p")
    await arrive(store, "ada", parts=["a1"])
    await desk.work()
    await arrive(store, "ada", parts=["a2"], now=desk.clock())
    await desk.work(rounds=2)
    assert desk.platform.texts == ["a1", "a1", "a2"]


async def test_a_tap_before_the_call_has_failed_leaves_no_doubt(desk: Desk, store: Store) -> None:
    gate = asyncio.Event()

    async def hangs(row: OutboxRow) -> Result:
        await gate.wait()
        return Unknown("no answer in time")

    desk.platform.answers = hangs
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    await turns()
    await taps(store, "ada")
    assert await desk.state() == {"sending": 1}
    gate.set()
    await desk.work()
    assert await desk.state() == {"sent": 1}


async def test_a_lost_answer_to_a_lesson_nobody_asked_for_waits_a_minute(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Unknown("cut")
    await later(store, "ada", "lesson")
    await desk.work(rounds=2)
    desk.clock.move(59)
    await desk.work()
    assert len(desk.platform.got) == 1
    desk.clock.move(1)
    await desk.work()
    assert len(desk.platform.got) == 2


async def test_a_platform_that_reports_by_itself_is_given_time(store: Store) -> None:
    desk = Desk(store)
    desk.platform.patience = 90
    desk.platform.answers = lambda row: Unknown("cut")
    await arrive(store, "ada", parts=["a1"])
    await desk.work(rounds=2)
    desk.clock.move(89)
    await desk.work()
    assert len(desk.platform.got) == 1


async def test_what_may_have_gone_out_stays_in_doubt_while_it_is_tried_again(desk: Desk, store: Store) -> None:
    answers: list[Result] = [Sent("p"), Later(0.0, "part", True, "502"), Unknown("cut")]
    desk.platform.answers = lambda row: answers.pop()
    await arrive(store, "ada", parts=["a1"])
    for _ in range(3):
        await desk.work(rounds=2)
        desk.clock.move(DOUBT)
    assert [row.state for row in desk.platform.got] == ["waiting", "unknown", "unknown"]


async def test_a_refused_part_is_put_aside_and_the_next_goes_on(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Refused("400") if row.body["text"] == "bad" else Sent(None)
    await arrive(store, "ada", parts=["bad", "good"])
    await desk.work(rounds=2)
    assert desk.platform.texts == ["bad", "good"]
    assert await desk.state() == {"sent": 1, "failed": 1}


async def test_a_part_that_breaks_our_code_is_tried_three_times_and_harms_nobody(desk: Desk, store: Store) -> None:
    def breaks(row: OutboxRow) -> Result:
        if row.body["text"] == "poison":
            raise KeyError("method")
        return Sent(None)

    desk.platform.answers = breaks
    await arrive(store, "ada", parts=["poison", "a2"])
    await arrive(store, "bob", parts=["b1"])
    for _ in range(6):
        await desk.work(rounds=2)
        desk.clock.move(10)
    assert desk.platform.texts.count("poison") == 3
    assert {"a2", "b1"} <= set(desk.platform.texts)
    assert await desk.state() == {"sent": 2, "failed": 1}


async def test_who_blocked_us_is_noted_and_nothing_more_is_tried(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Left("blocked")
    await arrive(store, "ada", parts=["a1", "a2", "a3"])
    await desk.work(rounds=4)
    assert desk.platform.texts == ["a1"]
    (event,) = desk.gone
    assert isinstance(event, LeftEvent)
    assert event.address.id == "ada"
    assert await desk.state() == {"failed": 1, "cancelled": 2}


async def test_a_refusal_that_comes_late_tells_nothing_of_somebody_who_is_back(desk: Desk, store: Store) -> None:
    answer: asyncio.Future[Left] = asyncio.get_running_loop().create_future()
    desk.platform.answers = lambda row: answer if row.body["text"] == "a1" else Sent(None)
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    await arrive(store, "ada", parts=["welcome back"], now=NOON + timedelta(minutes=1))
    desk.clock.move(60)
    answer.set_result(Left("blocked"))
    await desk.work(rounds=3)
    assert desk.platform.texts == ["a1", "welcome back"]
    assert desk.gone == []


async def test_a_chat_gets_a_burst_and_then_one_a_second(store: Store) -> None:
    desk = Desk(store, limits=Limits(Window(0), Chats(1, 5)))
    await arrive(store, "ada", parts=[str(n) for n in range(9)])
    await desk.work(rounds=9)
    assert len(desk.platform.got) == 5
    for seconds in (0.5, 0.5, 1.0):
        desk.clock.move(seconds)
        await desk.work(rounds=2)
    assert desk.platform.texts == [str(n) for n in range(7)]
    assert all(row.attempts == 0 for row in desk.platform.got)


async def test_an_account_never_sends_more_than_its_rate_in_any_second(store: Store) -> None:
    desk = Desk(store, limits=Limits(Window(10), Chats(0, 1)))
    for n in range(40):
        await arrive(store, f"p{n}", parts=["x"])
    times: list[float] = []
    desk.platform.answers = lambda row: times.append(desk.clock.monotonic()) or Sent(None)  # type: ignore[func-returns-value]
    for _ in range(50):
        await desk.work()
        desk.clock.move(0.1)
    assert len(times) == 40
    assert all(times[n + 10] - times[n] >= 0.999 for n in range(30))


async def test_two_senders_never_send_at_once(store: Store, desk: Desk) -> None:
    other = Desk(store, clock=desk.clock, holder="two")
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    await other.work()
    await desk.work()
    assert (desk.platform.texts, other.platform.texts) == (["a1"], [])


async def test_a_holder_that_died_is_replaced_and_its_part_repeated_once(store: Store, desk: Desk) -> None:
    desk.platform.answers = lambda row: asyncio.Event().wait()  # type: ignore[arg-type, return-value]
    await arrive(store, "ada", parts=["a1", "a2"])
    await desk.sender.round()
    await turns()
    other = Desk(store, clock=desk.clock, holder="two")
    desk.clock.move(15)
    await other.work()
    desk.clock.move(DOUBT - 0.1)
    await other.work()
    assert other.platform.got == []
    desk.clock.move(0.1)
    await other.work(rounds=3)
    assert [(row.body["text"], row.state) for row in other.platform.got] == [("a1", "unknown"), ("a2", "waiting")]
    for call in list(desk.sender._calls):
        call.cancel()


async def test_a_tap_settles_what_a_dead_holder_sent_before_and_after_somebody_takes_over(
    store: Store, desk: Desk
) -> None:
    desk.platform.answers = lambda row: asyncio.Event().wait()  # type: ignore[arg-type, return-value]
    for name in ("ada", "bob", "cyd"):
        await arrive(store, name, parts=[name])
    await desk.sender.round()
    await turns()
    other = Desk(store, clock=desk.clock, holder="two")
    await taps(store, "ada")
    desk.clock.move(15)
    await other.work()
    await taps(store, "bob")
    desk.clock.move(DOUBT)
    await other.work(rounds=2)
    assert other.platform.texts == ["cyd"]
    assert await other.state() == {"sent": 3}
    for call in list(desk.sender._calls):
        call.cancel()


async def test_a_tap_settles_the_message_of_a_dead_holder_and_the_edit_beside_it_is_made_again(
    store: Store, desk: Desk
) -> None:
    desk.platform.answers = lambda row: asyncio.Event().wait()  # type: ignore[arg-type, return-value]
    await arrive(store, "ada", parts=["edit a0", "a1"])
    await desk.sender.round()
    await turns()
    other = Desk(store, clock=desk.clock, holder="two")
    await taps(store, "ada", "m1", parts=["edit a1", "a2"])
    desk.clock.move(15)
    await other.work(rounds=3)
    assert other.platform.texts == ["a2", "edit a0", "edit a1"]
    assert await other.state() == {"sent": 4}
    for call in list(desk.sender._calls):
        call.cancel()


async def test_who_blocked_us_while_an_edit_and_a_message_were_under_way_is_noted_once(
    desk: Desk, store: Store
) -> None:
    desk.platform.answers = lambda row: Left("blocked")
    await arrive(store, "ada", parts=["edit a0", "a1", "a2"])
    await desk.work(rounds=2)
    assert desk.platform.texts == ["edit a0", "a1"]
    assert len(desk.gone) == 1
    assert await desk.state() == {"failed": 2, "cancelled": 1}


async def test_a_lesson_that_a_dead_holder_sent_waits_a_minute(store: Store, desk: Desk) -> None:
    await later(store, "ada", "lesson")
    await desk.sender.round()
    desk.clock.move(15)
    other = Desk(store, clock=desk.clock, holder="two")
    for seconds, sent in ((0, 0), (59.9, 0), (0.1, 1)):
        desk.clock.move(seconds)
        await other.work()
        assert len(other.platform.got) == sent


async def test_a_holder_that_stood_still_sends_nothing_more_and_settles_nothing(store: Store, desk: Desk) -> None:
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()  # claimed, its call not begun: here the process stands still
    desk.clock.move(16)
    other = Desk(store, clock=desk.clock, holder="two")
    await other.work()
    desk.clock.move(DOUBT)
    await other.work(rounds=2)
    await desk.work(rounds=2)
    assert desk.platform.texts == []
    assert other.platform.texts == ["a1"]
    assert await other.state() == {"sent": 1}


async def test_a_holder_that_stood_still_and_was_not_replaced_goes_on(store: Store, desk: Desk) -> None:
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    desk.clock.move(16)
    await desk.work(rounds=2)
    assert desk.platform.texts == ["a1"]


async def test_a_database_that_answers_after_the_lease_has_run_out_makes_nobody_forget_an_outcome(
    store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await arrive(store, "ada", parts=["a1", "a2"])
    await desk.sender.round()
    await calls_ended(desk.sender)
    lease = store.lease

    async def late(*args: Any) -> int | None:
        epoch = await lease(*args)
        desk.clock.move(16)
        return epoch

    with monkeypatch.context() as slow:
        slow.setattr(store, "lease", late)
        desk.clock.move(6)
        await desk.sender.round()
    await desk.work(rounds=2)
    assert desk.platform.texts == ["a1", "a2"]
    assert await desk.state() == {"sent": 2}


async def test_the_lease_is_given_back_on_the_way_out(store: Store, desk: Desk) -> None:
    await desk.work()
    await desk.sender.finish()
    other = Desk(store, clock=desk.clock, holder="two")
    await arrive(store, "ada", parts=["a1"])
    await other.work()
    assert other.platform.texts == ["a1"]


async def test_told_to_stop_it_finishes_what_is_under_way_and_takes_nothing_more(store: Store, desk: Desk) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def slow(row: OutboxRow) -> Result:
        begun.set()
        await gate.wait()
        return Sent("p")

    desk.platform.answers = slow
    await arrive(store, "ada", parts=["a1", "a2"])
    running = asyncio.create_task(desk.sender.run())
    await begun.wait()
    running.cancel()
    await turns()
    assert not running.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert desk.platform.texts == ["a1"]
    assert await desk.state() == {"sent": 1, "waiting": 1}


async def test_told_to_stop_while_the_platform_hangs_it_ends_in_time_and_leaves_it_in_doubt(store: Store) -> None:
    desk = Desk(store, ending=0.01)
    desk.platform.answers = lambda row: asyncio.get_running_loop().create_future()
    await arrive(store, "ada", parts=["a1", "a2"])
    await desk.sender.round()
    await turns()
    await desk.sender.finish()
    assert await desk.state() == {"unknown": 1, "waiting": 1}
    desk.clock.move(DOUBT)
    other = Desk(store, clock=desk.clock, holder="two")
    await other.work(rounds=2)
    assert other.platform.texts == ["a1", "a2"], "the lease was given back, and nothing is lost"


def test_there_is_time_to_write_down_what_hangs_before_the_process_is_ended() -> None:
    assert ENDING <= DRAIN_SECONDS - 2


async def test_told_to_stop_it_writes_down_what_came_back_after_its_lease_had_run_out(store: Store, desk: Desk) -> None:
    def takes_long(row: OutboxRow) -> Result:
        desk.clock.move(16)
        return Sent("p")

    desk.platform.answers = takes_long
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    await desk.sender.finish()
    assert await desk.state() == {"sent": 1}
    desk.platform.answers = lambda row: Sent("p")
    other = Desk(store, clock=desk.clock, holder="two")
    await arrive(store, "bob", parts=["b1"])
    await other.work()
    assert other.platform.texts == ["b1"]


async def test_told_to_stop_too_late_it_leaves_its_outcomes_to_whoever_took_over(store: Store, desk: Desk) -> None:
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    await calls_ended(desk.sender)
    desk.clock.move(16)
    other = Desk(store, clock=desk.clock, holder="two")
    await other.sender.round()
    await desk.sender.finish()
    assert await desk.state() == {"unknown": 1}
    desk.clock.move(1)
    assert await store.lease("telegram", "two", desk.clock(), 15)


async def test_told_to_stop_with_somebody_in_the_way_it_tries_again(
    store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks, refusals = store.marks, iter([TryAgain("in the way", "again")] * 3)

    async def in_the_way(*args: Any) -> bool:
        for refusal in refusals:
            raise refusal
        return await marks(*args)

    monkeypatch.setattr(store, "marks", in_the_way)
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    await desk.sender.finish()
    assert await desk.state() == {"sent": 1}


async def test_told_to_stop_twice_while_it_writes_down_it_ends(
    store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, gate, marks = asyncio.Event(), asyncio.Event(), store.marks

    async def slowly(*args: Any) -> bool:
        writing.set()
        await gate.wait()
        return await marks(*args)

    desk.platform.answers = lambda row: Later(60.0, "account", True, "too many")  # nothing else would stir it
    await arrive(store, "ada", parts=["a1"])
    monkeypatch.setattr(store, "marks", slowly)
    running = asyncio.create_task(desk.sender.run())
    await writing.wait()
    for _ in range(2):
        running.cancel()
        await turns()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await desk.state() == {"waiting": 1}


async def test_told_to_stop_while_it_claims_it_sends_what_it_claimed(
    store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed, gate, claim = asyncio.Event(), asyncio.Event(), store.claim

    async def slowly(*args: object, **more: object) -> list[OutboxRow] | None:
        rows = await claim(*args, **more)  # type: ignore[arg-type]
        claimed.set()
        await gate.wait()
        return rows

    monkeypatch.setattr(store, "claim", slowly)
    await arrive(store, "ada", parts=["a1"])
    running = asyncio.create_task(desk.sender.run())
    await claimed.wait()
    running.cancel()
    await turns()
    gate.set()
    await asyncio.gather(running, return_exceptions=True)
    assert desk.platform.texts == ["a1"]
    assert await desk.state() == {"sent": 1}


async def test_what_a_call_of_an_earlier_reign_came_to_no_longer_counts(store: Store, desk: Desk) -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def slow(row: OutboxRow) -> Result:
        late = row.state == "waiting"
        await (first if late else second).wait()
        return Refused("too late") if late else Sent("p")

    desk.platform.answers = slow
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    await turns()
    desk.clock.move(16)
    other = Desk(store, clock=desk.clock, holder="two", at_once=0)
    await other.sender.round()
    await other.sender.finish()
    desk.clock.move(DOUBT)
    await desk.sender.round()
    await turns()
    assert [row.state for row in desk.platform.got] == ["waiting", "unknown"]
    first.set()
    await turns()
    await desk.sender.round()
    second.set()
    await desk.work()
    assert await desk.state() == {"sent": 1}


async def test_it_is_woken_and_needs_no_clock_for_that(store: Store, desk: Desk) -> None:
    done = asyncio.Event()
    desk.platform.answers = lambda row: done.set() or Sent(None)  # type: ignore[func-returns-value]
    running = asyncio.create_task(desk.sender.run())
    await arrive(store, "ada", parts=["a1"])
    desk.sender.wake()
    async with asyncio.timeout(5):
        await done.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await desk.state() == {"sent": 1}


async def test_outcomes_wait_for_a_database_that_is_away(
    store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await arrive(store, "ada", parts=["a1"])
    await desk.sender.round()
    await calls_ended(desk.sender)

    async def away(*args: object, **more: object) -> bool:
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(store, "marks", away)
        patched.setattr(store, "claim", away)
        with pytest.raises(Unavailable):
            await desk.sender.round()
    await desk.work()
    assert desk.platform.texts == ["a1"]
    assert await desk.state() == {"sent": 1}


async def test_a_claim_whose_answer_was_lost_hangs_nobody(
    store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await arrive(store, "ada", parts=["a1"])
    claim = store.claim

    async def claimed_but(*args: object, **more: object) -> list[OutboxRow]:
        await claim(*args, **more)  # type: ignore[arg-type]
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(store, "claim", claimed_but)
        with pytest.raises(Unavailable):
            await desk.sender.round()
    await desk.work(rounds=3)
    assert desk.platform.texts == ["a1"]
    assert await desk.state() == {"sent": 1}


async def test_it_rests_until_something_can_be_due(store: Store) -> None:
    desk = Desk(store, limits=Limits(Window(0), Chats(4, 1)))
    await desk.work()
    assert desk.sender.pause() == TICK
    await arrive(store, "ada", parts=["a1", "a2"])
    await desk.work(rounds=2)
    assert desk.sender.pause() == pytest.approx(0.25)
    desk.clock.move(0.25)
    await desk.work()
    assert desk.sender.pause() == TICK


async def test_a_burst_goes_out_one_by_one_and_it_wakes_exactly_when_the_next_may_go(store: Store) -> None:
    desk = Desk(store, limits=Limits(Window(25), Chats(0, 1)))
    for name in ("ada", "bob", "cyd"):
        await arrive(store, name, parts=[name])
    for sent in range(1, 4):
        await desk.work(rounds=2)
        assert len(desk.platform.got) == sent
        assert desk.sender.pause() == pytest.approx(0.04)
        desk.clock.move(0.04)
    await desk.work()
    assert desk.sender.pause() == TICK


async def test_a_moment_that_comes_while_it_looks_is_not_slept_through(store: Store) -> None:
    desk = Desk(store, limits=Limits(Window(25), Chats(0, 1)))
    for name in ("ada", "bob"):
        await arrive(store, name, parts=[name])
    await desk.work()
    desk.clock.move(0.04)
    assert desk.sender.pause() == 0


async def test_what_went_out_is_measured(desk: Desk, store: Store) -> None:
    await arrive(store, "ada", parts=["a1"])
    desk.clock.move(2)
    await desk.work()
    assert desk.meters.outcomes == ["sent"]
    assert desk.meters.lateness == [2.0]


async def test_what_a_platform_wants_remembered_is(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Sent("p", {"picture:x": "file-1"})
    await arrive(store, "ada", parts=["a1"])
    await desk.work()
    assert await store.recalled("telegram") == {"picture:x": "file-1"}


async def test_of_somebody_deleted_nothing_is_noted_when_they_are_gone(desk: Desk, store: Store) -> None:
    desk.platform.answers = lambda row: Left("blocked")
    await arrive(store, "ada", parts=["bye"])
    async with store.transaction() as tx:
        await tx.connection.execute(outbox.update().values(learner_id=None))
    await desk.work()
    assert desk.gone == []
