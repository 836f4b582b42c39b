"""The one door to the engine: what is committed happened once, what is not never happened."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.content.message_policy import read_rules
from bot.content.policies import BrakePolicy
from bot.delivery.brakes import Brakes
from bot.delivery.purse import Purse
from bot.engine.events import Address, Event, Left, Said
from bot.engine.learner import Status
from bot.errors import TryAgain, Unavailable
from bot.service import Content, EveryReply, Outcome
from bot.wiring.house import POLICIES, BrakedReplies
from storage.rows import AnswerFilter
from storage.store import Store
from storage.tables import addresses, answers, chat_lines, learners
from tests.makers import NOON
from tests.service.house import Clock, Person, serving


async def counted(store: Store, table: Any) -> int:
    async with store.read() as look:
        return int((await look.connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_the_same_event_twenty_times_at_once_has_one_effect(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock)
        await ana.at_first_question()
        tap = ana.event(Said, text="A")
        outcomes = await asyncio.gather(*(service.handle(tap) for _ in range(20)))
    assert sum(outcome.fresh for outcome in outcomes) == 1
    assert await counted(store, answers) == 1
    books = await store.counters()
    assert books["duplicate"] == 19
    assert books["received"] == books["handled"] + books["duplicate"]


async def test_a_first_message_twenty_times_at_once_makes_one_learner(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        hello = Person(service, clock).event(Said, text="hi")
        await asyncio.gather(*(service.handle(hello) for _ in range(20)))
    assert await counted(store, learners) == 1
    assert await counted(store, addresses) == 1


async def test_two_hundred_events_of_fifty_learners_keep_each_ones_order(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        people = [Person(service, clock, name=f"person{n}", channel="web") for n in range(50)]
        words = ["hi", "help", "menu", "privacy"]
        events = [person.event(Said, text=word) for word in words for person in people]
        outcomes = await asyncio.gather(*(service.handle(event) for event in events))
    assert all(outcome.fresh for outcome in outcomes)
    for person in people:
        learner = await store.learner_at(Address("web", person.name))
        lines = await store.chat_lines(str(learner))
        assert [line.body["text"] for line in lines if line.side == "learner"] == words


async def test_of_many_who_wait_the_first_are_answered_before_the_last_are_looked_at(
    store: Store, content: Content, monkeypatch: pytest.MonkeyPatch
):
    clock = Clock()
    sizes: list[int] = []
    async with serving(store, content, clock) as service:
        monkeypatch.setattr(service, "counted", lambda size, seconds: sizes.append(size))
        people = [Person(service, clock, name=f"person{n}", channel="web") for n in range(100)]
        await asyncio.gather(*(service.handle(person.event(Said, text="hi")) for person in people))
    assert sum(sizes) == 100
    assert sizes[:3] == [20, 16, 16]
    assert sizes[-1] <= 16, "a few go together"


async def test_an_event_that_raises_is_parked_and_its_199_neighbours_are_answered(
    store: Store, content: Content, monkeypatch: pytest.MonkeyPatch
):
    from bot import service as shell

    def bad(learner: Any, event: Event, *rest: Any) -> Any:
        if event.id == "person77-1":
            raise ZeroDivisionError
        return real(learner, event, *rest)

    real = shell.advance
    monkeypatch.setattr(shell, "advance", bad)
    clock = Clock()
    async with serving(store, content, clock) as service:
        people = [Person(service, clock, name=f"person{n}") for n in range(200)]
        outcomes = await asyncio.gather(*(service.handle(p.event(Said, text="hi")) for p in people))
    assert sum(bool(outcome.messages) for outcome in outcomes) == 199
    (parked,) = [row for row in await store.inbox() if row.state == "parked"]
    assert (parked.event_id, parked.reason) == ("person77-1", "ZeroDivisionError")
    assert parked.payload is not None
    assert "hi" in parked.payload
    books = await store.counters()
    assert (books["received"], books["handled"], books["parked"]) == (200, 199, 1)


async def test_a_row_the_database_refuses_is_parked_alone(
    store: Store, content: Content, monkeypatch: pytest.MonkeyPatch
):
    from bot import service as shell

    real = shell.newcomer

    def too_large(learner_id: str, seed: int, event: Event, library: Any) -> Any:
        return real(learner_id, 2**70 if event.address.id == "person3" else seed, event, library)

    monkeypatch.setattr(shell, "newcomer", too_large)
    clock = Clock()
    async with serving(store, content, clock) as service:
        people = [Person(service, clock, name=f"person{n}") for n in range(8)]
        outcomes = await asyncio.gather(*(service.handle(p.event(Said, text="hi")) for p in people))
    assert sum(bool(outcome.messages) for outcome in outcomes) == 7
    assert [row.event_id for row in await store.inbox() if row.state == "parked"] == ["person3-1"]


async def test_who_writes_beside_an_event_the_database_refuses_is_not_held_for_it(
    store: Store, content: Content, monkeypatch: pytest.MonkeyPatch
):
    """A batch that is tried again, in halves, makes nobody one who writes too often."""
    from bot import service as shell

    real = shell.advance

    def refused(learner: Any, event: Event, *rest: Any) -> Any:
        turn = real(learner, event, *rest)
        return replace(turn, learner=turn.learner.but(role="\ud800")) if event.id == "person3-2" else turn

    monkeypatch.setattr(shell, "advance", refused)
    clock, brakes = Clock(), Brakes(BrakePolicy(replies_an_hour=2), lambda: 0.0)
    replies = partial(BrakedReplies, brakes, Purse(read_rules(POLICIES), clock), frozenset({"console"}))
    async with serving(store, content, clock, replies=replies) as service:
        people = [Person(service, clock, name=f"person{n}") for n in range(8)]
        for word in ("hi", "help", "help"):
            outcomes = await asyncio.gather(*(service.handle(p.event(Said, text=word)) for p in people))
    assert [row.event_id for row in await store.inbox() if row.state == "parked"] == ["person3-2"]
    assert all(outcome.messages for outcome in outcomes)


async def test_when_the_database_is_away_the_platform_is_told_to_come_again(
    store: Store, content: Content, monkeypatch: pytest.MonkeyPatch
):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock)
        event = ana.event(Said, text="hi")

        def away() -> Any:
            raise Unavailable("The disk is full.", "Free some.")

        with monkeypatch.context() as patch:
            patch.setattr(store, "committing", away)
            with pytest.raises(Unavailable):
                await service.handle(event)
        assert (await service.handle(event)).fresh


async def test_an_error_that_nobody_foresaw_stops_nobody(
    store: Store, content: Content, monkeypatch: pytest.MonkeyPatch
):
    clock = Clock()
    async with serving(store, content, clock) as service:
        events = [Person(service, clock, name=name).event(Said, text="hi") for name in ("ana", "bob")]

        def gone() -> Any:
            raise LookupError("a table is away")

        with monkeypatch.context() as patch:
            patch.setattr(store, "committing", gone)
            for event in events:
                with pytest.raises(Unavailable):
                    await service.handle(event)
            patch.setattr(service, "_give_up", lambda batch, trouble: gone())
            with pytest.raises(Unavailable):
                await service.handle(events[0])
        assert [(await service.handle(event)).fresh for event in events] == [True, True]


async def test_whether_it_can_be_written_is_known_and_found_out_again(store: Store, monkeypatch: pytest.MonkeyPatch):
    assert store.not_writing is None

    async def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("storage.transaction.Transaction.finish", full)
        with pytest.raises(Unavailable):
            async with store.transaction():
                pass
    assert store.not_writing is not None
    await store.remember("ready", {"asked": "now"})
    assert store.not_writing is None


async def test_a_transaction_in_the_way_is_tried_again(store: Store, content: Content, monkeypatch: pytest.MonkeyPatch):
    clock = Clock()
    async with serving(store, content, clock) as service:
        real, failures = service._commit, [TryAgain(), TryAgain()]

        async def sometimes(events: Any) -> list[Outcome]:
            if failures:
                raise failures.pop()
            return await real(events)

        monkeypatch.setattr(service, "_commit", sometimes)
        assert (await Person(service, clock).starts()).fresh
    assert await counted(store, learners) == 1


async def test_both_sides_of_a_web_talk_are_kept_in_order(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock, channel="web")
        await ana.starts()
        await ana.taps("Ravi")
        await ana.says("next")
    lines = await store.chat_lines("learner-1")
    assert [line.side for line in lines] == ["bot", "learner", "bot", "learner", "bot"]
    assert [line.body["text"] for line in lines if line.side == "learner"] == ["Ravi", "next"]


async def test_only_a_tap_on_what_was_shown_last_says_that_it_arrived(store: Store, content: Content):
    clock, heard = Clock(), list[tuple[str, bool]]()
    async with serving(
        store, content, clock, after_commit=lambda rows: heard.extend((row.event.id, row.on_show) for row in rows)
    ) as service:
        ana = Person(service, clock)
        await ana.starts()
        first = ana.said[-1].options[0].data
        await ana.presses(first)
        await ana.presses(first)
        await ana.says("hello")
    assert heard == [("ana-1", False), ("ana-2", True), ("ana-3", False), ("ana-4", False)]


async def test_a_terminal_leaves_no_lines(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        await Person(service, clock).starts()
    assert await counted(store, chat_lines) == 0


async def test_why_keeps_what_the_bot_says_first(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock)
        await ana.at_first_question()
        await ana.says("why")
        assert ana.said[0].lead == "Nothing was due for you so far."
        await ana.says("why")
        assert ana.said[0].lead == "Here it is once more:\nNothing was due for you so far."


async def test_mydata_shows_what_is_stored_and_delete_leaves_nothing(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock, name="canary-address")
        await ana.at_first_question()
        await ana.taps("A")
        await ana.says("feedback")
        await ana.says("canary words")
        await ana.says("mydata")
        shown = "".join(message.body for message in ana.said)
        assert "canary words" in shown
        assert "canary-address" in shown
        await ana.says("delete")
        outcome = await ana.taps("Yes, delete all")
        assert outcome.erased
        assert outcome.messages
    for table in (learners, addresses, answers, chat_lines):
        assert await counted(store, table) == 0


async def test_mydata_tells_on_the_page_what_there_is_and_where(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock, channel="web")
        await ana.at_first_question()
        await ana.taps("A")
        await ana.says("mydata")
        (told,) = ana.said
    assert "answers of yours: 1\n" in told.body
    assert told.body.endswith("It's ready as a file: /chat/mydata")
    (*_, line) = await store.chat_lines("learner-1")
    assert line.body["body"] == told.body


@pytest.mark.parametrize("channel", ["console", "web"])
async def test_a_brake_that_holds_holds_one_s_own_data_too(
    store: Store, content: Content, channel: str, monkeypatch: pytest.MonkeyPatch
):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock, channel=channel)
        await ana.starts()
        monkeypatch.setattr(EveryReply, "may_go", lambda self, event, *rest: event.id != "ana-2")
        assert (await ana.says("mydata")).messages == ()
        assert (await ana.says("mydata")).messages
    assert [row.state for row in await store.inbox()] == []


async def test_somebody_deleted_who_writes_again_is_somebody_new(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock)
        await ana.at_first_question()
        await ana.says("delete")
        await ana.taps("Yes, delete all")
        outcome = await ana.says("hi")
    assert outcome.learner_id == "learner-2"
    assert outcome.messages


async def test_guests_are_gone_a_day_after_their_last_message(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        guest = Person(service, clock, name="guest", channel="web")
        await guest.at_first_question(keep="No, just play")
        member = Person(service, clock, name="member", channel="web")
        await member.at_first_question()
        clock.move(hours=20)
        await guest.says("help")
        clock.move(hours=23, minutes=59)
        await store.purge_guests(clock())
        assert await counted(store, learners) == 2
        clock.move(minutes=2)
        await store.purge_guests(clock())
    assert await counted(store, learners) == 1
    assert await counted(store, addresses) == 1
    assert await store.learner_at(Address("web", "guest")) is None
    assert await store.learner_at(Address("web", "member")) is not None


async def test_a_row_of_answers_explains_itself(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock)
        await ana.at_first_question()
        await ana.taps("A")
    rows = [row async for page in store.answers(AnswerFilter()) for row in page]
    assert len(rows) == 1
    question = content.library.question("tour/people-first/laundry")
    assert question is not None
    assert any(content.catalogue.text(form.text, "en").strip() in str(rows[0]) for form in question.forms)


async def test_a_stranger_who_blocks_us_leaves_no_row(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        await service.handle(Left(id="x", address=Address("console", "nobody"), at=NOON))
    assert await counted(store, learners) == 0


async def test_content_may_be_swapped_under_a_talk(store: Store, content: Content):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock)
        await ana.at_first_question()
        courses = tuple(course for course in content.library.courses if course.id != "tour")
        service.content = lambda: Content(replace(content.library, courses=courses), content.catalogue)
        await ana.says("A")
    assert ana.said[0].lead.startswith("This lesson has changed")


@pytest.mark.parametrize(
    ("language", "stop", "back", "not_back"),
    [
        ("en", "OPT-OUT", "YES", "sure"),
        ("en", "optout", "Yes!", "of course"),
        ("es", "Revoke", "sí", "claro"),
        ("es", "darse de baja", "yes", "ok"),
        ("fr", "désinscription", "Oui", "bien sûr"),
    ],
)
async def test_a_plain_yes_after_stop_brings_all_back_and_nothing_less_does(
    store: Store, content: Content, language: str, stop: str, back: str, not_back: str
):
    clock = Clock()
    async with serving(store, content, clock) as service:
        ana = Person(service, clock, language=language)
        learner_id = str((await ana.starts()).learner_id)

        async def status_after(words: str) -> Status:
            await ana.says(words)
            learner = await store.learner(learner_id)
            assert learner is not None
            return learner.status

        assert await status_after(stop) is Status.STOPPED
        assert await status_after(back) is Status.ACTIVE
        assert await status_after(stop) is Status.STOPPED
        assert await status_after(not_back) is Status.STOPPED
        assert await status_after(back) is Status.STOPPED, "that was an answer to something else"
