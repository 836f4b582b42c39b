"""One transaction over many turns. Nothing but statements is awaited inside it (group commit)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.engine.events import Event
from bot.engine.learner import Learner
from bot.engine.occasion import Occasion
from bot.seal import Seal
from storage import arriving, doubt, erasing, occasions, outbox, saving
from storage.lean import AsyncConnection
from storage.learner_rows import learner_of
from storage.listed import given
from storage.ready import Ready, Where, in_one_visit
from storage.rows import Arrival, Brought, Claim, Handled, OutboxRow, Parked, Reach, Spending, Unusable
from storage.statements import statements_of


class Reading:
    """Looks at rows and changes none."""

    def __init__(self, connection: AsyncConnection, seal: Seal) -> None:
        self.connection, self._seal = connection, seal
        self._statements = statements_of(connection.dialect.name)

    async def learners(self, ids: Collection[str]) -> dict[str, Learner]:
        """The learners by id, as they were last saved."""
        return await self._learners(self.connection, self._statements.learners, ids)

    @staticmethod
    async def _learners(where: Where, statement: Ready, ids: Collection[str]) -> dict[str, Learner]:
        if not ids:
            return {}
        rows = await statement.rows(where, given([[id_] for id_ in sorted(ids)]))
        return {row.id: learner_of(row) for row in rows}

    async def brought(self, learner_id: str, limit: int = 1) -> list[Brought]:
        """What was decided for a learner lately, newest first, and what became of it."""
        return await occasions.last_of(self.connection, learner_id, limit)

    async def everything_of(self, learner_id: str) -> dict[str, list[dict[str, Any]]]:
        """Every row about a learner, by table, sealed columns opened."""
        return await erasing.everything_of(self.connection, self._seal, learner_id)


class Transaction(Reading):
    """Reads and writes sets of rows; all of it is kept, or nothing is.

    The books (received, handled …) are counted while it goes on and written as its last statement, so that
    processes share those rows for as short as can be.
    """

    def __init__(self, connection: AsyncConnection, seal: Seal, shard: int) -> None:
        super().__init__(connection, seal)
        self.erased = False
        self._shard = shard
        self._books: Counter[str] = Counter()
        self._twins: list[tuple[int, int]] = []
        self._split: dict[int, str] = {}
        self._doubts: list[Any] = []
        self._finished = False

    async def accept(self, events: Sequence[Event], now: datetime) -> list[Arrival]:
        """The events never seen before, in the order given; a repeat, also within one call, is dropped."""

        async def accepted(where: Where) -> list[Arrival]:
            arrivals = await self._accept(where, events, now)
            self._doubts.extend(await doubt.doubts(where, arrivals))
            return arrivals

        return await in_one_visit(self.connection, accepted)

    async def accept_and_know(self, events: Sequence[Event], now: datetime) -> tuple[list[Arrival], dict[str, Learner]]:
        """The same, with the learners they come from, locked until the end."""

        async def both(where: Where) -> tuple[list[Arrival], dict[str, Learner]]:
            arrivals = await self._accept(where, events, now)
            known = {arrival.learner_id for arrival in arrivals if arrival.learner_id is not None}
            learners = await self._learners(where, self._statements.learners_locked, known)
            self._doubts.extend(await doubt.doubts(where, arrivals))
            return arrivals, learners

        return await in_one_visit(self.connection, both)

    async def _accept(self, where: Where, events: Sequence[Event], now: datetime) -> list[Arrival]:
        arrived = await arriving.accept(where, self._statements, self._seal, events, now)
        arrivals = arrived.arrivals
        self._twins.extend(arrived.twins)
        self._split.update(arrived.split)
        self._books.update(received=len(events), duplicate=len(events) - len(arrivals))
        return arrivals

    async def unusable(self, deliveries: Sequence[Unusable], now: datetime) -> None:
        """Keeps authentic deliveries that nobody understands, for the operator."""
        new = await arriving.keep_unusable(self.connection, self._statements, self._seal, deliveries, now)
        self._books.update(received=len(deliveries), unusable=new, duplicate=len(deliveries) - new)

    async def learners(self, ids: Collection[str]) -> dict[str, Learner]:
        """The learners by id, locked until the end (PostgreSQL; on SQLite everything is)."""
        return await self._learners(self.connection, self._statements.learners_locked, ids)

    async def due(self, now: datetime, most: int) -> dict[str, Learner | None]:
        """Learners the clock must look at, the longest waiting first, locked until the end; None: not readable."""
        return await occasions.due(self.connection, now, most)

    async def put_off(self, ids: Collection[str], until: datetime) -> None:
        """The clock looks at these learners later: they cannot be planned now."""
        if ids:
            await occasions.put_off(self.connection, ids, until)

    async def reaches(self, ids: Collection[str]) -> dict[str, list[Reach]]:
        """Where each of these learners can be reached, the address heard from last first."""
        return await occasions.reaches(self.connection, self._seal, ids)

    async def decided(self, pairs: Iterable[tuple[str, Occasion]]) -> set[tuple[str, str, str]]:
        """Which of these (learner, local date, kind) were decided before."""
        return await occasions.decided(self.connection, pairs)

    async def spent(self, day: str) -> list[Spending]:
        """What a UTC day has cost so far, by country."""
        return await occasions.spent(self.connection, day)

    async def templates(self, since: datetime) -> int:
        """How many people were asked in by templates since then."""
        return await occasions.templates(self.connection, since)

    async def save(self, turns: Sequence[Handled | Parked], now: datetime, *, heard: bool = True) -> None:
        """Everything the turns changed, in order of arrival: one statement a table.

        ``heard`` is False where nobody said anything: the clock's turns are not counted among what was received.
        """
        if heard:
            spoken = [turn for turn in turns if isinstance(turn, Handled)]
            self._books.update(sent=await doubt.heard(self.connection, self._doubts, spoken, now))
        changes = saving.gather(turns, self._seal, now, self._split)
        cancelled = await saving.write(self.connection, changes)
        if self._twins:
            await arriving.join_twins(self.connection, self._twins)
            told_first_now = arriving.told_beside(self._twins, changes.erased.values())
            await erasing.drop_strays(self.connection, told_first_now)
        self.erased = self.erased or bool(changes.erased or changes.forgotten)
        parked = len(changes.parked)
        self._books.update(due=len(changes.parts), cancelled=cancelled)
        if heard:
            self._books.update(handled=len(turns) - parked, parked=parked)
        await occasions.undo(self.connection, changes.undone)
        self._books.update(await occasions.note(self.connection, changes.occasions, now))
        if changes.spent:
            await occasions.spend(self.connection, now.date().isoformat(), changes.spent.values())

    async def erase(self, learner_ids: Collection[str]) -> None:
        """Leaves nothing with these learners' keys in any table."""
        if learner_ids:
            self.count("cancelled", await erasing.erase(self.connection, learner_ids))
            self.erased = True

    def count(self, name: str, by: int = 1) -> None:
        """Adds to the books."""
        self._books[name] += by

    def add_to_books(self, changes: Mapping[str, int]) -> None:
        for name, by in changes.items():
            self._books[name] += by

    async def hand_over(self, claims: Sequence[Claim]) -> list[list[OutboxRow] | None]:
        """What senders may send, claimed in this very transaction: the last thing in it, committed with it on SQLite.

        Nothing of it may go out before the transaction has ended.
        """

        async def last(where: Where) -> list[list[OutboxRow] | None]:
            found = [await self._handed(where, claim) for claim in claims]
            await self.write_books(where)
            return found

        self._finished = True
        return await in_one_visit(self.connection, last, last=True)

    async def _handed(self, where: Where, claim: Claim) -> list[OutboxRow] | None:
        rows, books = await outbox.claim(where, self._seal, claim)
        self.add_to_books(books)
        return rows

    async def finish(self) -> None:
        """Writes what comes last, unless that is done."""
        if not self._finished:
            await self.write_books(self.connection)

    async def write_books(self, where: Where) -> None:
        await self._statements.counters.run(where, shares(self._books, self._shard))


def shares(books: Mapping[str, int], shard: int) -> list[dict[str, Any]]:
    """The books' changes as this process's rows; sorted, so that two processes wait for each other in order."""
    return [{"name": name, "shard": shard, "value": value} for name, value in sorted(books.items()) if value]
