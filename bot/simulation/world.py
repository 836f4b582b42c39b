"""The real house over a moved clock: store, service, planner and books in a temporary folder, people around it.

The clock jumps from one moment at which something happens to the next. People act every few minutes (``Plan.step``),
so that those of one moment share a commit; the planner is called at the very minute at which somebody is due.
"""

import asyncio
import heapq
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.whatsapp.asked import APPROVED, Standing, wanted
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.templates import TEMPLATES
from bot.delivery.planner import Inviting, Planner
from bot.delivery.purse import Purse
from bot.engine import window
from bot.engine.events import Event, Said, Tapped
from bot.engine.fixed import fixed
from bot.engine.learner import Learner
from bot.engine.occasion import INVITING_WAYS
from bot.engine.turn import Noted
from bot.seal import Seal
from bot.service import Content, Replies, Service, Talker
from bot.simulation.figures import Figures
from bot.simulation.foretelling import Foreteller
from bot.simulation.no_wait import unhurt
from bot.simulation.people import DROPS, Person
from bot.simulation.plan import Plan
from bot.simulation.platform import Account, Wire
from bot.simulation.watch import Watch
from storage.engine import open_engine
from storage.rows import Handled, OutboxRow
from storage.schema import prepare
from storage.store import Store

FLUSH = timedelta(hours=6)  # after the last day, for what still waits for its turn
DAY = timedelta(days=1)
FATES = ("silence", "pausing", "stopping", "blocking", "changing")
KEY = "a simulation has nothing to hide, 32+ characters"

Braked = Callable[[Purse, Callable[[], float]], Callable[[], Replies]]


@fixed(frozen=True, slots=True)
class Ground:
    """What the house stands on: what is taught, the rules of sending, and the pieces that the wiring puts together.

    ``policy`` are the rules as they are written; ``rules`` those that hold here, perhaps with budgets lifted.
    """

    content: Content
    rules: window.Rules
    policy: window.Rules
    cost: Callable[[window.Rules, str, str | None, int], int]
    replies: Braked

    def under(self, rules: window.Rules) -> "Ground":
        """The same, with these rules to hold here."""
        return replace(self, rules=rules)


