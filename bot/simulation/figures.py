"""What a rehearsal showed: figures that can be added up over processes, and the promises they are held to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

PROMISES = {
    "doubles": "a learner was served twice on one local date, or one part went out twice",
    "free_form_outside_window": "free-form more than 24 hours after that person's last word",
    "missed_in_silence": "a day on which something was due went by without a decision on record",
    "wrong_minute": "something was due at another minute than the learner's own clock showed",
    "not_in_their_minute": "what was due was decided more than a minute later, though nothing was down",
    "held_without_reason": "held without a reason",
    "held_without_cause": "held for a reason that was not so, or for a fault of ours",
    "brought_against_rules": "brought too late, at night, or more often than silence lets it",
    "not_asked_for": "something was decided for a day that nobody waited for",
    "received_is_not_handled": "received is not handled + parked",
    "due_is_not_settled": "due is not sent + held + failed + cancelled",
    "books_and_people_differ": "people wrote more or less than the books say was received",
    "books_and_phones_differ": "phones got more or fewer messages than the books say were sent",
}


@dataclass
class Forecasts:
    """Sums over the days that were foretold: what was expected, and what came."""

    days: int = 0
    expected: Counter[str] = field(default_factory=Counter)
    actual: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Forecasts") -> None:
        self.days = max(self.days, other.days)
        self.expected.update(other.expected)
        self.actual.update(other.actual)

    def told(self) -> dict[str, Any]:
        return {name: self._told(name) for name in ("deliveries", "templates", "cost")}

    def _told(self, name: str) -> dict[str, float | None]:
        expected, actual = self.expected[name], self.actual[name]
        off = round(100 * (expected / actual - 1), 2) if actual else None
        return {"expected": round(expected, 2), "actual": round(actual, 2), "off_percent": off}


@dataclass
class Figures:
    """``books`` are the store's own counters; ``broken`` is what the watch saw."""

    books: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    decisions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    late: Counter[int] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)  # people, lessons, messages, words, opt_outs …
    micros: Counter[str] = field(default_factory=Counter)  # by country; millionths of a dollar
    inbound_micros: int = 0
    forecasts: Forecasts = field(default_factory=Forecasts)
    zones: set[str] = field(default_factory=set)
    days: Counter[tuple[str, str]] = field(default_factory=Counter)  # messages and micros of each UTC day
    budget: tuple[int, int] = (0, 0)  # messages and micros that the policy gives a day
    seconds: float = 0.0  # of the processor

    def add(self, other: "Figures") -> None:
        for name in ("books", "broken", "decisions", "late", "counts", "micros", "days"):
            getattr(self, name).update(getattr(other, name))
        self.zones |= other.zones
        self.inbound_micros += other.inbound_micros
        self.forecasts.add(other.forecasts)
        self.budget = other.budget
        self.seconds += other.seconds

    def check_books(self) -> None:
        """Adds to what is broken where the books do not add up."""
        books, counts = self.books, self.counts
        settled = books["sent"] + books["held"] + books["failed"] + books["cancelled"]
        differences = {
            "received_is_not_handled": books["received"] - books["handled"] - books["parked"],
            "due_is_not_settled": books["due"] - settled,
            "books_and_people_differ": books["received"] - counts["words"],
            "books_and_phones_differ": books["sent"] - counts["messages"],
        }
        for name, difference in differences.items():
            self.broken[name] += abs(difference)

    @property
    def promises_kept(self) -> bool:
        return not +self.broken

    def lateness(self) -> dict[str, float]:
        return {"p50": _at(self.late, 0.5), "p99": _at(self.late, 0.99), "max": max(self.late, default=0)}

    def by_decision(self) -> dict[str, int]:
        """Deliveries and holds, by way and reason."""
        found: Counter[str] = Counter()
        for (_, way, reason), count in self.decisions.items():
            found[f"{way}: {reason}"] += count
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def template_share(self) -> float:
        """Of the days on which something was brought over WhatsApp, how many needed a paid template."""
        return _share(self.counts["templates"], self.counts["whatsapp_days"])

    def over_budget(self) -> dict[str, int]:
        """On how many days the budgets as they are written would have held something."""
        limits = {"messages": self.budget[0], "micros": self.budget[1]}
        passed = Counter(what for (_, what), used in self.days.items() if used > limits[what])
        return {"messages": passed["messages"], "usd": passed["micros"]}

    def told(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        books = {name: self.books[name] for name in ("received", "handled", "parked", "due", "sent", "held", "failed")}
        lessons = self.counts["lessons"]
        return {
            **books,
            "cancelled": self.books["cancelled"],
            "doubles": self.broken["doubles"],
            "free_form_outside_window": self.broken["free_form_outside_window"],
            "lateness_seconds": self.lateness(),
            "messages_per_lesson": round(self.counts["messages"] / lessons, 2) if lessons else 0.0,
            "cost": _dollars(sum(self.micros.values())),
            "cost_inbound": _dollars(self.inbound_micros),
            "cost_by_country": {c: _dollars(m) for c, m in sorted(self.micros.items()) if m},
            "learners": self.counts["people"],
            "lessons": lessons,
            "decisions": sum(self.decisions.values()),
            "zones": len(self.zones),
            "by_decision": self.by_decision(),
            "template_share": round(self.template_share(), 4),
            "opt_outs": self.counts["opt_outs"],
            "promises_broken": dict(sorted((+self.broken).items())),
            "forecast": self.forecasts.told(),
            "cpu_seconds": round(self.seconds, 1),
            "days_over_budget": self.over_budget(),
        }


def _at(counted: Counter[int], share: float) -> float:
    """The value below which that share lies."""
    wanted, seen = share * sum(counted.values()), 0
    for value in sorted(counted):
        seen += counted[value]
        if seen >= wanted:
            return value
    return 0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _dollars(micros: float) -> float:
    return round(micros / 1_000_000, 4)


def together(parts: Iterable[Figures]) -> Figures:
    """The figures of several processes as one."""
    whole = Figures()
    for part in parts:
        whole.add(part)
    return whole
