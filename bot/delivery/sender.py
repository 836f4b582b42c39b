"""Sends what the outbox holds: one sender for each account, several chats at once, one part at a time in each.

Laws
- The outbox is the truth and is looked at every second; ``wake`` only makes that sooner.
- Only the holder of the lease claims and marks. Once it is lost nothing more is sent, and what was under way is
  settled by whoever took over: at most one repeat for each part under way when a holder dies or freezes.
- Order in a chat is kept by the store, which hands out only the first unfinished part of each; a part that waits
  holds up its own chat and no other, and urgent parts are handed out first.
- Limits are kept before a call; what has to wait goes back into its row, so that waiting survives a restart.
- A platform that hangs holds up only this sender: every channel has its own, and every call a time-out.

States of a part: waiting → sending → sent | failed | cancelled; sending → unknown where the answer was lost.

What may go wrong
- Our own code fails at a part: it is tried again a few times, then put aside as failed. Its neighbours go on.
- The database is out of reach: nothing is claimed; outcomes are kept in memory and written down when it is back.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.channels.channel import Sending
from bot.channels.outcomes import Later, Left, Result, Sent, Unknown
from bot.delivery.backoff import Random, backoff
from bot.delivery.lease import Lease
from bot.delivery.limits import Floods, Limits
from bot.delivery.settling import Broken, put_off, settled
from bot.engine import events
from bot.errors import TryAgain, Unavailable
from storage.rows import Mark, OutboxRow

log = structlog.get_logger()

TICK = 1.0  # seconds between looks at the outbox when nobody wakes us
AT_ONCE = 64  # calls under way: at 40 ms a call that is far more than any platform's limit
CALL = 45.0  # seconds a channel may take for a part, whatever its own time-outs are
FAREWELL = 5.0  # seconds for the house to note that a learner left


class Outbox(Protocol):
    """What the sender needs of the store."""

    async def claim(self, channel: str, now: datetime, limit: int, epoch: int) -> list[OutboxRow]: ...

    async def marks(self, marks: Sequence[Mark], lease: str, epoch: int, now: datetime) -> bool: ...

    async def abandoned(self, channel: str, epoch: int, due: datetime) -> int: ...

    async def cancel(self, learner_ids: Collection[str], reason: str, now: datetime) -> int: ...

    async def remember(self, channel: str, what: Mapping[str, str]) -> None: ...


class Meter(Protocol):
    """Told of every call and of how late it was."""

    def sent(self, channel: str, outcome: str, seconds: float) -> None: ...

    def late(self, channel: str, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time and chance, passed in: the time of day, a clock that only goes forward, dice."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    random: Random


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that came back; ``epoch`` is the one it was made under."""

    row: OutboxRow
    epoch: int
    result: Result | Broken


