"""What today has cost so far, by country, and whether one more message is within the budgets.

The database holds the truth and every turn adds to it in its own transaction; this is what a process knows of it
between two looks, with its own turns added, so that a budget is overrun by what is in flight and no more.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import reduce

from bot.engine import window
from bot.engine.window import Route, Rules, Spent, warned
from storage.rows import Spending

NOTHING = Spending("", 0, 0)


class Purse:
    """Counts of one UTC day; a new day begins with nothing spent.

    ``templates`` are the people asked in by one in the last 24 hours, which Meta limits whatever the day.
    """

    def __init__(
        self, rules: Rules, clock: Callable[[], datetime], known: Iterable[Spending] = (), templates: int = 0
    ) -> None:
        self.rules, self.clock, self.templates = rules, clock, templates
        self._day = ""
        self._spent: dict[str, Spending] = {}
        self._everywhere = NOTHING
        self.take_up(known)

    def take_up(self, known: Iterable[Spending]) -> None:
        """What the database says today has cost."""
        self._day = self.today()
        self._spent = {one.country: one for one in known}
        self._everywhere = reduce(Spending.plus, self._spent.values(), NOTHING)

    def today(self) -> str:
        return self.clock().date().isoformat()

    def add(self, one: Spending | None) -> None:
        """A turn's messages, as they are written down."""
        if one is None:
            return
        if self._day != self.today():
            self.take_up(())
        self.templates += one.templates
        self._spent[one.country] = self._spent.get(one.country, Spending(one.country, 0, 0)).plus(one)
        self._everywhere = self._everywhere.plus(one)

    def spent(self, country: str | None) -> Spent:
        """Today so far, in all and in a country."""
        if self._day != self.today():
            self.take_up(())
        here, everywhere = self._spent.get(country or "", NOTHING), self._everywhere
        return Spent(everywhere.messages, everywhere.micros, here.messages, here.micros, self.templates)

    def has_for(self, channel: str, country: str | None) -> bool:
        """Whether one more message there is within the budgets; what costs nothing always is."""
        return window.within(window.Route(0, channel, country), self.rules, self.spent(country))

    def at(self, route: Route) -> Spent:
        return self.spent(route.country)

    def warnings(self) -> list[str]:
        """Countries ("" for one that is not known) where a budget, or that of all together, is nearly used up."""
        return [country for country in sorted(self._spent) if warned(self.spent(country), self.rules, country or None)]
