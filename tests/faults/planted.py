"""Bugs that the harness must catch, each in the few lines that somebody might write in good faith."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, text

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.door import Door
from bot.delivery import sender
from bot.delivery.lease import Lease
from bot.delivery.sender import Sender
from bot.errors import Unavailable
from bot.wiring.house import House
from storage import arriving, disk, doubt, engine, outbox, saving, transaction, writing
from storage.ready import Ready
from storage.rows import Claim, Mark
from storage.store import Store
from storage.tables import CLAIMABLE, addresses

LATER = 1.0  # seconds: a kill comes sooner, however slow the machine is

_under_way: set[asyncio.Task[Any]] = set()


def _in_a_while(work: Any) -> None:
    async def wait() -> None:
        await asyncio.sleep(LATER)
        await work

    task = asyncio.ensure_future(wait())
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


def answered_before_the_commit() -> None:
    """200 first, stored in a while: what python-telegram-bot's own webhook does."""

    async def store(self: Door, parsed: Any) -> None:
        if parsed.event is not None:
            _in_a_while(self.service.handle(parsed.event))

    Door.store = store  # type: ignore[method-assign, assignment]


def marked_before_it_is_sent() -> None:
    """What is claimed counts as sent at once."""
    claim = Store.claim

    async def claimed(self: Store, wanted: Claim) -> Any:
        rows = await claim(self, wanted)
        await self.marks([Mark(row.id, "sent") for row in rows or ()], wanted.lease, wanted.epoch, wanted.now)
        if rows:
            await asyncio.sleep(LATER / 3)
        return rows

    Store.claim = claimed  # type: ignore[method-assign]
    Sender.claim = lambda self, channels: None  # type: ignore[method-assign]


def taken_for_sent_once_its_sender_is_lost() -> None:
    """What was under way has most likely arrived."""

    def left(row: Any, now: Any, in_doubt: Any) -> Mark:
        return Mark(row.id, "sent")

    sender.left_behind = left  # type: ignore[assignment]


def any_word_settles_what_is_in_doubt() -> None:
    """Who says something has seen what came before."""
    heard = doubt.heard

    async def all_heard(where: Any, doubts: Sequence[Any], turns: Sequence[Any], now: Any) -> int:
        return await heard(where, doubts, [replace(turn, on_show=True) for turn in turns], now)

    doubt.heard = all_heard  # type: ignore[assignment]


def scored_outside_the_transaction() -> None:
    """Answers are written on their own, a little after the learner whom they moved on."""
    save = transaction.Transaction.save
    stores: list[Store] = []
    made = Store.__init__

    def init(self: Store, *args: Any) -> None:
        made(self, *args)
        stores.append(self)

    async def answers_alone(rows: list[Any]) -> None:
        async with stores[0].transaction() as tx:
            await saving.statements.INSERT_ANSWER.run(tx.connection, rows)

    async def saved(self: Any, turns: Sequence[Any], now: Any) -> None:
        taken: list[Any] = []
        gather = saving.gather

        def gathered(*args: Any) -> Any:
            changes = gather(*args)
            taken.extend(changes.answers)
            changes.answers = []
            return changes

        saving.gather = gathered
        try:
            await save(self, turns, now)
        finally:
            saving.gather = gather
        if taken:
            _in_a_while(answers_alone(taken))

    Store.__init__ = init  # type: ignore[method-assign, assignment]
    transaction.Transaction.save = saved  # type: ignore[method-assign]


def taken_though_not_stored() -> None:
    """A database that cannot be used is no reason to bother the platform."""
    take = Door.take

    async def taken(self: Door, raw: bytes) -> Any:
        with suppress(Unavailable):
            return await take(self, raw)

    Door.take = taken  # type: ignore[method-assign]


def sent_without_a_look_at_the_clock() -> None:
    """Who has claimed a part sends it, however long ago that was."""
    Lease.held = property(lambda self: self.epoch is not None)  # type: ignore[method-assign, assignment]


