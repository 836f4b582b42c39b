"""Figures while they are counted: plain numbers, told in the event loop's thread only.

The library's own take a lock or two each time, which for what happens several times a turn was 2 % of it, and the
library is 3 MiB that nobody needs who has no Prometheus. ``bot.metrics.prometheus`` shows these by it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf

Labels = tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """One name with a number for each set of labels. Without labels it is there from the start, as 0."""

    name: str
    what: str
    labels: Sequence[str] = ()
    values: dict[Labels, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.labels:
            self.values[()] = 0

    def add(self, *labels: str, by: float = 1) -> None:
        self.values[labels] = self.values.get(labels, 0) + by

    def set(self, *labels: str, to: float) -> None:
        self.values[labels] = to


class Count(Tally):
    """Only grows."""


class Level(Tally):
    """As it stands now."""

    def become(self, values: Iterable[tuple[Labels, float]]) -> None:
        """These instead of all that were there."""
        self.values = dict(values)


class Spread:
    """How often something was how much: a number for each range of values, and their sum."""

    def __init__(self, name: str, what: str, ends: Sequence[float], labels: Sequence[str] = ()) -> None:
        self.name, self.what, self.labels = name, what, labels
        self.ends = (*ends, inf)
        self.sums: dict[Labels, float] = {}
        self._counts: dict[Labels, list[int]] = {}
        if not labels:
            self._begin(())

    def _begin(self, labels: Labels) -> list[int]:
        self.sums[labels] = 0.0
        counts = self._counts[labels] = [0] * len(self.ends)
        return counts

    def observe(self, value: float, *labels: str) -> None:
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._begin(labels)
        counts[bisect_left(self.ends, value)] += 1
        self.sums[labels] += value

    def up_to(self, labels: Labels) -> list[tuple[float, int]]:
        """For the end of each range, how many were at most so much."""
        return list(zip(self.ends, accumulate(self._counts[labels]), strict=True))
