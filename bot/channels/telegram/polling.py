"""Asking Telegram for updates, where no public address is needed. One asker a bot: whoever holds the sender's lease.

A batch is stored before the next offset is asked for, so an update that was not stored comes again; repeats are known
by their ids. Nothing in a batch stops the loop: what we cannot read is kept as unusable.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

import structlog

from bot.channels.telegram.client import Client, Lost, NotSent, Reply
from bot.channels.telegram.door import Door, Method
from bot.channels.telegram.parse import WANTED, Parsed, parsed
from bot.channels.telegram.reading import whole_number, written
from bot.channels.telegram.setup import NotReady, ask_for_updates
from bot.errors import PlatformRefused, Unavailable

log = structlog.get_logger()

WAIT = 50  # seconds that Telegram holds a question open (its most)
GRACE = 10.0  # seconds more for the answer to travel
MOST = 100  # updates at once (its most)
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds after the first, second … failure in a row


class Turn(Protocol):
    """Whose turn it is to ask: the lease of the bot's account."""

    @property
    def held(self) -> bool: ...

    async def until_held(self) -> None: ...


class Polling:
    """Asks until cancelled, while it holds the lease."""

    def __init__(
        self, client: Client, door: Door, turn: Turn, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self.client, self.door, self.turn, self._sleep = client, door, turn, sleep
        self.offset: int | None = None
        self._failures = 0
        self._beside: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Asks, stores, asks again; answers to taps go out beside."""
        try:
            while True:
                await self.turn.until_held()
                await self.ask()
        finally:
            await asyncio.gather(*self._beside, return_exceptions=True)

    async def ask(self) -> None:
        """One question, and everything it brought stored; a failure is waited out."""
        try:
            reply = await self.client.call("getUpdates", self._question(), timeout=WAIT + GRACE)
        except (NotSent, Lost) as trouble:
            return await self._pause(type(trouble).__name__)
        if not reply.ok or not isinstance(reply.result, list):
            if reply.status == 409 and "webhook" in reply.description.lower():
                await self._let_go_of_the_webhook()
            return await self._pause(f"telegram {reply.status}: {reply.description}", reply)
        if not self.turn.held:
            return None  # somebody else asks now, and will be told the same
        await self._store(reply.result)
        return None

    async def _let_go_of_the_webhook(self) -> None:
        """One is set still, or again: as long as it is, nothing is told to whoever asks."""
        with suppress(PlatformRefused, NotReady, NotSent, Lost):
            await ask_for_updates(self.client)

    def _question(self) -> dict[str, object]:
        question: dict[str, object] = {"timeout": WAIT, "limit": MOST, "allowed_updates": WANTED}
        return question if self.offset is None else {**question, "offset": self.offset}

    async def _store(self, updates: list[Any]) -> None:
        """The whole batch is stored before the offset moves; in order, many in one commit."""
        now = self.door.clock()
        taken = [_taken(update, now, self.door.own) for update in updates]
        stored = await asyncio.gather(*(self._one(one, raw) for one, raw in taken), return_exceptions=True)
        troubles = [trouble for trouble in stored if isinstance(trouble, BaseException)]
        for trouble in troubles:
            if not isinstance(trouble, Unavailable):
                raise trouble
        if troubles:
            return await self._pause("database")
        self._failures = 0
        numbers = [whole_number(update.get("update_id")) for update in updates if isinstance(update, dict)]
        known = [number for number in numbers if number is not None]
        if known:
            self.offset = known[-1] + 1
        return None

    async def _one(self, one: Parsed, raw: bytes) -> None:
        answer = await self.door.store(one, raw)
        if answer is not None:
            task = asyncio.create_task(self._answer(answer))
            self._beside.add(task)
            task.add_done_callback(self._beside.discard)

    async def _answer(self, answer: Method) -> None:
        """Best effort: a tap that was not answered only shows its little clock for longer."""
        args = {name: value for name, value in answer.items() if name != "method"}
        try:
            await self.client.call(str(answer["method"]), args)
        except (NotSent, Lost) as trouble:
            log.info("telegram.tap_not_answered", error=type(trouble).__name__)

    async def _pause(self, why: str, reply: Reply | None = None) -> None:
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        if reply is not None and reply.retry_after:
            pause = reply.retry_after
        self._failures += 1
        log.warning("telegram.not_asked", why=why, again_in=pause)
        await self._sleep(pause)


def _taken(update: Any, now: datetime, own: str) -> tuple[Parsed, bytes]:
    """An update of a batch, with bytes to keep should it be unusable."""
    raw = written(update)
    return parsed(update if isinstance(update, dict) else {}, raw, now, own), raw
