"""What is to be rehearsed: how many people, how long, which chance."""

from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from bot.engine.fixed import fixed
from bot.engine.window import Budget, Rules
from bot.simulation.people import Habits

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday; clocks change in March in America and Europe
AS_GOOD_AS_NONE = Budget(10**9, 10**15)
OUTAGE_EVERY = 25  # days; some minutes, some hours, or nearly three days
OUTAGES = (7, 90, 400, 4_000)  # minutes
ENOUGH_FOR_TWO = 1_000  # people; fewer are not worth a second process


@fixed(frozen=True, slots=True)
class Plan:
    """``first`` numbers the people of this process; ``rates`` are messages a second of each account."""

    learners: int
    days: int
    seed: int = 1
    habits: Habits = field(default_factory=Habits)
    rates: tuple[tuple[str, float], ...] = (("telegram", 25.0), ("whatsapp", 80.0))
    templates: bool = True  # the templates that ask learners in are approved
    first: int = 0
    start: datetime = START
    foretell: bool = True
    step: int = 3  # minutes between two moments at which people act: a lesson takes them half an hour
    endless: bool = False  # lessons begin anew when all are done; only planner and window alone know that
    outages: bool = False  # now and then nothing runs; only planner and window alone know that

    @property
    def end(self) -> datetime:
        return self.start + self.days * DAY

    @property
    def down(self) -> tuple[tuple[datetime, datetime], ...]:
        """Spans in which nothing runs: the same for all processes, none in the last days."""
        if not self.outages:
            return ()
        dice = Random(f"outages/{self.seed}")
        days = range(OUTAGE_EVERY - 5, self.days - 10, OUTAGE_EVERY)
        begins = [self.start + timedelta(days=day, minutes=dice.randrange(24 * 60)) for day in days]
        return tuple((begin, begin + timedelta(minutes=dice.choice(OUTAGES))) for begin in begins)


def shared_out(plan: Plan) -> list[Plan]:
    """The same for two processes, half the people and half the rates each. It does not depend on the machine."""
    if plan.learners < ENOUGH_FOR_TWO:
        return [plan]
    half = plan.learners // 2
    rates = tuple((name, rate / 2) for name, rate in plan.rates)
    return [
        replace(plan, learners=half, rates=rates),
        replace(plan, learners=plan.learners - half, first=half, rates=rates),
    ]


def lifted(rules: Rules) -> Rules:
    """The same rules without budgets, and without the platform's limit on people written to unasked."""
    channels = {name: replace(channel, templates_a_day=None) for name, channel in rules.channels.items()}
    return replace(rules, channels=channels, day=AS_GOOD_AS_NONE, each_country=AS_GOOD_AS_NONE, countries={})


def halved(rules: Rules) -> Rules:
    """Half of every budget and limit, for one of two processes."""
    limits = {name: channel.templates_a_day for name, channel in rules.channels.items()}
    channels = {
        name: replace(channel, templates_a_day=None if (limit := limits[name]) is None else limit // 2)
        for name, channel in rules.channels.items()
    }
    return replace(
        rules,
        channels=channels,
        day=_half(rules.day),
        each_country=_half(rules.each_country),
        countries={country: _half(budget) for country, budget in rules.countries.items()},
    )


def _half(budget: Budget) -> Budget:
    return Budget(budget.messages // 2, budget.micros // 2)
