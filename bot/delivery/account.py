"""When what happens to one part means that the whole account has to wait.

A platform that is out of reach, or refuses our credentials, is so for everybody: one call then finds out when it is
back, instead of all of them. Of "too fast" Telegram does not tell whether it means a chat or the bot.
"""

from collections import deque
from datetime import datetime, timedelta

import structlog

from bot.delivery.backoff import Random, backoff
from bot.delivery.settling import Broken
from bot.outcomes import LONGEST_WAIT, Later, Left, Refused, Result, Sent, Unknown

log = structlog.get_logger()

LOOKED_AT = 20  # outcomes among which chats told to wait are counted
TOO_MANY = 5  # different chats: then it is not them, it is us


class Account:
    """What the latest outcomes say about an account."""

    def __init__(self, channel: str, random: Random) -> None:
        self.channel, self._random = channel, random
        self._flooded: deque[int | None] = deque(maxlen=LOOKED_AT)
        self._until: datetime | None = None
        self._troubles = 0  # in a row

    def wait(self, now: datetime) -> float:
        """Seconds until anybody may be sent to; none where they are more than anybody asks for: a clock was ahead."""
        left = (self._until - now).total_seconds() if self._until is not None else 0.0
        return left if 0 < left <= LONGEST_WAIT else 0.0

    @property
    def probing(self) -> bool:
        """The account was out of reach a moment ago: one call finds out whether it is back."""
        return self._troubles > 0

    def weigh(self, chat: int, result: Result | Broken, now: datetime) -> None:
        """Takes an outcome into account."""
        match result:
            case Later():
                self._put_off(chat, result, now)
            case Sent() | Left() | Refused():
                self._troubles = 0
                self._flooded.append(None)
            case Unknown() | Broken():
                self._flooded.append(None)

    def _put_off(self, chat: int, later: Later, now: datetime) -> None:
        told_to_wait = later.scope == "chat" and not later.counts
        self._flooded.append(chat if told_to_wait else None)
        everywhere = told_to_wait and len({one for one in self._flooded if one is not None}) >= TOO_MANY
        if later.scope != "account" and not everywhere:
            return
        wait = later.after
        if later.counts:
            self._troubles += 1
            wait = max(wait, backoff(self._troubles, self._random))
        self._until = now + timedelta(seconds=max(wait, self.wait(now)))
        log.warning("account.waits", channel=self.channel, seconds=round(wait, 1), why=later.reason)
