"""The one door to the engine: load, decide, word, save, all in one transaction for many learners at once.

Group commit: what arrives while a commit is under way forms the next batches; there is no timer. A platform is
answered only when what it brought is kept for good; the next batch is worked on meanwhile, if there is enough of it.
An event that makes our code fail is parked with its payload in the same commit and never takes its neighbours down; a
batch that the database refuses is tried again in halves.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from math import isqrt
from typing import Protocol

import structlog

from bot.content.catalogue import Catalogue
from bot.content.wording import PARAGRAPH, Message, word
from bot.engine.advance import advance
from bot.engine.arrive import newcomer
from bot.engine.course import Library
from bot.engine.due import calls_off
from bot.engine.events import Event, Left, LessonDue, Overtaken, Refused, Said, Tapped, Unsent
from bot.engine.fixed import fixed
from bot.engine.learner import Learner
from bot.engine.pressing import on_show
from bot.engine.turn import Answered, DataAsked, Erased, Phrase, Record, Say, Text, Turn, Verbatim, WhyAsked
from bot.engine.why import explained
from bot.errors import TryAgain, Unavailable
from bot.own_data import Everything, written
from bot.riding import Ride, Rider
from storage.rows import (
    INTERACTIVE,
    Arrival,
    Body,
    Handled,
    Kept,
    NewLine,
    NewPart,
    Parked,
    Spending,
    Unusable,
)
from storage.store import Store, Transaction

log = structlog.get_logger()

BATCH = 200  # turns in one commit: past this the gain is gone and the wait grows
SMALL = 16  # turns that always go together, unless what holds learners up is the platform
ENOUGH = 8  # turns are worth a transaction of their own, also while the last one is not kept yet
TRIES = 5  # of a transaction that another one got in the way of


@fixed(frozen=True, slots=True)
class Content:
    """What is taught now, as one value that can be swapped while running."""

    library: Library
    catalogue: Catalogue


@fixed(frozen=True, slots=True)
class Outcome:
    """What came of an event, known to be stored. ``fresh`` is False for a repeat."""

    fresh: bool
    learner_id: str | None = None
    messages: tuple[Message, ...] = ()
    erased: bool = False


@fixed(frozen=True, slots=True)
class Decided:
    """A turn ready to be saved, and what its sender may know after the commit."""

    row: Handled | Parked
    outcome: Outcome
    braked: bool = False


Waiting = tuple[Event, asyncio.Future[Outcome]]
Cost = Callable[[str, str | None, int], int]
"""What so many messages on a channel, to a country, cost: millionths of a US dollar."""


class Talker(Protocol):
    """What the service needs of a channel.

    ``parts`` cuts a message into platform calls for the outbox. A channel that ``keeps_talk`` has none: its page
    reads both sides of the talk from the store instead. One that ``brings`` can show a learner something they did not
    just ask for. ``holds`` says of a part whether what follows it in the chat waits for it. What is stored about a
    learner stands under the link ``own_data``; without one it comes as a file from a channel that ``attaches``, and
    else in words.
    """

    name: str
    keeps_talk: bool
    brings: bool
    attaches: bool

    def own_data(self, learner_id: str) -> str: ...

    def parts(self, message: Message, event: Event | None) -> list[dict[str, object]]: ...

    def holds(self, body: Body) -> bool: ...


class Replies(Protocol):
    """Which replies of one transaction go out. It may be tried again, so they count only once it is ``committed``."""

    def may_go(self, event: Event, turn: Turn, learning: bool) -> bool: ...

    def committed(self) -> None: ...


class EveryReply:
    """No reply is held back."""

    def may_go(self, event: Event, turn: Turn, learning: bool) -> bool:
        return True

    def committed(self) -> None:
        return None


@fixed(frozen=True, slots=True)
class Committed:
    """A batch that everybody sees now, and that is not sure to be kept yet; ``began`` by the clock of ``time``."""

    outcomes: list[Outcome]
    handled: Sequence[Handled]
    ride: Ride
    began: float


class Service:
    """Handles events in batches. ``run`` must be running for ``handle`` to come back."""

    def __init__(
        self,
        store: Store,
        content: Callable[[], Content],
        channels: Mapping[str, Talker],
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], tuple[str, int]],
        after_commit: Callable[[Sequence[Handled]], None] = lambda handled: None,
        counted: Callable[[int, float], None] = lambda size, seconds: None,
        parked: Callable[[str], None] = lambda channel: None,
        replies: Callable[[], Replies] = EveryReply,
        cost: Cost = lambda channel, country, parts: 0,
    ) -> None:
        self.store, self.content, self.channels = store, content, channels
        self.clock, self.new_id = clock, new_id
        self.after_commit, self.counted, self.replies = after_commit, counted, replies
        self.parked, self.cost = parked, cost
        self.riders: list[Rider] = []
        self._boarding = False
        self._waiting: deque[Waiting] = deque()
        self._kick = asyncio.Event()
        self._keeping: set[asyncio.Task[None]] = set()

    async def handle(self, event: Event) -> Outcome:
        """Stores the event with all it brings and comes back once that is kept for good.

        Raises ``Unavailable`` when the database cannot take it now: the platform should send it again.
        """
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, done))
        self._kick.set()
        return await done

    @property
    def boarding(self) -> bool:
        """A transaction that riders can still join is under way, or the next one is sure to come."""
        return self._boarding or bool(self._waiting)

    async def unusable(self, channel: str, event_id: str, reason: str, payload: str) -> None:
        """Keeps an authentic delivery that tells us nothing we understand. Raises ``Unavailable`` like ``handle``."""
        await self.store.unusable([Unusable(channel, event_id, reason, payload)], self.clock())

    async def run(self) -> None:
        """Commits batch after batch until cancelled; then finishes what waits. A commit is never cut in half."""
        try:
            while True:
                await self._kick.wait()
                draining = asyncio.create_task(self._drain())
                try:
                    await asyncio.shield(draining)
                finally:
                    await draining
        finally:
            await self._drain()
            if self._keeping:
                await asyncio.wait(self._keeping)

    async def _drain(self) -> None:
        self._kick.clear()
        while self._waiting:
            while self._keeping and len(self._waiting) < ENOUGH:
                await asyncio.wait(self._keeping)
            size = together(len(self._waiting), sum(rider.under_way for rider in self.riders))
            batch = [self._waiting.popleft() for _ in range(size)]
            try:
                await self._settle(batch)
            except Exception as bug:  # whatever it is: the next batch is looked at, and nobody waits for ever
                log.exception("service.failed", waiting=len(batch))
                _come_again(batch, bug)

    async def _settle(self, batch: list[Waiting]) -> None:
        """Commits a batch; a refused one in halves, so that one bad event harms nobody else."""
        try:
            committed = await self._commit_patiently([event for event, _ in batch])
        except Exception as trouble:
            if len(batch) > 1 and not isinstance(trouble, Unavailable):
                middle = len(batch) // 2
                await self._settle(batch[:middle])
                await self._settle(batch[middle:])
                return
            await self._give_up(batch, trouble)
            return
        keeping = asyncio.create_task(self._keep(batch, committed))
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)

    async def _keep(self, batch: list[Waiting], committed: Committed) -> None:
        """Waits until the batch is kept, batch after batch in their order; only now anybody outside hears of it."""
        await self.store.kept()
        try:
            committed.ride.kept()
            self.counted(len(batch), time.perf_counter() - committed.began)
            self.after_commit(committed.handled)
        except Exception:
            log.exception("service.not_all_told")
        for (_, done), outcome in zip(batch, committed.outcomes, strict=True):
            if not done.done():
                done.set_result(outcome)

    async def _give_up(self, batch: list[Waiting], trouble: Exception) -> None:
        """A database that is down: everybody is told to come again. A single event it refuses: parked."""
        if not isinstance(trouble, Unavailable):
            event, done = batch[0]
            log.error("event.refused", channel=event.address.channel, exc_info=trouble)
            try:
                await self._park(event, type(trouble).__name__)
            except Exception as down:  # it takes nothing at all: that is about no event, whatever it calls it
                trouble = down
            else:
                self.parked(event.address.channel)
                if not done.done():
                    done.set_result(Outcome(fresh=True))
                return
        log.warning("database.unavailable", waiting=len(batch), error=type(trouble).__name__)
        _come_again(batch, trouble)

    async def _park(self, event: Event, error: str) -> None:
        async with self.store.transaction() as tx:
            arrivals = await tx.accept([event], self.clock())
            await tx.save([Parked(event, arrival.address_id, error) for arrival in arrivals], self.clock())

    async def _commit_patiently(self, events: Sequence[Event]) -> Committed:
        """One transaction; tried again when another process got in its way."""
        try:
            for _ in range(TRIES - 1):
                try:
                    return await self._commit(events)
                except TryAgain:
                    log.info("transaction.again", size=len(events))
            return await self._commit(events)
        finally:
            self._boarding = False

    async def _commit(self, events: Sequence[Event]) -> Committed:
        began = time.perf_counter()
        now, content, replies = self.clock(), self.content(), self.replies()
        self._boarding = True
        with Ride(self.riders) as ride:
            async with self.store.committing() as tx:
                arrivals, learners = await tx.accept_and_know(events, now)
                decided = self._decide(arrivals, learners, content, now, replies)
                decided = [await self._with_own_data(one, tx, content, now) for one in decided]
                decided = [await self._with_reasons(one, tx, content, now) for one in decided]
                await tx.save([one.row for one in decided], now)
                tx.count("braked", sum(one.braked for one in decided))
                handled = [one.row for one in decided if isinstance(one.row, Handled)]
                self._boarding = False
                if claims := ride.claims({part.channel for row in handled for part in row.parts}):
                    ride.rows = await tx.hand_over(claims)
        replies.committed()
        outcomes = {id(one.row.event): one.outcome for one in decided}
        # Taken out, so that the same event twice in one batch counts once.
        told = [outcomes.pop(id(event), Outcome(fresh=False)) for event in events]
        return Committed(told, handled, ride, began)

    def _decide(
        self,
        arrivals: Sequence[Arrival],
        learners: Mapping[str, Learner],
        content: Content,
        now: datetime,
        replies: Replies,
    ) -> list[Decided]:
        """The turns of a batch in order of arrival; each learner's next turn starts where the last one ended."""
        behind = Behind(arrivals, learners)
        decided = []
        for arrival in arrivals:
            learner = behind.at(arrival)
            try:
                one = self._turn(arrival, learner, content, now, replies)
            except Exception as bug:
                log.exception("event.parked", channel=arrival.event.address.channel)
                self.parked(arrival.event.address.channel)
                row = Parked(arrival.event, arrival.address_id, type(bug).__name__)
                decided.append(Decided(row, Outcome(fresh=True, learner_id=learner.id if learner else None)))
                continue
            decided.append(one)
            if isinstance(one.row, Handled) and one.row.learner is not None:
                if one.outcome.erased:
                    behind.forget(one.row.learner.id)
                else:
                    behind.went_on(arrival, one.row.learner)
        return decided

    def _turn(
        self, arrival: Arrival, known: Learner | None, content: Content, now: datetime, replies: Replies
    ) -> Decided:
        """Decide, then word: what one event changes, in the learner's language."""
        event = arrival.event
        if known is None and isinstance(event, Left | Overtaken | Refused | Unsent):
            return Decided(Handled(event, arrival.address_id, None, False, (), (), ()), Outcome(fresh=True))
        learner = known or newcomer(*self.new_id(), event, content.library)
        turn = advance(learner, event, content.library, now)
        braked = bool(turn.says) and not replies.may_go(event, turn, is_learning(learner, turn))
        if braked:
            turn = replace(turn, says=())
        return self.worded(learner, arrival, turn, content, now, new=known is None, braked=braked)

    def worded(
        self,
        before: Learner,
        arrival: Arrival,
        turn: Turn,
        content: Content,
        now: datetime,
        *,
        new: bool = False,
        braked: bool = False,
        priority: int = INTERACTIVE,
        kind: str = "reply",
    ) -> Decided:
        """A turn in words, as the rows it comes to."""
        event, learner = arrival.event, turn.learner
        messages = tuple(word(say, learner.language, content.catalogue) for say in turn.says)
        erased = any(isinstance(record, Erased) for record in turn.records)
        parts = self._parts(messages, event, learner, arrival.address_id, now, priority, kind)
        row = Handled(
            event,
            arrival.address_id,
            learner,
            new,
            tuple(_explained(record, learner, event, content) for record in turn.records),
            parts,
            () if erased else self._lines(messages, event, before, content, now),
            self._spent(event, learner, len(parts)),
            not isinstance(event, LessonDue) and calls_off(before, learner),
            isinstance(event, Left),
            isinstance(event, Tapped) and on_show(before, event.data),
        )
        return Decided(row, Outcome(True, learner.id, messages, erased), braked)

    def _parts(
        self,
        messages: Sequence[Message],
        event: Event,
        learner: Learner,
        address_id: int,
        now: datetime,
        priority: int = INTERACTIVE,
        kind: str = "reply",
    ) -> tuple[NewPart, ...]:
        if not messages:
            return ()
        channel = self.channels[event.address.channel]
        return tuple(
            NewPart(learner.id, address_id, channel.name, body, priority, now, kind, channel.holds(body))
            for message in messages
            for body in channel.parts(message, event)
        )

    def _spent(self, event: Event, learner: Learner, parts: int) -> Spending | None:
        """What the messages cost, where they cost anything."""
        micros = self.cost(event.address.channel, learner.country, parts) if parts else 0
        return Spending(learner.country or "", parts, micros) if micros else None

    def _lines(
        self, messages: Sequence[Message], event: Event, before: Learner, content: Content, now: datetime
    ) -> tuple[NewLine, ...]:
        """Both sides of the talk, for channels whose page reads it from the store."""
        channel = self.channels.get(event.address.channel)
        if channel is None or not channel.keeps_talk:
            return ()
        words = own_words(event, before, content)
        mine = (NewLine("learner", now, {"text": words}),) if words else ()
        return (*mine, *(NewLine("bot", now, stored(message)) for message in messages))

    async def _with_own_data(self, one: Decided, tx: Transaction, content: Content, now: datetime) -> Decided:
        """Tells somebody who asked for it what is stored about them: in short, with the way to the whole.

        Told in the talk, each answer would hold all answers before it. So it is, in a terminal that keeps none.
        """
        row = one.row
        if one.braked or not isinstance(row, Handled) or row.learner is None:
            return one
        if not any(isinstance(record, DataAsked) for record in row.records):
            return one
        everything = await tx.everything_of(row.learner.id)
        channel, intro = self.channels[row.event.address.channel], one.outcome.messages[-1]
        link = channel.own_data(row.learner.id)
        if link or channel.attaches:
            key = "mydata.file" if channel.keeps_talk else "mydata.link"
            way = (Phrase(key, {"link": Verbatim(link)}),) if link else ()
            messages: tuple[Message, ...] = (in_short(intro, everything, way, content.catalogue),)
        else:
            whole = word(Say((Verbatim(written(everything)),)), row.learner.language, content.catalogue)
            messages = (intro, whole)
        return self._said_instead(one, row, row.learner, messages, now)

    async def _with_reasons(self, one: Decided, tx: Transaction, content: Content, now: datetime) -> Decided:
        """Adds what is on record about the last thing that was due to a learner who asked why."""
        row = one.row
        if one.braked or not isinstance(row, Handled) or row.learner is None:
            return one
        if not any(isinstance(record, WhyAsked) for record in row.records):
            return one
        last = await tx.brought(row.learner.id)
        say = Say(explained(last[0] if last else None, row.learner, now))
        reasons = word(say, row.learner.language, content.catalogue).body
        told = one.outcome.messages[0]
        first = replace(told, lead=f"{told.lead}\n{reasons}" if told.lead else reasons)
        return self._said_instead(one, row, row.learner, (first,), now)

    def _said_instead(
        self, one: Decided, row: Handled, learner: Learner, messages: tuple[Message, ...], now: datetime
    ) -> Decided:
        """The same turn with these messages; a talk that is kept shows the first."""
        parts = self._parts(messages, row.event, learner, row.address_id, now)
        lines = (*row.lines[:-1], replace(row.lines[-1], body=stored(messages[0]))) if row.lines else ()
        row = replace(row, parts=parts, lines=lines, spent=self._spent(row.event, learner, len(parts)))
        return replace(one, row=row, outcome=replace(one.outcome, messages=messages))


