"""What the clock will bring within a day: the real engine and window asked beforehand, learner by learner.

Most of it is certain: who is due when, what is due, whether a window stands open. What is not is whether people whose
window is shut will write until then. For that the last days are looked at: among learners whose last windows had been
open and shut in the same order, on how many days was it open the next time? Who has written already is known; the
others are weighed so that together they come to that share. Some of them will write in the very minutes before their
hour, and whoever is in a lesson just then is brought nothing: the last days tell how many.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.delivery.planner import Inviting, routes
from bot.engine import due, window
from bot.engine.course import Library
from bot.engine.fixed import fixed
from bot.engine.learner import Learner
from bot.engine.occasion import INVITING_WAYS, Occasion
from bot.engine.window import Rules, Spent
from bot.simulation.figures import Forecasts
from bot.simulation.seen import CAME, DAY, HERE, LOOKED_BACK, Came, Group, Seen, crowds, kin
from storage.rows import Lately, Reach
from storage.store import Store


@fixed(frozen=True, slots=True)
class Expected:
    """One thing that may be decided: how, why, when, where, for how much."""

    way: str
    reason: str
    hour: int
    country: str
    channel: str
    micros: int

    @property
    def held(self) -> bool:
        return self.way == window.Way.HOLD.value


@dataclass
class Outlook:
    """What is expected of a day; counts are expectations, so they are no whole numbers."""

    counts: dict[Expected, float] = field(default_factory=lambda: defaultdict(float))
    learners: int = 0
    unsure: int = 0  # whether their window is open then depends on them
    newcomers: int = 0
    unreadable: int = 0  # learners who are due, of whom nothing can be told

    def sum(self, of: Callable[[Expected], float]) -> float:
        return sum(of(one) * count for one, count in self.counts.items())

    @property
    def deliveries(self) -> float:
        return self.sum(lambda one: not one.held)

    @property
    def templates(self) -> float:
        return self.sum(lambda one: one.way in INVITING_WAYS)

    @property
    def dollars(self) -> float:
        return self.sum(lambda one: one.micros) / 1_000_000

    def by(self, key: Callable[[Expected], str], of: Callable[[Expected], float]) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for one, count in self.counts.items():
            found[key(one)] += of(one) * count
        return {name: value for name, value in sorted(found.items()) if value}


class Forecast:
    """Takes learners in order of their due time. ``talk`` is what replies will cost beside, by country, in a day."""

    def __init__(
        self, rules: Rules, inviting: Mapping[str, Inviting], brings: Callable[[str], bool], seen: Seen,
        start: datetime, talk: Mapping[str, Spent] | None = None,
    ) -> None:  # fmt: skip
        self.rules, self.inviting, self.brings, self.seen, self.start = rules, inviting, brings, seen, start
        self.outlook = Outlook()
        self._talk = talk or {}
        self._spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])  # messages, micros, templates
        self._at = start
        self._groups: dict[Group, list[int]] = defaultdict(lambda: [0, 0])  # people, those who have written already
        self._windowless: Counter[tuple[Group, Expected]] = Counter()
        self._unsure: list[tuple[Group, Expected, Expected]] = []

    def take(
        self, learner: Learner | None, reaches: Sequence[Reach], library: Library, *, projected: bool = False
    ) -> None:
        """One learner who is due; None: not readable, so left out as the planner will do.

        ``projected``: the day has not begun, so what is due before it is not looked at.
        """
        if learner is None:
            self.outlook.unreadable += 1
            return
        since = learner.created
        if projected:
            learner, since = self._by_then(learner)
        if learner.due is None or learner.due >= self.start + DAY:
            return
        self._at = at = max(learner.due, self.start)
        live = due.look(learner, library, at).live
        if live is None:
            return
        self.outlook.learners += 1
        stands = self._decided(learner, live, reaches, at)
        came = CAME.get(stands.reason)
        group = self.seen.group(learner.id, came, learner.due, since)
        if came is not None:
            self._groups[group][0] += 1
            self._groups[group][1] += came in (Came.OPEN, Came.HERE)
        match came:
            case Came.SHUT:
                self._weigh(group, stands, learner, reaches, library, at)
            case Came.WINDOWLESS:
                self._windowless[group, stands] += 1
                self._spend(stands, 1.0)
            case _:
                self._add(stands, 1.0)

    def _by_then(self, learner: Learner) -> tuple[Learner, datetime]:
        """The learner when the day begins, and when something will have come to them last."""
        since = learner.created
        while learner.due is not None and learner.due < self.start:
            since = learner.due
            learner = learner.but(due=due.next_look(learner, learner.due))
        return learner, since

    def _weigh(
        self, group: Group, shut: Expected, learner: Learner, reaches: Sequence[Reach], library: Library, at: datetime
    ) -> None:
        """They may write until then: both ways are kept in mind. Most of them will not, so money is told by that."""
        daily = learner.daily
        heard = learner.but(seen=at - due.HERE, daily=daily.answered() if daily else None)
        later = [replace(one, last_inbound=heard.seen) if _first(one, reaches) else one for one in reaches]
        live = due.look(heard, library, at).live
        wrote = self._decided(heard, live, later, at) if live else shut
        self.outlook.unsure += 1
        self._unsure.append((group, wrote, shut))
        self._spend(shut, 1.0)

    def _decided(self, learner: Learner, live: Occasion, reaches: Sequence[Reach], at: datetime) -> Expected:
        country = learner.country or ""
        if live.held:
            return Expected("hold", live.reason, at.hour, country, "", 0)
        ways = routes(learner, reaches, live.kind, self.inviting, self.brings, at)
        in_lesson = due.in_the_middle(learner, at)
        decision = window.decide(at, ways, self.rules, self._purse, in_lesson=in_lesson)
        channel = next((one.channel for one in ways if one.address_id == decision.address_id), "")
        return Expected(decision.way.value, decision.reason, at.hour, country, channel, decision.micros)

    def _purse(self, route: window.Route) -> Spent:
        """Expected to be spent by then, talk included."""
        passed = (self._at - self.start) / DAY
        country = route.country or ""
        messages, micros, templates = (sum(one[n] for one in self._spent.values()) for n in range(3))
        here = self._spent[country]
        talk = Spent()
        for place, one in self._talk.items():
            own = place == country
            talk = Spent(
                talk.messages + one.messages, talk.micros + one.micros,
                one.messages if own else talk.country_messages, one.micros if own else talk.country_micros,
            )  # fmt: skip
        return Spent(
            int(messages + talk.messages * passed),
            int(micros + talk.micros * passed),
            int(here[0] + talk.country_messages * passed),
            int(here[1] + talk.country_micros * passed),
            int(templates),
        )

    def _spend(self, one: Expected, count: float) -> None:
        if one.micros:
            spent = self._spent[one.country]
            spent[0] += count
            spent[1] += one.micros * count
            spent[2] += count * (one.way in INVITING_WAYS)

    def _add(self, one: Expected, count: float) -> None:
        self.outlook.counts[one] += count
        self._spend(one, count)

    def done(self) -> Outlook:
        """Everybody was taken: those who are unsure are weighed, and people who will have come today are added."""
        counts = self.outlook.counts
        likely = {one: crowd.likely for one, crowd in crowds(self._groups, self.seen.known()).items()}
        for group, wrote, shut in self._unsure:
            open_, here = likely[kin(group)]
            counts[wrote] += open_ - here
            counts[shut] += 1 - open_
            counts[_not_now(shut)] += here
        for (group, one), people in self._windowless.items():
            _, here = likely[kin(group)]
            counts[one] += people * (1 - here)
            counts[_not_now(one)] += people * here
        self._newcomers()
        return self.outlook

    def _newcomers(self) -> None:
        came = self.seen.newcomers(self.start)
        self.outlook.newcomers = sum(came.values())
        micros = self.seen.newcomers_micros(self.start) / max(self.outlook.newcomers, 1)
        for (way, reason, country), count in came.items():
            self.outlook.counts[Expected(way, reason, 12, country, "", int(micros))] += count


def _not_now(one: Expected) -> Expected:
    """They will be in a lesson just then."""
    return Expected(window.Way.HOLD.value, HERE, one.hour, one.country, "", 0)


def _first(one: Reach, reaches: Sequence[Reach]) -> bool:
    """They will write where they wrote last."""
    return one.address_id == reaches[0].address_id


async def ahead(store: Store, end: datetime) -> AsyncIterator[tuple[Learner | None, Sequence[Reach]]]:
    async for chunk in store.ahead(end):
        for one in chunk:
            yield one


class Foreteller:
    """A forecast at each midnight of a rehearsal, and what came of it."""

    def __init__(self, rules: Rules, inviting: Mapping[str, Inviting]) -> None:
        self.rules, self.inviting = rules, inviting
        self.seen, self.sums = Seen(), Forecasts()
        self._outlook: Outlook | None = None
        self._actual: Counter[str] = Counter()

    def decided(self, learner: Learner, occasion: Occasion, at: datetime) -> None:
        """What was decided, as the database keeps it."""
        self.seen.note(
            Lately(
                learner.id, occasion.due, at, occasion.way, occasion.reason, occasion.country, occasion.micros,
                learner.created,
            )
        )  # fmt: skip
        self._actual["deliveries"] += not occasion.held
        self._actual["templates"] += occasion.way in INVITING_WAYS
        self._actual["cost"] += occasion.micros / 1_000_000  # type: ignore[assignment]  # dollars

    async def midnight(self, store: Store, now: datetime, library: Library) -> None:
        forecast = self.begins(now)
        async for learner, reaches in ahead(store, now + DAY):
            forecast.take(learner, reaches, library)
        self.expects(forecast.done())

    def begins(self, now: datetime) -> Forecast:
        """The day before is over; a forecast that wants to hear of everybody who is due."""
        self.ends()
        self.seen.forget(now - LOOKED_BACK)
        return Forecast(self.rules, self.inviting, lambda channel: True, self.seen, now)

    def expects(self, outlook: Outlook) -> None:
        self._outlook = outlook

    def ends(self) -> None:
        """The day is over: what was expected of it beside what came. A day of which nothing could be known is none."""
        outlook, self._outlook = self._outlook, None
        actual, self._actual = self._actual, Counter()
        if outlook is None or not outlook.learners:
            return
        self.sums.days += 1
        expected = {"deliveries": outlook.deliveries, "templates": outlook.templates, "cost": outlook.dollars}
        self.sums.expected.update(expected)
        self.sums.actual.update(actual)
