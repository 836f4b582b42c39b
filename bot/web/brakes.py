"""Brakes against floods, in memory only: how often somebody may come, write, and listen.

Keys are hashed with a salt of this process, so that no list of addresses exists anywhere.
"""

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

# A school shares one address: a class of 30 that all reload at once must pass.
NEW_TALKS_A_MINUTE = 300
# A person taps about once in two seconds; a retry after a dead spot sends a handful at once.
POSTS_A_SECOND, POSTS_AT_ONCE = 5, 20
# Each open page costs a socket and a little memory; past this the others would feel it.
OPEN_PAGES = 2000
OPEN_PAGES_OF_ONE = 8


@dataclass(slots=True)
class Bucket:
    """Holds ``size`` tokens and refills at ``rate`` a second."""

    level: float
    at: float


class Brake:
    """A token bucket for each key; the longest unused are forgotten first."""

    def __init__(self, rate: float, size: int, clock: Callable[[], float], keys: int = 50_000) -> None:
        self.rate, self.size, self.clock, self.keys = rate, size, clock, keys
        self._salt = secrets.token_bytes(16)
        self._buckets: OrderedDict[bytes, Bucket] = OrderedDict()

    def wait(self, key: str) -> float:
        """Takes one token: 0.0 when it was there, else the seconds until there is one."""
        now = self.clock()
        hidden = blake2b(key.encode(), key=self._salt, digest_size=16).digest()
        bucket = self._buckets.pop(hidden, None) or Bucket(self.size, now)
        bucket.level = min(self.size, bucket.level + (now - bucket.at) * self.rate)
        bucket.at = now
        self._buckets[hidden] = bucket
        if len(self._buckets) > self.keys:
            self._buckets.popitem(last=False)
        if bucket.level < 1:
            return (1 - bucket.level) / self.rate
        bucket.level -= 1
        return 0.0


class Seats:
    """How many pages may listen at once: in all, and of one talk."""

    def __init__(self, total: int = OPEN_PAGES, each: int = OPEN_PAGES_OF_ONE) -> None:
        self.total, self.each = total, each
        self.taken: Counter[str] = Counter()

    def free(self, talk: str) -> bool:
        return self.taken.total() < self.total and self.taken[talk] < self.each

    @contextmanager
    def seat(self, talk: str) -> Iterator[None]:
        self.taken[talk] += 1
        try:
            yield
        finally:
            self.taken[talk] -= 1
            if not self.taken[talk]:
                del self.taken[talk]


def new_talks(clock: Callable[[], float]) -> Brake:
    return Brake(NEW_TALKS_A_MINUTE / 60, NEW_TALKS_A_MINUTE, clock)


def posts(clock: Callable[[], float]) -> Brake:
    return Brake(POSTS_A_SECOND, POSTS_AT_ONCE, clock)
