"""Sends what the outbox holds: one sender for each account, several chats at once, in order in each.

Laws
- The outbox is the truth and is looked at every second; ``wake`` only makes that sooner.
- Only the holder of the lease claims and marks. Once it is lost nothing more is sent, and what was under way is
  settled by whoever took over: at most one repeat for each part under way when a holder dies or freezes.
- What may have arrived is in doubt for a while before it is repeated. A tap on what was shown last settles it as sent
  in the tap's own transaction; any other word of the learner brings it at once (``storage/doubt.py``).
- Order in a chat is kept by the store: one message at a time, one edit at a time, an edit only after everything before
  it. A message does not wait for the edits before it, so both may be under way together. A part that waits holds up
  its own chat and no other, and urgent parts are handed out first.
- Limits are kept before a call, and sends spread over the second; what has to wait for its chat goes back into its row,
  so that waiting survives a restart.
- What follows from an end stands on the part until somebody has seen to it (``following``): it is looked for after such
  an end, at the start, and every minute.
- What comes unasked is for its hour: a part that waited too long, or into the night, is not sent any more, and its day
  decided again.
- A platform that hangs holds up only this sender: every channel has its own, and every call a time-out.

States of a part: waiting → sending → sent | failed | cancelled; sending → unknown where the answer was lost.

What may go wrong
- Our own code fails at a part: it is tried again a few times, then put aside as failed. Its neighbours go on.
- The database is out of reach: nothing is claimed; outcomes are kept in memory and written down when it is back.
"""

import asyncio
import heapq
from collections.abc import Callable, Collection, Coroutine, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from bot.delivery.account import Account
from bot.delivery.backoff import Random
from bot.delivery.bookkeeping import Bookkeeping, Books, Ended, Outcomes, Sending
from bot.delivery.following import Following
from bot.delivery.lease import RENEWED, Lease
from bot.delivery.limits import Limits
from bot.delivery.settling import NO_DOUBT, Broken, left_behind
from bot.engine.fixed import fixed
from bot.engine.schedule import LATE
from bot.errors import TryAgain, Unavailable
from bot.outcomes import LONGEST_WAIT, Held, Later, Result, Sent, Unknown
from storage.rows import LATEST, REPLY, Claim, Mark, OutboxRow

log = structlog.get_logger()

TOO_LATE = "too late for what was due then"
TENDED = 60.0  # seconds between looks for what is left over
TICK = 1.0  # seconds between looks at the outbox when nobody wakes us
AT_ONCE = 100  # calls under way: at 40 ms a call that is far more than any platform's limit
LAST_TRIES = 5  # of writing down what is left, when something is in the way
ENDING = 8.0  # of the ten seconds that a stop may take: a call that has not come back by then is in doubt
CALL = 45.0  # seconds a channel may take for a part, whatever its own time-outs are


class Outbox(Books, Protocol):
    """What the sender needs of the store."""

    async def claim(self, claim: Claim) -> list[OutboxRow] | None: ...

    async def abandoned(self, channel: str, epoch: int) -> list[OutboxRow]: ...

    async def hasten(self, channel: str, now: datetime, ahead: float) -> int: ...


class Meter(Protocol):
    """Told of every call and of how late it was."""

    def sent(self, channel: str, outcome: str, seconds: float) -> None: ...

    def late(self, channel: str, seconds: float) -> None: ...


