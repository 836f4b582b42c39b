"""The one way to the database for everybody above: sets of rows in, values out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime, timedelta
from os import getpid
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select

from bot.engine.events import Address
from bot.engine.learner import Learner
from bot.errors import Unavailable
from bot.seal import Seal
from storage import answers, frozen, leases, occasions, outbox, register, retention, vacuum
from storage.answers import Answers
from storage.engine import FROZEN_SECONDS, sqlite_file
from storage.failures import translated
from storage.lean import AsyncEngine
from storage.leases import held
from storage.ready import Where, Work, direct_of, in_one_visit
from storage.rows import (
    AnswerFilter,
    Brought,
    Campaign,
    Claim,
    Exported,
    InboxRow,
    Lately,
    Line,
    Mark,
    OutboxRow,
    Spending,
    Tell,
    Unfollowed,
    Unusable,
)
from storage.sqlite_file import copies_of, remove_copies
from storage.statements import statements_of
from storage.tables import addresses
from storage.transaction import Reading, Transaction, shares
from storage.writing import writing

__all__ = ["Reading", "Store", "Transaction"]

T = TypeVar("T")

SHARDS = 16  # of each counter: enough for as many processes as one machine has
LINES = 1_000  # of a talk at once; a page asks again from the last


class Store:
    """Opened once for a process and its event loop.

    Every method is one transaction, except what happens inside ``transaction``.
    """

    def __init__(self, engine: AsyncEngine, seal: Seal) -> None:
        self.engine, self.seal = engine, seal
        self.dialect = engine.dialect.name
        self._reading = engine.execution_options(**READING[self.dialect])
        self._file = sqlite_file(engine)
        self._writing = writing(engine, self._file)
        self._to_vacuum = True  # from the start on: who stopped last may have erased something just before
        self.not_writing: Unavailable | None = None  # why nothing could be written the last time it was tried
        self._shard = getpid() % SHARDS
        self._looks: set[asyncio.Future[Any]] = set()  # under way, also those that nobody waits for any more
        self._statements = statements_of(self.dialect)

    async def close(self) -> None:
        await self._writing.close()
        await asyncio.gather(*self._looks, return_exceptions=True)
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """All of it, or nothing; kept when the block is over.

        Raises ``TryAgain`` or ``Unavailable`` where that is no fault of the rows.
        """
        async with self.committing() as tx:
            yield tx
        await self.kept()

    @asynccontextmanager
    async def committing(self) -> AsyncIterator[Transaction]:
        """The same, committed when the block is over; nobody outside may hear of it before ``kept``."""
        with self._noted():
            async with self._writing.begun() as connection:
                tx = Transaction(connection, self.seal, self._shard)
                yield tx
                await tx.finish()
                if tx.erased:
                    self._writing.erased()
            self._to_vacuum = self._to_vacuum or tx.erased  # not before it is committed: it would free nothing

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            with translated():
                yield
        except Unavailable as trouble:
            self.not_writing = trouble
            raise
        self.not_writing = None

    async def kept(self) -> None:
        """Comes back once everything that is committed now survives a power cut."""
        await self._writing.kept()

    async def _at_once(self, work: Work[T]) -> T:
        """A transaction that ready statements alone make up: on SQLite one visit to its thread."""
        with self._noted():
            async with self._writing.begun() as connection:
                done = await in_one_visit(connection, work, last=True)
        await self.kept()
        return done

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reading]:
        """For looking only; it never waits for a writer."""
        with translated():
            async with self._reading.begin() as connection:
                yield Reading(connection, self.seal)

    async def _shown(self, look: Callable[[Reading], Awaitable[T]]) -> T:
        """What is shown to somebody: nothing that was seen can be lost any more.

        A browser that goes calls its look off, again and again: in mid-statement that would break the connection, and
        then break off what puts it in order. So the look comes to its end by itself, and nobody hears of it.
        """
        looking = asyncio.ensure_future(self._looked(look))
        self._looks.add(looking)
        looking.add_done_callback(self._looks.discard)
        found = await asyncio.shield(looking)
        await self.kept()
        return found

    async def _looked(self, look: Callable[[Reading], Awaitable[T]]) -> T:
        async with self.read() as reading:
            return await look(reading)

    # --- people ---------------------------------------------------------------------------------------------

    async def learner_at(self, address: Address) -> str | None:
        """Who is behind an address."""
        asked = select(addresses.c.learner_id).where(self._is_at(address))
        return await self._shown(lambda look: look.connection.scalar(asked))

    async def heard_since(self, address: Address, at: datetime) -> bool:
        """Whether somebody wrote from an address after this time."""
        later = select(addresses.c.id).where(self._is_at(address), addresses.c.last_inbound_at > at)
        async with self.read() as look:
            return await look.connection.scalar(later) is not None

    def _is_at(self, address: Address) -> ColumnElement[bool]:
        hash_ = self.seal.hash(address.channel, address.id)
        return (addresses.c.hash == hash_) & (addresses.c.channel == address.channel)

    async def everything_of(self, learner_id: str) -> dict[str, list[dict[str, Any]]]:
        """Every row about a learner, by table, sealed columns opened."""
        return await self._shown(lambda look: look.everything_of(learner_id))

    async def erase(self, learner_ids: Collection[str]) -> None:
        """Leaves nothing with these learners' keys, in tables, log or free pages."""
        async with self.transaction() as tx:
            await tx.erase(learner_ids)

    async def chat_lines(self, learner_id: str, after: int = 0, limit: int = LINES) -> list[Line]:
        """The web talk behind the cursor, oldest first."""
        return await self._shown(lambda look: register.lines_after(look.connection, learner_id, after, limit))

    async def unusable(self, deliveries: Sequence[Unusable], now: datetime) -> None:
        """Keeps authentic deliveries that nobody understands, for the operator."""
        async with self.transaction() as tx:
            await tx.unusable(deliveries, now)

    # --- cleaning -------------------------------------------------------------------------------------------

    async def purge_guests(self, now: datetime) -> dict[str, int]:
        """Whoever has not agreed to be remembered is gone a day after their last message. Run every few minutes."""
        return await self._purge(retention.OFTEN, now)

    async def purge_old(self, now: datetime) -> dict[str, int]:
        """What has been kept long enough. Run daily: some of it is found only by looking through whole tables."""
        counts = await self._purge(retention.EVERY_DAY, now)
        await self._give_back()
        return counts | await self._purge_copies(now)

    async def _give_back(self) -> None:
        """SQLite's file gets smaller by all that is free in it; ``vacuum`` is for PostgreSQL's."""
        given = 1 if self.dialect == "sqlite" else 0
        while given:
            async with self.transaction() as tx:
                given = await direct_of(tx.connection).visit(vacuum.give_back)

    async def _purge_copies(self, now: datetime) -> dict[str, int]:
        if self._file is None:
            return {}
        until = now - retention.KEEPING.copy
        return {"copies before a migration": await asyncio.to_thread(remove_copies, self._file, until)}

    async def copies(self) -> list[tuple[Path, datetime]]:
        """Copies of the database that a migration left beside it, and when; an erasure does not reach into them."""
        return [] if self._file is None else await asyncio.to_thread(copies_of, self._file)

    async def vacuum(self) -> None:
        """Frees what was erased since the last time, where the database does not at once (PostgreSQL). Run often."""
        if self.dialect == "postgresql" and self._to_vacuum:
            self._to_vacuum = False  # before it: what is erased meanwhile wants another
            if not await vacuum.vacuum(self.engine):
                self._to_vacuum = True

    async def _purge(self, steps: Mapping[str, retention.Step | retention.Walk], now: datetime) -> dict[str, int]:
        counts = {}
        for name, step in steps.items():
            if isinstance(step, retention.Walk):
                counts[name] = await self._walked(step, now)
            else:
                counts[name] = await self._repeated(step, now)
        if any(counts.values()):
            async with self.transaction() as tx:
                tx.erased = True
        return counts

    async def _repeated(self, step: retention.Step, now: datetime) -> int:
        """The step, chunk by chunk, until nothing is left to do."""
        total = 0
        while True:
            async with self.transaction() as tx:
                removed, books = await step(tx.connection, now)
                tx.add_to_books(books)
            total += removed
            if removed < retention.CHUNK:
                return total

    async def _walked(self, walk: retention.Walk, now: datetime) -> int:
        """The walk, page by page, to the end of the table."""
        total = 0
        after: Sequence[Any] = ()
        while True:
            async with self.transaction() as tx:
                (removed, books), after = await walk.page(tx.connection, now, after)
                tx.add_to_books(books)
            total += removed
            if not after:
                return total

    async def end_frozen(self) -> int:
        """Frees what processes of ours hold that stand still in mid-statement; how many there were. Run often."""
        if self.dialect != "postgresql":
            return 0
        async with self.read() as look:
            return await frozen.end_frozen(look.connection, FROZEN_SECONDS)

    # --- delivery -------------------------------------------------------------------------------------------

    async def lease(self, name: str, holder: str, now: datetime, ttl: float) -> int | None:
        """Takes or renews a lease for ``ttl`` seconds; its epoch, or None while somebody else holds it."""
        async with self.transaction() as tx:
            return await leases.take(tx.connection, name, holder, now, timedelta(seconds=ttl))

    async def release(self, name: str, holder: str, now: datetime) -> None:
        """Gives a lease back at once."""
        async with self.transaction() as tx:
            await leases.release(tx.connection, name, holder, now)

    async def claim(self, wanted: Claim) -> list[OutboxRow] | None:
        """The most urgent due parts, at most one a chat, marked as being sent; None once the lease is lost."""

        async def claimed(where: Where) -> list[OutboxRow] | None:
            rows, books = await outbox.claim(where, self.seal, wanted)
            await self._count(where, books)
            return rows

        return await self._at_once(claimed)

    async def marks(self, marks: Sequence[Mark], lease: str, epoch: int, now: datetime) -> bool:
        """Writes down how sending ended; False, and nothing written, once the lease is lost."""

        async def marked(where: Where) -> bool:
            ours = await held(where, lease, epoch)
            if ours:
                await self._count(where, await outbox.mark(where, marks, now))
            return ours

        return await self._at_once(marked)

    async def _count(self, where: Where, books: Mapping[str, int]) -> None:
        await self._statements.counters.run(where, shares(books, self._shard))

    async def abandoned(self, channel: str, epoch: int) -> list[OutboxRow]:
        """What a lost sender held when this epoch began; to be marked by whoever took over."""
        async with self.read() as look:
            return await outbox.abandoned(look.connection, self.seal, channel, epoch)

    async def told(self, tells: Sequence[Tell], now: datetime) -> None:
        """Writes down what a platform reports about parts, in any order."""
        async with self.transaction() as tx:
            tx.add_to_books(await outbox.told(tx.connection, self._statements, tells, now))

    async def again(self, tell: Tell, body: Mapping[str, Any], now: datetime) -> bool:
        """A part that a platform could not deliver goes out once more, changed; False where its chat has gone on."""
        async with self.transaction() as tx:
            books = await outbox.again(tx.connection, self._statements, tell, body, now)
            tx.add_to_books(books or {})
        return books is not None

    async def placed(self, part: OutboxRow) -> set[str]:
        """The platform's ids of the other parts to the address of this one."""
        async with self.read() as look:
            return await outbox.placed(look.connection, part)

    async def wrote_since(self, part: OutboxRow) -> bool:
        """Whether somebody wrote from the address of this part after it was made."""
        async with self.read() as look:
            return await outbox.wrote_since(look.connection, part)

    async def part(self, outbox_id: int) -> OutboxRow | None:
        """A part as it stands; None once nobody's address is tied to it."""
        async with self.read() as look:
            return await outbox.part(look.connection, self.seal, outbox_id)

    async def learner(self, learner_id: str) -> Learner | None:
        """A learner as they were last saved."""
        return (await self._shown(lambda look: look.learners([learner_id]))).get(learner_id)

    async def reports(self, outbox_id: int) -> list[Tell]:
        """What a platform has reported about a part so far."""
        async with self.read() as look:
            return await outbox.reports(look.connection, outbox_id)

    async def cancel(self, learner_ids: Collection[str], reason: str, now: datetime) -> int:
        """Sends nothing more of what waits for these learners; how many parts that was."""
        async with self.transaction() as tx:
            cancelled = await outbox.cancel(tx.connection, learner_ids, reason, now)
            tx.count("cancelled", cancelled)
        return cancelled

    async def unfollowed(self, channel: str, most: int) -> list[Unfollowed]:
        """Parts from whose end something follows that nobody has seen to yet."""
        async with self.read() as look:
            return await outbox.unfollowed(look.connection, self.seal, channel, most)

    async def followed(self, parts: Collection[int]) -> None:
        """Somebody has seen to what follows from these."""
        async with self.transaction() as tx:
            await outbox.followed(tx.connection, parts)

    async def hasten(self, channel: str, now: datetime, ahead: float) -> int:
        """What is due more than so many seconds ahead is due now; how many parts that were."""
        async with self.transaction() as tx:
            return await outbox.hasten(tx.connection, channel, now, timedelta(seconds=ahead))

    async def depth(self) -> dict[tuple[str, str], int]:
        """How many parts are unfinished, by channel and state."""
        async with self.read() as look:
            return await outbox.depth(look.connection)

    async def waiting(self, now: datetime) -> dict[str, tuple[int, float]]:
        """For each channel how many parts are unfinished, and for how many seconds the oldest has been due."""
        async with self.read() as look:
            return await outbox.waiting(look.connection, now)

    # --- what the clock brings ------------------------------------------------------------------------------

    async def next_due(self) -> datetime | None:
        """When the clock must look at somebody next."""
        async with self.read() as look:
            return await occasions.next_due(look.connection)

    async def brought(self, learner_id: str, limit: int = 1) -> list[Brought]:
        """What was decided for a learner lately, newest first, and what became of it."""
        async with self.read() as look:
            return await occasions.last_of(look.connection, learner_id, limit)

    async def day_of(self, part: OutboxRow) -> date | None:
        """The learner's local date that a part was brought for; None for a reply."""
        async with self.read() as look:
            return await occasions.day_of(look.connection, part)

    async def decisions(self, since: datetime) -> dict[tuple[str, str, str], int]:
        """How many decisions since then, by kind, way and reason."""
        async with self.read() as look:
            return await occasions.counted(look.connection, since)

    async def lateness(self, since: datetime) -> list[float]:
        """Seconds from due to sent of what was brought since then, sorted."""
        async with self.read() as look:
            return await occasions.lateness(look.connection, since)

    async def ahead(self, end: datetime, chunk: int = 500) -> AsyncIterator[list[occasions.Ahead]]:
        """Learners due before ``end`` in that order, chunk by chunk; what changes meanwhile may be missed.

        None stands for one who is not readable.
        """
        after: occasions.After | None = None
        while True:
            async with self.read() as look:
                found, after = await occasions.ahead(look.connection, end, after, chunk)
            if found:
                yield found
            if after is None:
                return

    async def lately(self, since: datetime, chunk: int = 5_000) -> AsyncIterator[Lately]:
        """What was decided since then, each learner's decisions in order of time."""
        after = 0
        while True:
            async with self.read() as look:
                found = await occasions.lately(look.connection, since, after, chunk)
            for after, one in found:  # noqa: B007  # the last row's id is where the next chunk begins
                yield one
            if len(found) < chunk:
                return

    async def spent(self, day: str) -> list[Spending]:
        """What a UTC day has cost so far, by country."""
        async with self.read() as look:
            return await occasions.spent(look.connection, day)

    # --- evidence and the house's books ---------------------------------------------------------------------

    def answers(self, wanted: AnswerFilter, size: int = answers.PAGE) -> AsyncIterator[Answers]:
        """Batches of rows in the order of ``storage.answers.COLUMNS``, oldest first."""
        return answers.pages(self.read, wanted, size)

    async def courses(self) -> set[str]:
        """The courses that there are answers to, taught today or not."""
        async with self.read() as look:
            return await answers.courses(look.connection)

    async def add_campaign(self, code: str, title: str, now: datetime) -> bool:
        """Makes a campaign known; False when the code is taken."""
        async with self.transaction() as tx:
            return await register.add_campaign(tx.connection, self._statements, code, title, now)

    async def campaigns(self) -> list[Campaign]:
        async with self.read() as look:
            return await register.all_campaigns(look.connection)

    async def remember(self, channel: str, what: Mapping[str, str]) -> None:
        """Keeps what a channel must know again: file ids, template ids, offsets."""
        if what:
            async with self.transaction() as tx:
                await register.remember(tx.connection, self._statements, channel, what)

    async def recalled(self, channel: str) -> dict[str, str]:
        async with self.read() as look:
            return await register.recalled(look.connection, channel)

    async def forget(self, channel: str, key: str) -> None:
        async with self.transaction() as tx:
            await register.forget(tx.connection, channel, key)

    async def write_ledger(self, entry: Exported) -> None:
        """Notes who exported what, when."""
        async with self.transaction() as tx:
            await register.write_ledger(tx.connection, entry)

    async def ledger(self) -> list[Exported]:
        async with self.read() as look:
            return await register.read_ledger(look.connection)

    async def counters(self) -> dict[str, int]:
        """The books: received, handled, parked, unusable, duplicate; due, sent, held, cancelled, failed."""
        async with self.read() as look:
            return await register.counted(look.connection)

    async def books(self) -> Counter[str]:
        """The counters and, as ``waiting``, the parts that have not ended: what must add up at any moment."""
        async with self.read() as look:
            return await register.books(look.connection)

    async def inbox(self, limit: int = 100) -> list[InboxRow]:
        """Parked and unusable deliveries, newest first, payloads unsealed."""
        async with self.read() as look:
            return await register.kept_deliveries(look.connection, self.seal, limit)

    async def known_deliveries(self, channel: str, event_ids: Collection[str]) -> set[str]:
        """Those of these deliveries that have come before."""
        async with self.read() as look:
            return await register.known_deliveries(look.connection, channel, event_ids)

    async def retire(self, channel: str, event_id: str) -> bool:
        """An operator has seen a delivery: only its bare id stays."""
        async with self.transaction() as tx:
            return await register.retire(tx.connection, channel, event_id)


READING: dict[str, dict[str, Any]] = {
    "sqlite": {"sqlite_begin": "BEGIN"},
    "postgresql": {"postgresql_readonly": True},
}
