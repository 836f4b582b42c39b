"""What the last days tell about the next: who was found with an open window, who wrote late, who came as new.

A learner's last windows say more of them than any figure of everybody's: who answered four days in a row will, more
likely than not, answer again. So those with the same last windows make a group, and a group's share is what came next
to its kind. Shares are taken from all who are due, and who has written already is taken off; so nothing need be known
of the hour at which people write.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from bot.engine.occasion import INVITING_WAYS, OPEN_WAYS
from bot.engine.window import Reason
from storage.rows import Lately

DAY = timedelta(days=1)
HERE = "here"  # due.py's reason when somebody is in the middle of it
LOOKED_BACK = timedelta(days=8)  # of decisions: a week has each kind of day, and people are what they were lately
NEIGHBOURS = 4  # days that are enough where one decision follows another the next day
A_DAY_APART = timedelta(hours=26)  # two decisions no farther apart than this are neighbours
REMEMBERED = 4  # of a learner's last windows: who they are shows in these, and the more, the fewer are alike
FEW = 25  # cases that are too few to go by
# Of those whose window is shut, how many write until then, while nobody knows; after days without a lesson, nobody.
UNKNOWN, NOBODY = 0.5, 0.0


class Came(Enum):
    """What a day that is over shows about the window."""

    OPEN = "o"
    SHUT = "s"
    HERE = "h"  # they were in a lesson in that very minute
    WINDOWLESS = "w"


CAME = {
    Reason.WINDOW_OPEN.value: Came.OPEN,
    Reason.ALWAYS_OPEN.value: Came.WINDOWLESS,
    HERE: Came.HERE,
    Reason.WINDOW_CLOSED_UTILITY.value: Came.SHUT,
    Reason.WINDOW_CLOSED_MARKETING.value: Came.SHUT,
    Reason.WINDOW_CLOSED_NO_TEMPLATE.value: Came.SHUT,
    Reason.TEMPLATE_REFUSED.value: Came.SHUT,
    Reason.TEMPLATE_LIMIT.value: Came.SHUT,
}

Group = tuple[str, bool]
"""What the last windows were, as a letter each, and whether the last was long ago; a newcomer has none."""


@dataclass
class Seen:
    """What the decisions of the last days show."""

    ends: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # learner → last decision, last windows
    pairs: dict[str, Counter[tuple[Group, Came]]] = field(default_factory=lambda: defaultdict(Counter))  # by UTC day
    new: dict[str, Counter[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    new_micros: Counter[str] = field(default_factory=Counter)

    def note(self, one: Lately) -> None:
        """A decision; of one learner in order of time."""
        day = f"{one.decided_at:%Y-%m-%d}"
        if one.created_at is not None and f"{one.created_at:%Y-%m-%d}" == day and one.way in OPEN_WAYS | INVITING_WAYS:
            self.new[day][one.way, one.reason, one.country or ""] += 1
            self.new_micros[day] += one.micros
        came = CAME.get(one.reason)
        if came is None:
            return
        group = self.group(one.learner_id, came, one.due_at, one.created_at)
        self.pairs[day][group, came] += 1
        self.ends[one.learner_id] = (one.due_at, _after(group[0], came))

    def group(self, learner_id: str, came: Came | None, at: datetime, since: datetime | None) -> Group:
        """Where somebody belongs who is due then. ``since``: something had come to them by then, or they had."""
        last, windows = self.ends.get(learner_id, (since or at, ""))
        if came is Came.WINDOWLESS:
            windows = Came.WINDOWLESS.value
        elif came is not Came.HERE and windows == Came.WINDOWLESS.value:
            windows = ""  # they went over to a channel that has a window
        return windows, at - max(last, since or last) > A_DAY_APART

    def forget(self, before: datetime) -> None:
        """Days too long ago to go by."""
        for days in (self.pairs, self.new, self.new_micros):
            for day in [day for day in days if day < f"{before:%Y-%m-%d}"]:
                del days[day]

    def known(self) -> dict[Group, Counter[Came]]:
        """How often what came next, by group: where days lie between over all days, else over the last ones."""
        found: dict[Group, Counter[Came]] = defaultdict(Counter)
        for back, day in enumerate(sorted(self.pairs, reverse=True)):
            for (group, came), count in self.pairs[day].items():
                if group[1] or back < NEIGHBOURS:
                    found[group][came] += count
        return found

    def newcomers(self, before: datetime) -> Counter[tuple[str, str, str]]:
        """Deliveries to people who had come that very day, as the day before saw them."""
        return self.new.get(_day_before(before), Counter())

    def newcomers_micros(self, before: datetime) -> int:
        return self.new_micros[_day_before(before)]


def _day_before(moment: datetime) -> str:
    return f"{moment - DAY:%Y-%m-%d}"


def _after(windows: str, came: Came) -> str:
    """The last windows after one more. Who was here had theirs open."""
    if Came.WINDOWLESS.value in (windows, came.value):
        return Came.WINDOWLESS.value
    letter: str = Came.OPEN.value if came is Came.HERE else came.value
    return (windows + letter)[-REMEMBERED:]


def kin(group: Group) -> Group:
    """Groups that are weighed together: of those who have not written yet, who they are says little."""
    return group[0][-1:], group[1]


@dataclass
class Crowd:
    """Groups of one kin, as far as the last days tell what they do."""

    people: int = 0  # due today
    written: int = 0  # of these, who has written already
    open: float = 0.0  # windows expected to be open, had nobody written yet
    here: float = 0.0  # in a lesson at their minute

    def add(self, people: int, written: int, came: Counter[Came]) -> None:
        whole = came.total()
        self.people += people
        self.written += written
        self.open += people * (whole - came[Came.SHUT]) / whole
        self.here += people * came[Came.HERE] / whole

    @property
    def likely(self) -> tuple[float, float]:
        """Of those who have not written yet: how many will until their hour; how many will be in the midst of it."""
        others = self.people - self.written
        if not others:
            return 0.0, 0.0
        wrote = min(max(self.open - self.written, 0.0) / others, 1.0)
        return wrote, min(self.here / others, wrote)


def crowds(today: Mapping[Group, Sequence[int]], known: Mapping[Group, Counter[Came]]) -> dict[Group, Crowd]:
    """By kin. A group that was hardly ever seen goes with its kin; of a kin never seen something is assumed."""
    found: dict[Group, Crowd] = defaultdict(Crowd)
    for group, (people, written) in today.items():
        if known.get(group, Counter()).total() >= FEW:
            found[kin(group)].add(people, written, known[group])
    for missing in {kin(group) for group in today} - found.keys():
        people, written = (sum(pair[n] for one, pair in today.items() if kin(one) == missing) for n in range(2))
        found[missing].add(people, written, _assumed(missing, known))
    return found


def _assumed(missing: Group, known: Mapping[Group, Counter[Came]]) -> Counter[Came]:
    """What is gone by where no group of a kin is known well: all of them together, else a guess."""
    together: Counter[Came] = sum((came for group, came in known.items() if kin(group) == missing), Counter())
    if together.total() >= FEW:
        return together
    likely = 1.0 if missing[0] == Came.WINDOWLESS.value else NOBODY if missing[1] else UNKNOWN
    return Counter({Came.OPEN: int(100 * likely), Came.SHUT: int(100 * (1 - likely))})