class World:
    """One house and its people. ``told`` hears of each day that begins."""

    def __init__(self, plan: Plan, ground: Ground, store: Store, told: Callable[[int], None]) -> None:
        self.plan, self.ground, self.store, self.told = plan, ground, store, told
        self.now = plan.start
        self.wire, self.watch, self.figures = Wire(), Watch(), Figures()
        self.chance = Random(f"fate/{plan.seed}/{plan.first}")
        self.people: dict[str, Person] = {}
        self.learners: dict[str, Learner] = {}  # by address: as they stand, with what is offered to them
        self.pending: set[str] = set()  # who will act by themselves
        self.invited: set[str] = set()  # whose last message was a template
        self._addresses: dict[str, str] = {}  # learner → address
        self._acts: dict[int, list[tuple[Person, str]]] = defaultdict(list)  # minute → who does what
        self._moments: list[int] = []
        self._due: datetime | None = None
        self._seeds = Random(f"ids/{plan.seed}/{plan.first}")
        self.purse = Purse(ground.rules, self.clock)
        self.service = self._service()
        self.accounts = {name: self._account(name, rate) for name, rate in plan.rates}
        self.foreteller = Foreteller(ground.rules, self._inviting())
        self.planner = Planner(
            self.service, store, ground.rules, content=lambda: ground.content, clock=self.clock,
            inviting=self._inviting(), after_commit=self._planned,
        )  # fmt: skip

    def clock(self) -> datetime:
        return self.now

    # --- the house ------------------------------------------------------------------------------------------------

    def _service(self) -> Service:
        seconds = lambda: (self.now - self.plan.start).total_seconds()  # noqa: E731
        content = self.ground.content
        self.channels: dict[str, Talker] = {"telegram": self._telegram(), "whatsapp": self._whatsapp()}
        return Service(
            self.store,
            lambda: content,
            self.channels,
            clock=self.clock,
            new_id=lambda: (f"{self._seeds.getrandbits(96):024x}", self._seeds.getrandbits(48)),
            after_commit=self._handled,
            replies=self.ground.replies(self.purse, seconds),
            cost=partial(self.ground.cost, self.ground.rules),
        )

    def _telegram(self) -> TelegramChannel:
        return TelegramChannel(self.wire, lambda: self.ground.content.catalogue)  # type: ignore[arg-type]

    def _whatsapp(self) -> WhatsApp:
        catalogue = self.ground.content.catalogue
        channel = WhatsApp(
            self.wire,  # type: ignore[arg-type]
            public_url="http://127.0.0.1",
            words=catalogue.text,
            sign=lambda text: "",
            clock=lambda: self.accounts["whatsapp"].at,
        )
        channel.known = {name: f"HX{name}" for name in TEMPLATES}
        if self.plan.templates:
            standing = [replace(Standing.of(one), sid=f"HX{one.name}", state=APPROVED) for one in wanted(catalogue)]
            channel.invitations.take_up({one.name: one for one in standing})
        return channel

    def _inviting(self) -> dict[str, Inviting]:
        return {name: channel for name, channel in self.channels.items() if isinstance(channel, Inviting)}

    def _account(self, name: str, rate: float) -> Account:
        return Account(self.channels[name], self.store, rate, self._arrived, self._gone)  # type: ignore[arg-type]

    async def _gone(self, event: Event) -> object:
        """The platform says that somebody is gone; the books count that among what was received."""
        self.figures.counts["words"] += 1
        self.figures.counts["opt_outs"] += 1
        return await self.service.handle(event)

    # --- what is heard of it --------------------------------------------------------------------------------------

    def _handled(self, rows: Sequence[Handled]) -> None:
        """Somebody's own word was answered."""
        for row in rows:
            self.purse.add(row.spent)
            self._written(row)
            if row.learner is None:
                continue
            self._stands(row)
            self.watch.wishes(row.learner, self.now)

    def _planned(self, rows: Sequence[Handled]) -> None:
        """The clock's turn."""
        for row in rows:
            self.purse.add(row.spent)
            self._written(row)
            assert row.learner is not None, "the planner knows whom it plans for"
            self._stands(row)
            for record in row.records:
                if isinstance(record, Noted):
                    self._noted(row.learner, record)

    def _written(self, row: Handled) -> None:
        for part in row.parts:
            self.accounts[part.channel].queued += 1

    def _noted(self, learner: Learner, noted: Noted) -> None:
        occasion = noted.occasion
        self.watch.decided(learner, occasion, self.now)
        self.foreteller.decided(learner, occasion, self.now)
        if occasion.channel == "whatsapp" and not occasion.held:
            self.figures.counts["whatsapp_days"] += 1
            self.figures.counts["templates"] += occasion.way in INVITING_WAYS

    def _stands(self, row: Handled) -> None:
        learner = row.learner
        assert learner is not None
        address = self._addresses.setdefault(learner.id, row.event.address.id)
        before = self.learners.get(address)
        self.figures.counts["lessons"] += len(learner.done) - len(before.done if before else ())
        self.learners[address] = learner
        if learner.due is not None and (self._due is None or learner.due < self._due):
            self._due = learner.due

    def _arrived(self, part: OutboxRow, at: datetime) -> None:
        """A message on somebody's phone; they may answer what came unasked."""
        template = "asked" in part.body
        self.figures.counts["messages"] += 1
        self.watch.arrived(part, template, at)
        if part.kind == "reply":
            return
        address = part.address.id
        (self.invited.add if template else self.invited.discard)(address)
        person = self.people[address]
        if address in self.pending:
            return
        minutes = person.answers_in()
        if minutes is not None:
            self._will(person, "answer", at + timedelta(minutes=minutes))

    # --- people ---------------------------------------------------------------------------------------------------

    def _will(self, person: Person, act: str, at: datetime) -> None:
        """They do something at the next moment for that."""
        step = self.plan.step
        minute = -(-int((at - self.plan.start).total_seconds()) // (60 * step)) * step
        if minute not in self._acts:
            heapq.heappush(self._moments, minute)
        self._acts[minute].append((person, act))
        if act in ("answer", "go on"):
            self.pending.add(person.address.id)

    def _people_come(self) -> None:
        for number in range(self.plan.first, self.plan.first + self.plan.learners):
            person = Person(number, Random(f"{self.plan.seed}/{number}"), self.plan.habits)
            self.people[person.address.id] = person
            self._will(person, "arrive", self.plan.start + timedelta(minutes=person.arrives_on(self.plan.habits)))
        self.figures.counts["people"] = self.plan.learners

    def _fates(self) -> None:
        """What the day holds for each: silence, a break, an end."""
        habits, chance = self.plan.habits, self.chance
        fates = [fate for fate in FATES if getattr(habits, fate) > 0]
        for address, learner in self.learners.items():
            person = self.people[address]
            if person.gone or learner.daily is None:
                continue
            for fate in fates:
                if chance.random() < getattr(habits, fate):
                    self._will(person, fate, self.now + timedelta(minutes=chance.random() * 24 * 60))

    def _event(self, person: Person, act: str) -> Event | None:
        """What an act comes to."""
        address = person.address.id
        learner = self.learners.get(address)
        if act == "arrive":
            return person.arrives(self.now)
        if person.gone or learner is None:
            return None
        match act:
            case "silence":
                person.gone = True
            case "blocking":
                person.gone = True
                if person.address.channel == "telegram":
                    self.wire.blocked.add(address)
            case "pausing":
                return person.does(Tapped, self.now, data="c:pause")
            case "changing":
                return self._changes(person)
            case "stopping":
                person.gone = True
                self.figures.counts["opt_outs"] += 1
                return person.does(Said, self.now, text="STOP")
            case "answer" if address in self.invited:
                self.invited.discard(address)
                return person.does(Tapped, self.now, data="c:today")
            case "answer" | "go on":
                return person.next_word(learner, self.now)
        return None

    def _changes(self, person: Person) -> Event:
        """Another hour typed, or another clock tapped."""
        hour, zone = person.changes_to(self.chance)
        if hour:
            return person.does(Said, self.now, text=f"/daily {hour}")
        return person.does(Tapped, self.now, data=f"z:{zone.replace('/', '--')}")

    async def _act(self, minute: int) -> None:
        """Everybody whose moment it is, through the service's own group commit."""
        events: list[Event] = []
        going_on: list[Person] = []
        for person, act in self._acts.pop(minute):
            if act in ("answer", "go on"):
                self.pending.discard(person.address.id)
            event = self._event(person, act)
            if event is None:
                continue
            events.append(event)
            self.watch.wrote(person.address.id, self.now)
            if act in ("arrive", "answer", "go on") and self.chance.random() >= DROPS:
                going_on.append(person)
        self.figures.counts["words"] += len(events)
        fee = self.ground.rules.channels["whatsapp"].fee_in
        self.figures.inbound_micros += fee * sum(event.address.channel == "whatsapp" for event in events)
        await asyncio.gather(*(self.service.handle(event) for event in events))
        later = self.now + timedelta(minutes=self.plan.step)
        for person in going_on:
            self._will(person, "go on", later)

    # --- time -----------------------------------------------------------------------------------------------------

    async def live(self) -> Figures:
        """From the first day to the last."""
        for account in self.accounts.values():
            await account.open(self.now)
        self._people_come()
        midnight = self.plan.start
        while True:
            self.now = min(self._next(), midnight)
            if self.now >= self.plan.end:
                break
            if self.now == midnight:
                await self._day_begins(midnight)
                midnight += DAY
            await self._moment()
            await self._send(min(self._next(), midnight))
        await self._end()
        return self.figures

    def _next(self) -> datetime:
        """When something happens next."""
        moments = [self.plan.end + DAY]
        if self._moments:
            moments.append(self.plan.start + timedelta(minutes=self._moments[0]))
        if self._due is not None:
            moments.append(self._due)
        return max(self.now, min(moments))

    async def _moment(self) -> None:
        if self._due is not None and self._due <= self.now:
            while await self.planner.plan():
                pass
            self._due = await self.store.next_due()
        minute = int((self.now - self.plan.start).total_seconds()) // 60
        while self._moments and self._moments[0] <= minute:
            await self._act(heapq.heappop(self._moments))

    async def _send(self, until: datetime) -> None:
        for account in self.accounts.values():
            await account.send(self.now, until)

    async def _day_begins(self, midnight: datetime) -> None:
        number = (midnight - self.plan.start).days
        self.told(number)
        self._fates()
        await self.store.purge_guests(self.now)
        await self.store.purge_old(self.now)
        await self._spent(midnight - DAY)
        if self.plan.foretell:
            await self.foreteller.midnight(self.store, midnight, self.ground.content.library)

    async def _spent(self, day: datetime) -> None:
        """What a day has cost, as the purse's own table says."""
        whole = day.date().isoformat()
        for one in await self.store.spent(whole):
            self.figures.micros[one.country or "unknown"] += one.micros
            self.figures.days[whole, "micros"] += one.micros
            self.figures.days[whole, "messages"] += one.messages

    async def _end(self) -> None:
        self.now = self.plan.end
        self.told(self.plan.days)
        for account in self.accounts.values():
            while await account.send(self.now, account.at + FLUSH):
                pass
        await self._spent(self.plan.end - DAY)
        self.watch.at_the_end(self.plan.end)
        self.foreteller.ends()
        figures = self.figures
        figures.books = Counter(await self.store.counters())
        figures.broken, figures.late, figures.decisions = self.watch.broken, self.watch.late, self.watch.decisions
        figures.forecasts, figures.zones = self.foreteller.sums, self.watch.zones
        figures.check_books()


@asynccontextmanager
async def opened(plan: Plan, ground: Ground, told: Callable[[int], None]) -> AsyncIterator[World]:
    """A world in a temporary folder. Its database need not outlive a power cut, so nothing waits for the disk."""
    with tempfile.TemporaryDirectory(prefix="sse-bot-simulation-") as folder:
        store = Store(open_engine(f"sqlite+aiosqlite:///{Path(folder) / 'people.sqlite3'}"), Seal(KEY))
        unhurt(store.engine)
        try:
            await prepare(store.engine)
            world = World(plan, ground, store, told)
            serving = asyncio.create_task(world.service.run())
            try:
                yield world
            finally:
                serving.cancel()
                with suppress(asyncio.CancelledError):
                    await serving
        finally:
            await store.close()


async def rehearsed(plan: Plan, ground: Ground, told: Callable[[int], None] = lambda day: None) -> Figures:
    """The whole run; its figures."""
    async with opened(plan, ground, told) as world:
        return await world.live()