@fixed(frozen=True, slots=True)
class Clocks:
    """Time and chance, passed in: the time of day, a clock that only goes forward, dice."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    random: Random


class Sender:
    """Sends the parts of one channel, while it holds the lease. ``following`` sees to what their ends bring about."""

    def __init__(
        self,
        channel: Sending,
        store: Outbox,
        lease: Lease,
        limits: Limits,
        clocks: Clocks,
        *,
        following: Following,
        meter: Meter,
        soon: Callable[[], bool] = lambda: False,
        at_once: int = AT_ONCE,
        ending: float = ENDING,
    ) -> None:
        self.channel, self.store, self.lease, self.limits, self.clocks = channel, store, lease, limits, clocks
        self._meter, self._soon, self._at_once, self._ends_in = meter, soon, at_once, ending
        self._following = following
        self._books = Bookkeeping(channel, store, clocks.random)
        self._account = Account(channel.name, clocks.random)
        self._calls: dict[asyncio.Task[None], asyncio.TimerHandle] = {}  # each with the end of its time
        self._stir = asyncio.Event()
        self._dues: list[datetime] = []  # when parts that wait may go out: a heap
        self._looked_at: datetime | None = None
        self._epoch: int | None = None  # whose left-overs have been taken over
        self._not_begun: int | None = None  # an epoch that ended with nothing under way
        self._in_doubt = False  # a claim may have been kept without our hearing of it
        self._asked: Outcomes | None = None  # what goes with the claim that is under way
        self._on_hold = 0  # parts that are claimed, and go out once that is kept
        self._wanted = True  # there may be something to claim
        self._open_ends = False  # something follows from what was written down: whoever left must get nothing more
        self._tend_at = float("-inf")  # when to look for what is left over, by the clock that only goes forward
        self._ending = False
        self._full = False  # at the last look nothing more might go out just then

    def wake(self) -> None:
        """Something was put into the outbox."""
        self._wanted = True
        self._stir.set()

    async def run(self) -> None:
        """Sends until cancelled; then finishes what is under way, writes it down and gives the lease back."""
        try:
            while True:
                self._stir.clear()
                if not self._carried:
                    await _whole(self._round())
                await self._rest()
        finally:
            await self.finish()

    @property
    def _carried(self) -> bool:
        """Whether a look of our own can be left: there is nothing to do, or a turn's transaction takes it along."""
        if self._asked is not None:
            return True
        settled = self.lease.fresh and self.lease.epoch == self._epoch and not (self._in_doubt or self._open_ends)
        idle = not (self._wanted or self._books.waiting)
        return settled and (idle or (self._soon() and self._room() > 0))

    async def _round(self) -> None:
        try:
            await self.round()
        except (Unavailable, TryAgain) as trouble:
            log.warning("sender.database", channel=self.channel.name, error=type(trouble).__name__)
        except Exception:
            log.exception("sender.failed", channel=self.channel.name)

    async def round(self) -> None:
        """One look: the lease kept, ends written down and seen to, what may go out claimed and started."""
        await self.lease.keep()
        epoch = self.lease.epoch
        if epoch is None:
            self._books.forget()
            return
        if not self.lease.held:
            return  # renewing took longer than the lease lasts; it is still ours, and so are the outcomes
        if epoch != self._epoch:
            await self._take_over(epoch)
            if self._epoch != epoch:
                return
        if self._open_ends or self.clocks.monotonic() >= self._tend_at:
            await self._tend()
        if self._asked is not None:
            return  # a turn took this look along meanwhile
        if self._in_doubt:
            await self._write_down()
            await self._begin_anew()
            return
        outcomes = self._books.outcomes(epoch, self.clocks.now())
        if not (outcomes.plain and self._room() > 0):
            await self._write_down()
            if self._open_ends:
                await self.round()
                return
            outcomes = Outcomes()
        if (room := self._room()) > 0 and self.lease.held:
            await self._claim(self._asking(room, outcomes, epoch))
        if self._books.put_off_some:  # nothing else would stir us; calls that came back do
            await self._write_down()

    async def _tend(self) -> None:
        """Sees to what follows from ends. What was put off by a clock that was ahead is due now.

        Sending waits for this, so a bug of ours in it is told of, and left for the next time.
        """
        now, more = self.clocks.now(), False
        try:
            if await self.store.hasten(self.channel.name, now, LONGEST_WAIT):
                self._wanted = True
            more = await self._following.look(now)
        except (Unavailable, TryAgain):
            raise
        except Exception:
            log.exception("sender.not_tended", channel=self.channel.name)
        self._open_ends = False
        self._tend_at = self.clocks.monotonic() + (0.0 if more else TENDED)

    def _asking(self, room: int, outcomes: Outcomes, epoch: int) -> Claim:
        """Outcomes are written down with it: what waited for them may go out next."""
        self._asked, self._looked_at, self._wanted = outcomes, self.clocks.now(), False
        return Claim(self.channel.name, self._looked_at, room, self.lease.name, epoch, outcomes.marks)

    async def _claim(self, claim: Claim) -> None:
        """In a transaction of our own."""
        try:
            rows = await self.store.claim(claim)
        except BaseException as trouble:
            self.missed(surely=isinstance(trouble, TryAgain))
            raise
        self.claimed(claim, rows)
        self.kept(claim, rows or ())

    # --- along with a turn (``bot.riding.Rider``) ------------------------------------------------------------------

    @property
    def under_way(self) -> int:
        """Calls that the platform has not answered yet."""
        return len(self._calls)

    def claim(self, channels: Collection[str]) -> Claim | None:
        """What would be claimed now. Only what nothing else follows from: the turn must not wait for more."""
        epoch = self.lease.epoch
        if self._asked is not None or self._ending or self._in_doubt or self._open_ends:
            return None
        if not self.lease.held or epoch != self._epoch:
            return None
        assert epoch is not None, "it is held"
        outcomes, room = self._books.outcomes(epoch, self.clocks.now()), self._room()
        if not outcomes.plain or room <= 0:
            return None
        if not (outcomes.marks or self._wanted or self.channel.name in channels):
            return None
        return self._asking(room, outcomes, epoch)

    def claimed(self, claim: Claim, rows: Sequence[OutboxRow] | None) -> None:
        """It is committed: outcomes are written down, and what may go out next waits until it is ``kept``."""
        outcomes, self._asked = self._asked, None
        assert outcomes is not None, "it was asked for"
        if rows is None:
            self.lease.lost()
        else:
            if outcomes.marks:
                self._books.kept(outcomes)
                self._look_again(outcomes.marks)
            self._on_hold += len(rows)
            self._wanted = self._wanted or len(rows) == claim.most  # there may be more
        if rows is None or self._wanted or self._books.waiting or self._ending:
            self._stir.set()

    def kept(self, claim: Claim, rows: Sequence[OutboxRow]) -> None:
        """It survives a power cut: what may go out is started."""
        self._on_hold -= len(rows)
        for row in rows:
            self._start(row, claim.epoch)
        if self._books.put_off_some or self._ending:
            self._stir.set()

    def missed(self, *, surely: bool) -> None:
        """It was not committed, or that is not known: parts may hang under our epoch."""
        self._asked, self._in_doubt, self._wanted = None, not surely, True
        self._stir.set()

    async def _begin_anew(self) -> None:
        """Parts claimed without our knowing hang under our epoch: a new one frees them, once nothing is under way."""
        if not (self._calls or self._on_hold or self._books.waiting):
            self._not_begun = self.lease.epoch
            await self.lease.give_back()
            self._in_doubt = False
            self.wake()

    async def finish(self) -> None:
        """Takes nothing more, waits for what is under way as long as there is time, leaves everything written down."""
        self._ending = True
        enough = asyncio.get_running_loop().call_later(self._ends_in, self._let_go)
        while self._asked is not None or self._on_hold:
            self._stir.clear()
            await self._stir.wait()
        while self._calls:
            await asyncio.wait(self._calls, timeout=self.lease.ttl.total_seconds() * RENEWED)
            if self.lease.epoch is not None:
                await self._patiently(self.lease.keep)
        enough.cancel()
        await self._patiently(self._leave)

    def _let_go(self) -> None:
        """A platform that hangs is waited for no longer: what it was told may have arrived."""
        for call in self._calls:
            call.cancel()

    async def _leave(self) -> None:
        """Also where the lease ran out just now: as long as nobody else took it, outcomes are ours to write down."""
        if self.lease.epoch is None:
            return
        await self.lease.keep()
        if self.lease.epoch == self._epoch:
            await self._write_down()
        await self.lease.give_back()

    async def _patiently(self, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Does it, at the last also where another transaction was in its way; a database that is away is told of."""
        for tries_left in reversed(range(LAST_TRIES)):
            try:
                await work()
            except (Unavailable, TryAgain) as trouble:
                if isinstance(trouble, TryAgain) and tries_left:
                    continue
                log.warning("sender.database", channel=self.channel.name, error=type(trouble).__name__)
            return

    async def _take_over(self, epoch: int) -> None:
        """What the last holder had under way may have gone out; what we claimed ourselves without knowing has not."""
        left, now = await self.store.abandoned(self.channel.name, epoch), self.clocks.now()
        begun = self._not_begun != epoch - 1
        marks = [left_behind(row, now, self._books.doubt(row) if begun else NO_DOUBT) for row in left]
        if marks and not await self.store.marks(marks, self.lease.name, epoch, now):
            self.lease.lost()
            return
        self._epoch, self._tend_at = epoch, float("-inf")  # they may have been lost before what follows was seen to
        log.info("sender.holds", channel=self.channel.name, epoch=epoch, unsettled=len(left))

    def _room(self) -> int:
        """How many parts may be claimed now."""
        if self._account.wait(self.clocks.now()) > 0:
            return 0
        most = 1 if self._account.probing else self._at_once
        free = self.limits.account.free(self.clocks.monotonic())
        self._full = free == 0
        return min(most - len(self._calls), free) - self._on_hold

    def _start(self, row: OutboxRow, epoch: int) -> None:
        now = self.clocks.monotonic()
        wait = self.limits.chats.take(row.address_id, now)
        if wait > 0:
            self._books.put_off(row, self.clocks.now(), wait)
            return
        self.limits.account.take(now)
        call = asyncio.create_task(self._call(row, epoch))
        self._calls[call] = asyncio.get_running_loop().call_later(CALL, call.cancel)
        call.add_done_callback(self._came_back)

    def _came_back(self, call: "asyncio.Task[None]") -> None:
        self._calls.pop(call).cancel()
        self._stir.set()

    async def _call(self, row: OutboxRow, epoch: int) -> None:
        """One call; whatever happens is an outcome, and a bug of ours harms this part alone."""
        if not self.lease.held or self.lease.epoch != epoch:
            # We stood still past our lease. Should it still be ours, the part simply goes out a little later.
            self._books.add(Ended(row, epoch, Later(0.0, "part", False, "the lease ran out")))
            return
        began = self.clocks.monotonic()
        result: Result | Broken
        if row.kind != REPLY and self.clocks.now() > _latest(row):
            self._books.add(Ended(row, epoch, Held(TOO_LATE)))
            return
        try:
            result = await self.channel.send(row)
        except asyncio.CancelledError:
            result = Unknown("no answer in time")
        except Exception as bug:
            log.exception("sender.part_failed", channel=self.channel.name, part=row.id)
            result = Broken(type(bug).__name__)
        self._books.add(Ended(row, epoch, result))
        self._account.weigh(row.address_id, result, self.clocks.now())
        if isinstance(result, Later) and result.scope == "chat":  # also for what does not wait for this part
            self.limits.chats.rest(row.address_id, result.after, self.clocks.monotonic())
        self._meter.sent(self.channel.name, type(result).__name__.lower(), self.clocks.monotonic() - began)
        if isinstance(result, Sent):
            self._meter.late(self.channel.name, (self.clocks.now() - row.due_at).total_seconds())

    async def _write_down(self) -> None:
        """Outcomes so far go into the outbox, where nothing may be claimed."""
        epoch, now = self.lease.epoch, self.clocks.now()
        if epoch is None:
            return
        self._asked = Outcomes()  # nobody takes them along meanwhile
        try:
            marks = await self._books.write_down(self.lease.name, epoch, now)
        finally:
            self._asked = None
            if self._ending:
                self._stir.set()
        if marks is None:
            self.lease.lost()
        else:
            self._look_again(marks)
            self._open_ends = self._open_ends or any(mark.follows for mark in marks)

    def _look_again(self, marks: Sequence[Mark]) -> None:
        """When parts that were put off are due."""
        for mark in marks:
            if mark.due_at is not None:
                heapq.heappush(self._dues, mark.due_at)

    async def _rest(self) -> None:
        """Until somebody wakes us, a call comes back, something is due, or a second has passed."""
        try:
            async with asyncio.timeout(self.pause()):
                await self._stir.wait()
        except TimeoutError:
            self._wanted, self._full = True, False

    def pause(self) -> float:
        """Seconds until there may be something to do, unless we are woken before."""
        now = self.clocks.now()
        waits = [TICK]
        while self._dues and self._looked_at is not None and self._dues[0] <= self._looked_at:
            heapq.heappop(self._dues)
        if self._dues:
            waits.append(max((self._dues[0] - now).total_seconds(), 0.001))
        if (told := self._account.wait(now)) > 0:
            waits.append(told)
        if self._full:  # also where the moment has come since: at once
            waits.append(self.limits.account.wait(self.clocks.monotonic()))
        return min(waits)


def _latest(row: OutboxRow) -> datetime:
    """Until when what comes unasked may go out, as its planner reckoned it."""
    told = row.body.get(LATEST)
    return datetime.fromisoformat(str(told)) if told else row.created_at + LATE


async def _whole(work: Coroutine[object, object, None]) -> None:
    """Does it to its end even when cancelled meanwhile: half a round would leave parts hanging."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
