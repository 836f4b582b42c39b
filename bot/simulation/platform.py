"""Telegram and Twilio as far as a message is concerned: whatever is handed over has arrived.

Parts come out of the real outbox by the real claim, are worded into a call by the real channel, and are written down
by the real books. Only the wire is missing. The account's rate is kept on the moved clock.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.channels.telegram.client import Reply as TelegramReply
from bot.channels.whatsapp.client import Reply as TwilioReply
from bot.delivery.bookkeeping import Bookkeeping, Ended, Sending
from bot.delivery.following import Following
from bot.engine.events import Event
from storage.rows import Claim, OutboxRow
from storage.store import Store

AT_ONCE = 500  # parts in one claim: few statements for many
FOREVER = 10 * 365 * 86400.0  # seconds: nobody else is there to take the lease
BLOCKED = "Forbidden: bot was blocked by the user"


class Wire:
    """What a channel's client would call. ``blocked`` are people who want nothing more from us."""

    def __init__(self) -> None:
        self.blocked: set[str] = set()
        self._numbers = count(1)

    async def call(self, method: str, args: Mapping[str, Any], **_: object) -> TelegramReply:
        """Telegram's Bot API."""
        if str(args["chat_id"]) in self.blocked:
            return TelegramReply(403, None, BLOCKED)
        return TelegramReply(200, {"message_id": next(self._numbers)})

    tell = call  # no chat moves

    async def create_message(self, to: str, fields: Mapping[str, str]) -> TwilioReply:
        """Twilio's Messages."""
        return TwilioReply(201, {"sid": f"SM{next(self._numbers):032d}"})


class Account:
    """One platform's account with its ``rate`` (messages a second; 0 is no limit)."""

    def __init__(
        self,
        channel: Sending,
        store: Store,
        rate: float,
        arrived: Callable[[OutboxRow, datetime], None],
        gone: Callable[[Event], Awaitable[object]],
    ) -> None:
        self.channel, self.store, self.arrived = channel, store, arrived
        self.step = timedelta(seconds=1 / rate if rate else 0)
        self.rate = rate
        self.at = datetime.min  # when the last message went out; what the channel takes for now
        self.queued = 0  # parts that were written for it and not claimed yet
        self._books = Bookkeeping(channel, store, lambda: 0.5)
        self._following = Following(channel.name, store, gone)
        self._epoch = 0

    async def open(self, now: datetime) -> None:
        epoch = await self.store.lease(self.channel.name, "simulation", now, FOREVER)
        assert epoch is not None, "the store is ours alone"
        self._epoch, self.at = epoch, now

    async def send(self, now: datetime, until: datetime) -> int:
        """Sends what is due, as many as the rate lets through before ``until``; how many."""
        self.at = max(self.at, now)
        name, total = self.channel.name, 0
        while self.queued and (room := self._room(until)) > 0:
            rows = await self.store.claim(Claim(name, now, room, name, self._epoch))
            if not rows:
                self.queued = 0  # what is not there any more was cancelled
                break
            for row in rows:
                await self._one(row)
            marks = await self._books.write_down(self.channel.name, self._epoch, self.at)
            if any(mark.follows for mark in marks or ()):
                await self._following.look(self.at)
            self.queued -= len(rows)
            total += len(rows)
        return total

    def _room(self, until: datetime) -> int:
        if not self.rate:
            return AT_ONCE
        return min(AT_ONCE, int((until - self.at) / self.step))

    async def _one(self, row: OutboxRow) -> None:
        self.at += self.step
        result = await self.channel.send(row)
        self._books.add(Ended(row, self._epoch, result))
        if type(result).__name__ == "Sent":
            self.arrived(row, self.at)
