"""Asking Telegram for updates, where no public address is needed. One asker a bot: whoever holds the sender's lease.

A batch is stored before the next offset is asked for, so an update that was not stored comes again; repeats are known
by their ids. Nothing in a batch stops the loop: what we cannot read is kept as unusable.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

import structlog

from bot.channels.telegram.client import Client, Lost, NotSent, Reply
from bot.channels.telegram.door import Door, Method
from bot.channels.telegram.parse import WANTED, Parsed, garbled, parsed
from bot.channels.telegram.reading import whole_number, written
from bot.channels.telegram.setup import NotReady, ask_for_updates
from bot.errors import PlatformRefused, Unavailable

log = structlog.get_logger()

WAIT = 50  # seconds that Telegram holds a question open (its most)
GRACE = 10.0  # seconds more for the answer to travel
MOST = 100  # updates at once (its most)
AT_ONCE = 1.0  # seconds: an answer without anything new takes as long as Telegram holds the question open
FAREWELL = 2.0  # seconds for answers to taps when we end
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds after the first, second … failure in a row

# An answer that is no JSON, but was not cut off: with the number of its first update, which Telegram writes first.
GARBLED = re.compile(rb'"update_id"\s*:\s*(-?[0-9]{1,18})\b.*\]\s*\}\s*\Z', re.DOTALL)


class Turn(Protocol):
    """Whose turn it is to ask: the lease of the bot's account."""

    @property
    def held(self) -> bool: ...

    async def until_held(self) -> None: ...


class Polling:
    """Asks until cancelled, while it holds the lease."""

    def __init__(
        self,
        client: Client,
        door: Door,
        turn: Turn,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client, self.door, self.turn, self._sleep, self._monotonic = client, door, turn, sleep, monotonic
        self.offset: int | None = None
        self._failures = 0
        self._alone = False  # the next update is asked for without those behind it: it may be one that nobody can read
        self._beside: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Asks, stores, asks again; answers to taps go out beside."""
        try:
            while True:
                await self.turn.until_held()
                await self.ask()
        finally:
            await self._leave()

    async def ask(self) -> None:
        """One question, and everything it brought stored; a failure is waited out."""
        asked = self._monotonic()
        try:
            reply = await self.client.call("getUpdates", self._question(), timeout=WAIT + GRACE)
        except (NotSent, Lost) as trouble:
            return await self._pause(type(trouble).__name__)
        brought = self._brought(reply)
        if brought is None:
            told = await self._let_go_of_the_webhook() if _hooked(reply) else reply.retry_after
            return await self._pause(f"telegram {reply.status}: {reply.description}", told)
        if not self.turn.held:
            return None  # somebody else asks now, and will be told the same
        return await self._store(*brought, at_once=self._monotonic() - asked < AT_ONCE)

    def _question(self) -> dict[str, object]:
        most = 1 if self._alone else MOST
        question: dict[str, object] = {"timeout": WAIT, "limit": most, "allowed_updates": WANTED}
        return question if self.offset is None else {**question, "offset": self.offset}

    def _brought(self, reply: Reply) -> tuple[list[Parsed], int | None] | None:
        """The updates of an answer, and the last one's number; None for an answer that failed.

        Where an answer cannot be read, one of its updates cannot: they are asked for one by one from then on, until
        that one comes alone and is stepped over.
        """
        if reply.ok and isinstance(reply.result, list):
            self._alone = self._alone and bool(reply.result)
            now = self.door.clock()
            numbers = [whole_number(update.get("update_id")) for update in reply.result if isinstance(update, dict)]
            known = [number for number in numbers if number is not None]
            return [_taken(update, now, self.door.own) for update in reply.result], known[-1] if known else None
        first = GARBLED.search(reply.unread)
        came_alone, self._alone = self._alone, first is not None and not self._alone
        if first is None or not came_alone:
            return None
        return [garbled(int(first[1]), self.door.own)], int(first[1])

    async def _store(self, batch: list[Parsed], last: int | None, *, at_once: bool) -> None:
        """The whole batch is stored before the offset moves; in order, many in one commit.

        An answer that came at once and moves it nowhere would be the same the next moment.
        """
        stored = await asyncio.gather(*map(self._one, batch), return_exceptions=True)
        troubles = [trouble for trouble in stored if isinstance(trouble, BaseException)]
        for trouble in troubles:
            if not isinstance(trouble, Unavailable):
                raise trouble
        if troubles:
            return await self._pause("database")
        before = self.offset
        if last is not None:
            self.offset = last + 1
        if self.offset == before and at_once:
            return await self._pause("nothing new")
        self._failures = 0
        return None

    async def _one(self, one: Parsed) -> None:
        answer = await self.door.store(one)
        if answer is not None:
            task = asyncio.create_task(self._answer(answer))
            self._beside.add(task)
            task.add_done_callback(self._beside.discard)

    async def _answer(self, answer: Method) -> None:
        """Best effort: a tap that was not answered only shows its little clock for longer."""
        args = {name: value for name, value in answer.items() if name != "method"}
        try:
            await self.client.tell(str(answer["method"]), args)
        except (NotSent, Lost) as trouble:
            log.info("telegram.not_answered", error=type(trouble).__name__)
        except Exception:
            log.exception("telegram.not_answered")

    async def _leave(self) -> None:
        """Answers under way get a moment: a platform that hangs is no reason to stay."""
        if self._beside:
            await asyncio.wait(self._beside, timeout=FAREWELL)
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    async def _let_go_of_the_webhook(self) -> float | None:
        """One is set still, or again, and as long as it is nothing is told to whoever asks; the seconds to wait."""
        try:
            await ask_for_updates(self.client)
        except NotReady as later:
            return later.after
        except (PlatformRefused, NotSent, Lost):
            pass
        return None

    async def _pause(self, why: str, told: float | None = None) -> None:
        pause = told or PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        log.warning("telegram.not_asked", why=why, again_in=pause)
        await self._sleep(pause)


def _taken(update: Any, now: datetime, own: str) -> Parsed:
    """An update of a batch."""
    return parsed(update if isinstance(update, dict) else {}, written(update), now, own)


def _hooked(reply: Reply) -> bool:
    """Whether we may not ask because a webhook is set."""
    return reply.status == 409 and "webhook" in reply.description.lower()
