"""What can be measured of a running bot, for Prometheus.

Whoever does the work calls a ``Meter``; what stands in the database (books, waiting rows) is read there and shown as
it was last read. Nothing is registered at import: one ``Metrics`` is made by the wiring and handed round.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from math import inf
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LATE = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 10800.0)
_BATCH = (1, 2, 5, 10, 25, 50, 100, 200)


class Meter(Protocol):
    """What the service, the sender and the hooks tell while they work."""

    def batch(self, size: int, seconds: float) -> None:
        """A batch of events was committed."""

    def turns(self, channel: str, count: int = 1) -> None:
        """Learners were answered."""

    def parked(self, channel: str, count: int = 1) -> None:
        """Events our code failed at were put aside."""

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        """A platform was called: ``sent``, ``later``, ``refused``, ``left`` or ``unknown``."""

    def late(self, channel: str, seconds: float) -> None:
        """A part went out so long after it was due."""

    def turned_away(self, channel: str, why: str) -> None:
        """A request was refused at the door: ``secret``, ``signature``, ``size``, ``rate`` …"""


class Silent:
    """A meter nobody reads, for tests and for commands."""

    def batch(self, size: int, seconds: float) -> None: ...

    def turns(self, channel: str, count: int = 1) -> None: ...

    def parked(self, channel: str, count: int = 1) -> None: ...

    def sent(self, channel: str, outcome: str, seconds: float) -> None: ...

    def late(self, channel: str, seconds: float) -> None: ...

    def turned_away(self, channel: str, why: str) -> None: ...


class Metrics:
    """The meter of a running bot, and the page that shows it."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._books = Books()
        registry.register(self._books)
        ProcessCollector(registry=registry)
        self._turns = Counter("ssebot_turns", "Events answered.", ["channel"], registry=registry)
        self._parked = Counter(
            "ssebot_parked", "Events put aside after an error of ours.", ["channel"], registry=registry
        )
        self._away = Counter(
            "ssebot_turned_away", "Requests refused at the door.", ["channel", "why"], registry=registry
        )
        self._size = Histogram("ssebot_batch_size", "Events in one commit.", buckets=_BATCH, registry=registry)
        self._commit = Histogram("ssebot_commit_seconds", "Time of one batch.", buckets=_FAST, registry=registry)
        self._send = Spread("ssebot_send_seconds", "Time of one platform call.", ["channel", "outcome"], _SLOW)
        self._late = Spread("ssebot_late_seconds", "From due to sent.", ["channel"], _LATE)
        registry.register(self._send)
        registry.register(self._late)
        self._waiting = Gauge("ssebot_outbox_waiting", "Parts not sent yet.", ["channel"], registry=registry)
        self._oldest = Gauge(
            "ssebot_outbox_oldest_seconds", "Age of the oldest due part.", ["channel"], registry=registry
        )
        self._unbalanced = Gauge(
            "ssebot_books_unbalanced",
            "What the books do not account for; anything but 0 is a loss or a double.",
            ["whole"],
            registry=registry,
        )
        self._decided = Gauge(
            "ssebot_due_decided", "What was due in the last day.", ["kind", "way", "reason"], registry=registry
        )
        self._lateness = Gauge("ssebot_due_late_seconds", "From due to sent, last day.", ["share"], registry=registry)
        self._paid = Gauge("ssebot_paid_messages_today", "Messages that cost anything.", registry=registry)
        self._dollars = Gauge("ssebot_paid_dollars_today", "What they cost, expected.", registry=registry)
        # Looked up once: each call to ``labels`` takes a lock and builds its key anew.
        self._turns_of = cache(self._turns.labels)
        self._missing = Gauge("ssebot_words_missing", "Texts shown in English for want of words.", registry=registry)

    def batch(self, size: int, seconds: float) -> None:
        self._size.observe(size)
        self._commit.observe(seconds)

    def turns(self, channel: str, count: int = 1) -> None:
        self._turns_of(channel).inc(count)

    def parked(self, channel: str, count: int = 1) -> None:
        self._parked.labels(channel).inc(count)

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        self._send.observe((channel, outcome), seconds)

    def late(self, channel: str, seconds: float) -> None:
        self._late.observe((channel,), max(0.0, seconds))

    def turned_away(self, channel: str, why: str) -> None:
        self._away.labels(channel, why).inc()

    def books(self, books: Mapping[str, int]) -> None:
        """The books as the database has them now, and whether they add up."""
        self._books.read({name: value for name, value in books.items() if name != "waiting"})
        for whole, gap in missing(books).items():
            self._unbalanced.labels(whole).set(gap)

    def waiting(self, channel: str, parts: int, oldest_seconds: float = 0.0) -> None:
        """How much of a channel's outbox has not gone out."""
        self._waiting.labels(channel).set(parts)
        self._oldest.labels(channel).set(oldest_seconds)

    def brought(self, decisions: Mapping[tuple[str, str, str], int], late: Mapping[str, float]) -> None:
        """What was due in the last day, by what was decided, and how late it came (seconds: p50, p99, worst)."""
        self._decided.clear()
        for (kind, way, reason), count in decisions.items():
            self._decided.labels(kind, way, reason).set(count)
        for name, seconds in late.items():
            self._lateness.labels(name).set(seconds)

    def spent(self, messages: int, micros: int) -> None:
        """What today (UTC) has cost so far: messages that cost anything, and US dollars."""
        self._paid.set(messages)
        self._dollars.set(micros / 1_000_000)

    def words_missing(self, count: int) -> None:
        """How many texts were shown in English because the learner's language has no words for them."""
        self._missing.set(count)

    def page(self) -> bytes:
        """Everything in Prometheus' text form."""
        return generate_latest(self.registry)


