"""From an update to its being stored: the same steps for webhook and polling.

Ephemera (the answer to a tap, the one line in a group) are best effort: never stored, never before the commit.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.channels.telegram.parse import NAME, AnswerTap, AskPrivate, Ephemeron, Parsed, parse
from bot.content.catalogue import Catalogue
from bot.engine.events import Event
from bot.engine.turn import Phrase

KEPT = 4096  # characters of how an update is made, kept for an operator
PRIVATE = "group.private"  # the words for a group

# A group is told once in a while: soon again when somebody calls the bot, else once a day.
GAPS = {True: 60.0, False: 24 * 3600.0}
GROUPS = 10_000  # remembered at most

Method = dict[str, object]
"""A call of the Bot API as the answer to a webhook carries it: the method's name beside its arguments."""


class Outcome(Protocol):
    @property
    def fresh(self) -> bool: ...


class Service(Protocol):
    """What the door needs of the house. Both raise ``Unavailable`` when the database cannot take it now."""

    async def handle(self, event: Event) -> Outcome: ...

    async def unusable(self, channel: str, event_id: str, reason: str, payload: str) -> None: ...


@dataclass(slots=True)
class Told:
    """When which group was last told, by chat id, in memory only."""

    clock: Callable[[], float]
    at: OrderedDict[int, float]

    def again(self, chat: int, asked: bool) -> bool:
        """Whether it is time for the line in this group; if so, it counts as told."""
        now, last = self.clock(), self.at.get(chat)
        if last is not None and now - last < GAPS[asked]:
            return False
        self.at[chat] = now
        self.at.move_to_end(chat)
        if len(self.at) > GROUPS:
            self.at.popitem(last=False)
        return True


class Door:
    """Takes updates in. ``link`` is where the bot is found in private (``https://t.me/…``), once that is known.

    ``own`` stands before the numbers of our bot's updates (``whose``).
    """

    def __init__(
        self,
        service: Service,
        catalogue: Callable[[], Catalogue],
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        own: str = "",
    ) -> None:
        self.service, self.catalogue, self.clock, self.own = service, catalogue, clock, own
        self.link = ""
        self._told = Told(monotonic, OrderedDict())

    async def take(self, raw: bytes) -> Method | None:
        """Stores what the update brings; the call that may answer it at once. Raises ``Unavailable``."""
        return await self.store(parse(raw, self.clock(), self.own))

    async def store(self, parsed: Parsed) -> Method | None:
        """The same for an update that is parsed already."""
        if parsed.event is not None:
            outcome = await self.service.handle(parsed.event)
            return self.worded(parsed.ephemeron) if outcome.fresh else None
        await self.service.unusable(NAME, parsed.id, parsed.unusable, parsed.made[:KEPT])
        return self.worded(parsed.ephemeron)

    def worded(self, ephemeron: Ephemeron | None) -> Method | None:
        match ephemeron:
            case AnswerTap(query, ""):
                return {"method": "answerCallbackQuery", "callback_query_id": query}
            case AnswerTap(query, language):
                return {"method": "answerCallbackQuery", "callback_query_id": query, **self._text(language)}
            case AskPrivate(chat, language, asked, topic) if self._text(language) and self._told.again(chat, asked):
                there = {} if topic is None else {"message_thread_id": topic}
                return {"method": "sendMessage", "chat_id": chat, **there, **self._text(language)}
            case _:
                return None

    def _text(self, language: str) -> Method:
        """Words for whoever called from a group; nothing where there are none."""
        catalogue = self.catalogue()
        code = language.replace("_", "-").partition("-")[0].lower()
        text = catalogue.label(Phrase(PRIVATE, {"link": self.link}), catalogue.language(code).code).strip()
        return {"text": text} if text else {}