class Behind:
    """Who is behind each address of a batch, turn after turn: by the one written from, or another that was told."""

    def __init__(self, arrivals: Sequence[Arrival], learners: Mapping[str, Learner]) -> None:
        self._learners = dict(learners)
        self._at = {one.address_id: one.learner_id for one in arrivals if one.learner_id is not None}

    def at(self, arrival: Arrival) -> Learner | None:
        """The learner as their last turn left them; None: somebody new."""
        learner_id = self._at.get(arrival.address_id)
        if learner_id is None and arrival.alias_id is not None:
            learner_id = self._at.get(arrival.alias_id)
        return self._learners.get(learner_id) if learner_id is not None else None

    def went_on(self, arrival: Arrival, learner: Learner) -> None:
        """What a turn has made of them."""
        self._learners[learner.id] = learner
        self._at[arrival.address_id] = learner.id
        if arrival.alias_id is not None:
            self._at.setdefault(arrival.alias_id, learner.id)

    def forget(self, learner_id: str) -> None:
        """Whoever writes next from any of their addresses is somebody new."""
        self._learners.pop(learner_id, None)
        self._at = {address_id: id_ for address_id, id_ in self._at.items() if id_ != learner_id}


def _come_again(batch: Sequence[Waiting], trouble: Exception) -> None:
    """Everybody who still waits is told that it could not be taken now."""
    told = trouble if isinstance(trouble, Unavailable) else Unavailable()
    for _, done in batch:
        if not done.done():
            done.set_exception(told)