class Spread(Collector):
    """A histogram of what happens several times a turn, told in the event loop's thread only.

    The library's own takes two locks and a walk through its buckets each time, which was 2 % of a turn.
    """

    def __init__(self, name: str, what: str, labels: Sequence[str], buckets: Sequence[float]) -> None:
        self._name, self._what, self._labels = name, what, labels
        self._ends = (*buckets, inf)
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: defaultdict[tuple[str, ...], float] = defaultdict(float)

    def observe(self, labels: tuple[str, ...], value: float) -> None:
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = [0] * len(self._ends)
        counts[bisect_left(self._ends, value)] += 1
        self._sums[labels] += value

    def collect(self) -> Iterator[Metric]:
        family = HistogramMetricFamily(self._name, self._what, labels=self._labels)
        for labels, counts in self._counts.items():
            buckets = zip(map(floatToGoString, self._ends), accumulate(counts), strict=True)
            family.add_metric(labels, list(buckets), self._sums[labels])
        yield family


class Books(Collector):
    """The counters of the database: what came in and went out since the first day, over every restart."""

    def __init__(self) -> None:
        self._counters: Mapping[str, int] = {}

    def read(self, counters: Mapping[str, int]) -> None:
        self._counters = dict(counters)

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily("ssebot_books", "Events and parts by what became of them.", labels=["entry"])
        for name, value in sorted(self._counters.items()):
            family.add_metric([name], value)
        yield family


# Each whole equals the sum of what became of it; ``waiting`` are the parts that have not ended.
WHOLES = {
    "received": ("handled", "parked", "unusable", "duplicate"),
    "due": ("sent", "held", "cancelled", "failed", "waiting"),
}


def missing(books: Mapping[str, int]) -> dict[str, int]:
    """For each whole, how much of it nothing is known of; less than nothing where something counted twice."""
    return {whole: books.get(whole, 0) - _sum(books, parts) for whole, parts in WHOLES.items()}


def imbalances(books: Mapping[str, int]) -> Iterable[str]:
    """What the books say that cannot be."""
    for whole, gap in missing(books).items():
        if gap:
            parts = [part for part in WHOLES[whole] if part != "waiting" or books.get(part)]
            yield f"{whole} is {books.get(whole, 0)}, but {' + '.join(parts)} is {_sum(books, parts)}"


def _sum(books: Mapping[str, int], parts: Iterable[str]) -> int:
    return sum(books.get(part, 0) for part in parts)