def sent_inside_a_transaction() -> None:
    """The outbox is held while the platform is called."""
    send = TelegramChannel.send
    made = Store.__init__
    stores: list[Store] = []

    def init(self: Store, *args: Any) -> None:
        made(self, *args)
        stores.append(self)

    async def sent(self: TelegramChannel, part: Any) -> Any:
        async with stores[0].transaction():
            return await send(self, part)

    Store.__init__ = init  # type: ignore[method-assign, assignment]
    TelegramChannel.send = sent  # type: ignore[method-assign]


def sent_as_soon_as_due() -> None:
    """A chat's parts do not wait for each other, and the newest of those that have waited a little counts most."""
    table = outbox.outbox
    due = (table.c.channel == bindparam("channel_")) & (table.c.due_at <= bindparam("now")) & text(CLAIMABLE)
    heads = select(table, addresses.c.sealed).join(addresses).where(due)
    newest_first = Ready(heads.order_by(table.c.id.desc()).limit(bindparam("most")))

    class Gathered:
        """Looks at what was due half a second ago, so that there is more than one to choose from."""

        async def rows(self, connection: Any, given: dict[str, Any]) -> Any:
            return await newest_first.rows(connection, {**given, "now": given["now"] - timedelta(seconds=0.5)})

    outbox.HEADS = Gathered()  # type: ignore[assignment]


def swapped_before_it_is_read() -> None:
    """The old lessons go before the new ones are known to be good."""
    reload = House.reload

    async def reloaded(self: House) -> None:
        self.content = None  # type: ignore[assignment]
        await reload(self)

    House.reload = reloaded  # type: ignore[method-assign]


def only_higher_ids_are_new() -> None:
    """``id > last`` instead of a set of ids: what comes out of order is taken for a repeat."""
    accept = arriving.accept
    last = 0

    async def accepted(connection: Any, statements: Any, seal: Any, events: Sequence[Any], now: Any) -> Any:
        nonlocal last
        new = []
        for event in events:
            number = int(event.id.rpartition(":")[2])
            if number > last:
                new.append(event)
                last = number
        return await accept(connection, statements, seal, new, now)

    arriving.accept = accepted


def followed_from_memory_alone() -> None:
    """What follows from an end is known to whoever wrote it down."""
    marks, unfollowed = Store.marks, Store.unfollowed
    ours: set[int] = set()

    async def marked(self: Store, ends: Sequence[Mark], *args: Any) -> bool:
        ours.update(end.id for end in ends)
        return await marks(self, ends, *args)

    async def looked(self: Store, *args: Any) -> Any:
        return [one for one in await unfollowed(self, *args) if one.part.id in ours]

    Store.marks, Store.unfollowed = marked, looked  # type: ignore[method-assign]


def not_synced() -> None:
    """SQLite told not to wait for the disk."""
    engine.PRAGMAS = tuple("synchronous=OFF" if "synchronous" in one else one for one in engine.PRAGMAS)


def told_before_the_disk_has_it() -> None:
    """A disk that takes its time, and nobody waits for it."""
    sync = disk.sync

    def slowly(descriptor: int) -> None:
        time.sleep(0.2)
        sync(descriptor)

    async def at_once(self: object) -> None:
        return None

    disk.sync = slowly
    writing.InFile.kept = at_once  # type: ignore[method-assign]


BUGS: dict[str, Callable[[], None]] = {
    "taken though not stored": taken_though_not_stored,
    "sent without a look at the clock": sent_without_a_look_at_the_clock,
    "sent inside a transaction": sent_inside_a_transaction,
    "sent as soon as due": sent_as_soon_as_due,
    "swapped before it is read": swapped_before_it_is_read,
    "answered before the commit": answered_before_the_commit,
    "marked before it is sent": marked_before_it_is_sent,
    "taken for sent once its sender is lost": taken_for_sent_once_its_sender_is_lost,
    "any word settles what is in doubt": any_word_settles_what_is_in_doubt,
    "scored outside the transaction": scored_outside_the_transaction,
    "only higher ids are new": only_higher_ids_are_new,
    "followed from memory alone": followed_from_memory_alone,
    "not synced": not_synced,
    "told before the disk has it": told_before_the_disk_has_it,
}