def together(waiting: int, under_way: int = 0) -> int:
    """How many of those who wait for us go into the next batch; ``under_way`` are calls that wait for a platform.

    A batch costs some four turns beside its own, so that one for everybody is quickest for the last. But all hear of
    it only at its end, and while a part of them is answered the next part is worked on: on average they wait least
    in parts of twice the square root. Where more wait for a platform than for us, there is time for smaller ones.
    """
    least = ENOUGH if under_way > waiting else SMALL
    return min(waiting, BATCH, max(least, 2 * isqrt(waiting)))


def in_short(intro: Message, everything: Everything, way: tuple[Text, ...], words: Catalogue) -> Message:
    """What is stored, by kind and number, and the way to the whole; without one it comes with the message."""
    counts: dict[str, str | int | Text] = {
        "answers": len(everything["answers"]),
        "messages": len(everything["outbox"]) + len(everything["chat_lines"]),
        "due": len(everything["occasions"]),
    }
    told = (words.text(text, intro.language) for text in (Phrase("mydata.kept", counts), *way))
    return replace(intro, body=PARAGRAPH.join((intro.body, *told)), own_data=not way)


def stored(message: Message) -> Body:
    """A message as its line of the talk keeps it."""
    return asdict(message) | {"layout": message.layout.value}