class Sender:
    """``gone`` is the service's ``handle``: it is told of learners whom the platform no longer reaches."""

    def __init__(
        self,
        channel: Sending,
        store: Outbox,
        lease: Lease,
        limits: Limits,
        clocks: Clocks,
        *,
        gone: Callable[[events.Event], Awaitable[object]],
        meter: Meter,
        at_once: int = AT_ONCE,
    ) -> None:
        self.channel, self.store, self.lease, self.limits, self.clocks = channel, store, lease, limits, clocks
        self._gone, self._meter, self._at_once = gone, meter, at_once
        self._floods = Floods()
        self._calls: set[asyncio.Task[None]] = set()
        self._ended: list[Ended] = []
        self._put_off: list[Mark] = []
        self._stir = asyncio.Event()
        self._quiet_until: datetime | None = None  # nobody of this account is sent to before
        self._troubles = 0  # of the whole account, in a row
        self._dues: list[datetime] = []  # when parts that wait may go out: a heap
        self._looked_at: datetime | None = None
        self._epoch: int | None = None  # whose left-overs have been taken over
        self._in_doubt = False  # a claim may have been kept without our hearing of it

    def wake(self) -> None:
        """Something was put into the outbox."""
        self._stir.set()

    async def run(self) -> None:
        """Sends until cancelled; then finishes what is under way, writes it down and gives the lease back."""
        try:
            while True:
                self._stir.clear()
                await _whole(self._round())
                await self._rest()
        finally:
            await self.finish()

    async def _round(self) -> None:
        try:
            await self.round()
        except (Unavailable, TryAgain) as trouble:
            log.warning("sender.database", channel=self.channel.name, error=type(trouble).__name__)
        except Exception:
            log.exception("sender.failed", channel=self.channel.name)

    async def round(self) -> None:
        """One look: the lease kept, outcomes written down, what may go out claimed and started."""
        await self.lease.keep()
        epoch = self.lease.epoch
        if epoch is None or not self.lease.held:
            self._forget_outcomes()
            return
        if epoch != self._epoch:
            await self._take_over(epoch)
        await self._write_down()
        if self._in_doubt:
            await self._begin_anew()
            return
        await self._claim(epoch)
        await self._write_down()

    async def _claim(self, epoch: int) -> None:
        """Starts what may go out now."""
        self._looked_at = self.clocks.now()
        room = self._room()
        if room <= 0:
            return
        self._in_doubt = True
        rows = await self.store.claim(self.channel.name, self._looked_at, room, epoch)
        self._in_doubt = False
        for row in rows:
            self._start(row, epoch)
        if len(rows) == room:
            self.wake()  # there may be more

    async def _begin_anew(self) -> None:
        """Parts claimed without our knowing hang under our epoch: a new one frees them, once nothing is under way."""
        if not self._calls and not self._ended:
            await self.lease.give_back()
            self._in_doubt = False
            self.wake()

    async def finish(self) -> None:
        """Takes nothing more, waits for what is under way, and leaves everything written down."""
        if self._calls:
            await asyncio.wait(self._calls)
        try:
            if self.lease.held:
                await self._write_down()
            await self.lease.give_back()
        except (Unavailable, TryAgain) as trouble:
            log.warning("sender.database", channel=self.channel.name, error=type(trouble).__name__)

    async def calls_ended(self) -> None:
        """Comes back when nothing is under way."""
        while self._calls:
            await asyncio.wait(self._calls)

    async def _take_over(self, epoch: int) -> None:
        """What the last holder had under way may have gone out."""
        due = self.clocks.now() + timedelta(seconds=self.channel.patience)
        left = await self.store.abandoned(self.channel.name, epoch, due)
        self._epoch = epoch
        log.info("sender.holds", channel=self.channel.name, epoch=epoch, unsettled=left)

    def _forget_outcomes(self) -> None:
        """Somebody else has the lease: those parts are theirs to settle."""
        self._ended.clear()
        self._put_off.clear()

    def _room(self) -> int:
        """How many parts may be claimed now."""
        now = self.clocks.now()
        if self._quiet_until is not None and now < self._quiet_until:
            return 0
        return min(self._at_once - len(self._calls), self.limits.account.free(self.clocks.monotonic()))

    def _start(self, row: OutboxRow, epoch: int) -> None:
        now = self.clocks.monotonic()
        wait = self.limits.chats.take(row.address_id, now)
        if wait > 0:
            self._put_off.append(put_off(row, self.clocks.now(), wait))
            return
        self.limits.account.take(now)
        call = asyncio.create_task(self._call(row, epoch))
        self._calls.add(call)
        call.add_done_callback(self._came_back)

    def _came_back(self, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        self._stir.set()

    async def _call(self, row: OutboxRow, epoch: int) -> None:
        """One call; whatever happens is an outcome, and a bug of ours harms this part alone."""
        if not self.lease.held:
            # We stood still past our lease. Should it still be ours, the part simply goes out a little later.
            self._ended.append(Ended(row, epoch, Later(0.0, "part", False, "the lease ran out")))
            return
        began = self.clocks.monotonic()
        result: Result | Broken
        try:
            result = await asyncio.wait_for(self.channel.send(row), CALL)
        except TimeoutError:
            result = Unknown("no answer in time")
        except Exception as bug:
            log.exception("sender.part_failed", channel=self.channel.name, part=row.id)
            result = Broken(type(bug).__name__)
        self._ended.append(Ended(row, epoch, result))
        self._meter.sent(self.channel.name, type(result).__name__.lower(), self.clocks.monotonic() - began)
        if isinstance(result, Sent):
            self._meter.late(self.channel.name, (self.clocks.now() - row.due_at).total_seconds())

    async def _write_down(self) -> None:
        """All outcomes so far in one transaction; kept for the next round where the database fails."""
        epoch, now = self.lease.epoch, self.clocks.now()
        ended = [one for one in self._ended if one.epoch == epoch]
        count, put_offs = len(self._ended), list(self._put_off)
        if epoch is None or not (ended or put_offs):
            return
        marks = [*put_offs, *(self._mark(one, now) for one in ended)]
        if not await self.store.marks(marks, self.lease.name, epoch, now):
            self.lease.lost()
            return
        # Only what came back before the statement is done with; what came back meanwhile is for the next round.
        del self._ended[:count]
        del self._put_off[: len(put_offs)]
        for mark in marks:
            if mark.due_at is not None:
                heapq.heappush(self._dues, mark.due_at)
        for one in ended:
            self._weigh(one, now)
        await self._after(ended, now)

    def _mark(self, one: Ended, now: datetime) -> Mark:
        mark = settled(one.row, one.result, now, self.clocks.random, self.channel.patience)
        if mark.state == "failed":
            log.error("sender.failed_part", channel=self.channel.name, part=one.row.id, why=mark.outcome)
        return mark

    def _weigh(self, one: Ended, now: datetime) -> None:
        """Whether what happened to one part means that the whole account should wait."""
        result = one.result
        if not isinstance(result, Later):
            self._troubles = 0 if isinstance(result, Sent) else self._troubles
            self._floods.note(None)
            return
        flooded = not result.counts and result.scope == "chat"
        everybody = self._floods.note(one.row.address_id if flooded else None)
        if result.scope != "account" and not everybody:
            return
        wait = result.after
        if result.counts:
            self._troubles += 1
            wait = max(wait, backoff(self._troubles, self.clocks.random))
        until = now + timedelta(seconds=wait)
        self._quiet_until = max(until, self._quiet_until or until)
        log.warning("sender.waits", channel=self.channel.name, seconds=round(wait, 1), why=result.reason)

    async def _after(self, ended: Sequence[Ended], now: datetime) -> None:
        """What else follows: ids to remember, learners who left."""
        known = {
            key: value for one in ended if isinstance(one.result, Sent) for key, value in one.result.remember.items()
        }
        if known:
            await self.store.remember(self.channel.name, known)
        left = [one for one in ended if isinstance(one.result, Left)]
        if left:
            learners = {one.row.learner_id for one in left if one.row.learner_id is not None}
            await self.store.cancel(learners, "the learner left", now)
            for one in left:
                await self._say_gone(one.row, now)

    async def _say_gone(self, row: OutboxRow, now: datetime) -> None:
        """A start brings them back where they were. On shutdown the house may be past listening: no long wait."""
        event = events.Left(id=f"left:{row.id}", address=row.address, at=now)
        try:
            await asyncio.wait_for(self._gone(event), FAREWELL)
        except TimeoutError:
            log.warning("sender.nobody_listens", channel=self.channel.name)

    async def _rest(self) -> None:
        """Until somebody wakes us, a call comes back, something is due, or a second has passed."""
        try:
            async with asyncio.timeout(self.pause()):
                await self._stir.wait()
        except TimeoutError:
            pass

    def pause(self) -> float:
        """Seconds until there may be something to do, unless we are woken before."""
        now = self.clocks.now()
        waits = [TICK]
        while self._dues and self._looked_at is not None and self._dues[0] <= self._looked_at:
            heapq.heappop(self._dues)
        if self._dues:
            waits.append((self._dues[0] - now).total_seconds())
        if self._quiet_until is not None and self._quiet_until > now:
            waits.append((self._quiet_until - now).total_seconds())
        account = self.limits.account.wait(self.clocks.monotonic())
        if account > 0:
            waits.append(account)
        return max(min(waits), 0.001)


async def _whole(work: Coroutine[object, object, None]) -> None:
    """Does it to its end even when cancelled meanwhile: half a round would leave parts hanging."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
