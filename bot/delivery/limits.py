"""How fast an account and a chat may be sent to. Times are seconds of a clock that only goes forward.

Telegram: about 30 messages a second in all, 1 a second in a chat, short bursts tolerated. WhatsApp: 80 a second for a
sender, one in 6 seconds for a user. The figures come from the settings; 0 means no limit.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

MANY = 1_000_000  # as good as no limit
SLICES = 5  # of a second, where sends are spread over it: a reply waits a fifth of a second at most
CHATS = 50_000  # chats remembered at most; the longest untouched has long been full again


class Window:
    """So many sends in any one second, exactly: a bucket would let twice as many through at its seams.

    ``steady`` spreads them over the second: where much waits that nobody waits for, all at once and then nothing for a
    second would let every reply in between wait for the next one.
    """

    def __init__(self, rate: float) -> None:
        self.most = max(1, int(rate)) if rate else MANY
        self.span = self.most / rate if rate else 0.0
        self._sent: deque[float] = deque()

    def free(self, now: float, *, steady: bool = False) -> int:
        """How many may be sent now."""
        if not self.span:
            return MANY
        while self._sent and now - self._sent[0] >= self.span:
            self._sent.popleft()
        left = self.most - len(self._sent)
        return min(left, self._slice - self._lately(now)) if steady else left

    @property
    def _slice(self) -> int:
        return max(1, self.most // SLICES)

    def _lately(self, now: float) -> int:
        """How many in the last slice of the second."""
        return sum(now - sent < self.span / SLICES for sent in self._sent)

    def take(self, now: float) -> None:
        if self.span:
            self._sent.append(now)

    def wait(self, now: float, *, steady: bool = False) -> float:
        """Seconds until one may be sent."""
        if self.free(now, steady=steady) > 0:
            return 0.0
        if self.free(now) > 0:
            return max(0.0, self._sent[-self._slice] + self.span / SLICES - now)
        return max(0.0, self._sent[0] + self.span - now)


@dataclass(slots=True)
class Bucket:
    level: float
    at: float


class Chats:
    """A token bucket for each chat: ``burst`` at once, then ``rate`` a second."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self._buckets: OrderedDict[int, Bucket] = OrderedDict()

    def take(self, chat: int, now: float) -> float:
        """Takes one and says 0.0, or takes none and says in how many seconds there will be one."""
        if not self.rate:
            return 0.0
        bucket = self._buckets.pop(chat, None) or Bucket(self.burst, now)
        bucket.level = min(self.burst, bucket.level + (now - bucket.at) * self.rate)
        bucket.at = now
        self._buckets[chat] = bucket
        if len(self._buckets) > CHATS:
            self._buckets.popitem(last=False)
        # A hair of rounding must not cost a whole second wait.
        if bucket.level < 1 - 1e-9:
            return (1 - bucket.level) / self.rate
        bucket.level -= 1
        return 0.0


@dataclass(slots=True)
class Limits:
    """The limits of one account."""

    account: Window
    chats: Chats


def telegram_limits(sends_per_second: float, chat_sends_per_second: float) -> Limits:
    """From ``TELEGRAM_SENDS_PER_SECOND`` and ``TELEGRAM_CHAT_SENDS_PER_SECOND``."""
    return Limits(Window(sends_per_second), Chats(chat_sends_per_second, burst=5))


def whatsapp_limits(sends_per_second: float) -> Limits:
    """From ``WHATSAPP_SENDS_PER_SECOND``; without it a user is not limited either."""
    return Limits(Window(sends_per_second), Chats(1 / 6 if sends_per_second else 0, burst=12))
