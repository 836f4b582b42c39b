"""How fast an account and a chat may be sent to. Times are seconds of a clock that only goes forward.

Telegram: about 30 messages a second in all, 1 a second in a chat, short bursts tolerated. WhatsApp: 80 a second for a
sender, one in 6 seconds for a user. The figures come from the settings; 0 means no limit.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

MANY = 1_000_000  # as good as no limit
CHATS = 50_000  # chats remembered at most; the longest untouched has long been full again
HAIR = 1e-6  # of rounding, in seconds: it must not cost another wait


class Window:
    """So many sends in any one second, exactly, and one at a time: a burst is spread over the second.

    So about one part is under way when a process dies, and what nobody waits for leaves room for replies. A send that
    comes a little late does not put off the next one; after a longer quiet the count begins anew.
    """

    def __init__(self, rate: float) -> None:
        self.most = max(1, int(rate)) if rate else MANY
        self.span = self.most / rate if rate else 0.0
        self.gap = self.span / self.most
        self._sent: deque[float] = deque(maxlen=self.most)
        self._next = float("-inf")

    def free(self, now: float) -> int:
        """How many may be sent now."""
        if not self.span:
            return MANY
        return int(self.wait(now) == 0)

    def take(self, now: float) -> None:
        if not self.span:
            return
        self._sent.append(now)
        since = self._next if now - self._next < self.gap / 2 else now
        self._next = since + self.gap

    def wait(self, now: float) -> float:
        """Seconds until one may be sent."""
        full = self.span - (now - self._sent[0]) if len(self._sent) == self.most else 0.0
        return max(0.0, full, self._next - now)


@dataclass(slots=True)
class Bucket:
    level: float
    at: float
    rests_until: float = float("-inf")


class Chats:
    """A token bucket for each chat: ``burst`` at once, then ``rate`` a second."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self._buckets: OrderedDict[int, Bucket] = OrderedDict()

    def take(self, chat: int, now: float) -> float:
        """Takes one and says 0.0, or takes none and says in how many seconds there will be one."""
        if not self.rate and chat not in self._buckets:
            return 0.0
        bucket = self._bucket(chat, now)
        if (rest := bucket.rests_until - now) > HAIR:
            return rest
        if not self.rate:
            return 0.0
        # A hair of rounding must not cost a whole second wait.
        if bucket.level < 1 - 1e-9:
            return (1 - bucket.level) / self.rate
        bucket.level -= 1
        return 0.0

    def rest(self, chat: int, seconds: float, now: float) -> None:
        """The platform wants this chat left alone for so long, whichever of its parts heard of it."""
        bucket = self._bucket(chat, now)
        bucket.rests_until = max(bucket.rests_until, now + seconds)

    def _bucket(self, chat: int, now: float) -> Bucket:
        bucket = self._buckets.pop(chat, None) or Bucket(self.burst, now)
        bucket.level = min(self.burst, bucket.level + (now - bucket.at) * self.rate)
        bucket.at = now
        self._buckets[chat] = bucket
        if len(self._buckets) > CHATS:
            self._buckets.popitem(last=False)
        return bucket


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