def is_learning(before: Learner, turn: Turn) -> bool:
    """Whether the turn brings a lesson forward that was not finished before: such a reply is never held back."""
    place = turn.learner.place
    return place.serial > before.place.serial and place.lesson not in before.done


def own_words(event: Event, before: Learner, content: Content) -> str:
    """What the learner's side of the talk shows: typed words, or the label of the button that was pressed."""
    if isinstance(event, Said):
        return event.text
    if isinstance(event, Tapped):
        language = content.library.language(event.data.removeprefix("g:")) if event.data.startswith("g:") else None
        if language is not None:
            return language.name
        pressed = next((choice for choice in before.offer if choice.data == event.data), None)
        return content.catalogue.label(pressed.label, before.language) if pressed else ""
    return ""


def _explained(record: Record, learner: Learner, event: Event, content: Content) -> Record | Kept:
    """An answer as a row that explains itself: with the English of question and options, and who answered."""
    if not isinstance(record, Answered):
        return record
    english = content.catalogue
    return Kept(
        answered=record,
        question_text=english.text(record.asked, "en"),
        answer_text=";".join(english.text(label, "en") for label in record.chosen) or (record.text or ""),
        channel=event.address.channel,
        role=learner.role,
        age_band=learner.age_band,
        country=learner.country,
        campaign=learner.campaign,
    )
