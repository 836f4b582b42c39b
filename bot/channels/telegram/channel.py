"""Telegram as a channel: shapes messages into parts, and sends a stored part as one call."""

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import structlog

from bot.channels.channel import Part
from bot.channels.telegram import shape
from bot.channels.telegram.client import Client, Lost, NotSent, Reply
from bot.channels.telegram.html import plain
from bot.channels.telegram.parse import NAME
from bot.channels.telegram.reading import handle
from bot.channels.telegram.replies import is_unparsed, outcome
from bot.content.catalogue import Catalogue
from bot.content.wording import Message
from bot.engine.events import Event
from bot.engine.turn import Phrase
from bot.errors import Unavailable
from bot.outcomes import Later, Refused, Result, Sent, Unknown
from bot.own_data import FILE
from storage.rows import LATEST, OutboxRow

log = structlog.get_logger()

# Leads that speak of what comes below them; edited onto an older message they would say something wrong.
SPEAKS_OF_NEXT = ("old.answered", "old.card", "old.unknown", "lesson.changed", "again")

EXTRA = {"parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
FILE_ID = 256  # characters; they have fewer than a hundred
OURS = frozenset({"method", "otherwise", "picture", "language", LATEST})  # of a part, not of the platform


class Pictures(Protocol):
    """Where pictures come from: the file of a lesson's picture in a language, or None."""

    def __call__(self, name: str, language: str) -> Path | None: ...


def no_pictures(name: str, language: str) -> Path | None:
    return None


class OwnData(Protocol):
    """What is stored about a learner, as a file."""

    async def __call__(self, learner_id: str) -> bytes: ...


async def no_data(learner_id: str) -> bytes:
    return b"{}"


class TelegramChannel:
    """``known`` are ids of pictures that the platform has already, as ``Sent.remember`` told them; those of this bot
    have ``own`` before them (``whose``), for no other can send by them.

    A learner's own data are read when they go out: the outbox holds no copy of them.
    """

    name = NAME
    keeps_talk = False
    brings = True
    attaches = True
    patience = 0.0  # nothing more is ever heard of a call whose answer was lost

    def __init__(
        self,
        client: Client,
        catalogue: Callable[[], Catalogue],
        *,
        pictures: Pictures = no_pictures,
        known: Mapping[str, str] | None = None,
        own_data: OwnData = no_data,
        own: str = "",
    ) -> None:
        self.client, self.catalogue, self.pictures, self._own_data = client, catalogue, pictures, own_data
        self._known, self._own = dict(known or {}), own
        self._around = shape.Surroundings(self._speaks_of_next, lambda name, lang: pictures(name, lang) is not None)

    def own_data(self, learner_id: str) -> str:
        return ""

    def parts(self, message: Message, event: Event | None) -> list[Part]:
        return shape.parts(message, event, self._around)

    def holds(self, body: Mapping[str, object]) -> bool:
        """An edit changes a message further up: the next one need not wait a round trip for it."""
        return not _edits(body)

    def unseen_twice(self, part: OutboxRow) -> bool:
        """The same edit once more changes nothing: Telegram answers that the message is not modified."""
        return _edits(part.body)

    async def send(self, part: OutboxRow) -> Result:
        """Makes the call, with what it falls back on: plain words, the reply by itself, a fresh upload."""
        chat = int(part.address.id)
        try:
            if part.body["method"] == "sendDocument":
                return await self._send_data(chat, part)
            return await self._send(chat, part.body)
        except NotSent as never:
            return Later(0.0, "account", True, f"telegram out of reach: {never}")
        except Unavailable:  # of our own database, where the part is more than words
            return Later(1.0, "part", True, "our data cannot be read now")
        except Lost as lost:
            return Unknown(f"telegram answer lost: {lost}")

    async def _send(self, chat: int, part: Mapping[str, object]) -> Result:
        if part["method"] == "sendPhoto":
            return await self._send_photo(chat, part)
        reply = await self._call(chat, part)
        result = outcome(reply)
        otherwise = part.get("otherwise")
        if isinstance(result, Refused) and otherwise and reply.status == 400:
            # The message to edit is gone, or too old to change: its news is a message of its own.
            return outcome(await self._call(chat, {"method": "sendMessage", "text": otherwise}))
        return result

    async def _call(self, chat: int, part: Mapping[str, object]) -> Reply:
        """The call; again in plain words where the mark-up was not understood, again where the chat has moved."""
        method = str(part["method"])
        args = {"chat_id": chat, **EXTRA, **{name: part[name] for name in part if name not in OURS}}
        if "text" not in args:
            del args["link_preview_options"]
        reply = await self.client.tell(method, args)
        return await self.client.tell(method, _plainly(args)) if is_unparsed(reply) else reply

    async def _send_photo(self, chat: int, part: Mapping[str, object]) -> Result:
        """By id after the first upload. Whatever the platform has against a picture: the words come without it."""
        path = self.pictures(str(part["picture"]), str(part["language"]))
        if path is None:
            return await self._words_alone(chat, part)
        key = f"{self._own}picture:{path.stem}"  # a picture's name is a hash of all it is drawn from
        if (known := self._known.get(key)) is not None:
            result = outcome(await self._call(chat, {**part, "photo": known}))
            if not isinstance(result, Refused):
                return result
            if self._known.get(key) == known:  # and not what another chat has uploaded meanwhile
                del self._known[key]
        content = await asyncio.to_thread(path.read_bytes)
        reply = await self.client.upload("sendPhoto", _beside_file(chat, part), "photo", path.name, content)
        result = outcome(reply)
        if isinstance(result, Refused):
            log.warning("telegram.picture_refused", picture=path.name, why=result.reason)
            return await self._words_alone(chat, part)
        return self._remembered(key, reply, result)

    async def _send_data(self, chat: int, part: OutboxRow) -> Result:
        """What is stored about the learner, as it is now. Refused, its words come without it: they tell it in short."""
        if part.learner_id is None:
            return await self._words_alone(chat, part.body)
        content, beside = await self._own_data(part.learner_id), _beside_file(chat, part.body)
        result = outcome(await self.client.upload("sendDocument", beside, "document", FILE, content))
        if isinstance(result, Refused):
            log.warning("telegram.data_refused", why=result.reason)
            return await self._words_alone(chat, part.body)
        return result

    async def _words_alone(self, chat: int, part: Mapping[str, object]) -> Result:
        """With their buttons; a caption is shorter than a message may be."""
        text = part.get("caption")
        rest = {name: part[name] for name in part if name != "caption"}
        return await self._send(chat, {**rest, "method": "sendMessage", "text": text}) if text else Sent(None)

    def _remembered(self, key: str, reply: Reply, result: Result) -> Result:
        file_id = _file_id(reply.result)
        if not isinstance(result, Sent) or file_id is None:
            return result
        self._known[key] = file_id
        return Sent(result.platform_id, {key: file_id})

    def _speaks_of_next(self, language: str) -> frozenset[str]:
        return _leads_below(self.catalogue(), language)


@lru_cache(maxsize=64)
def _leads_below(catalogue: Catalogue, language: str) -> frozenset[str]:
    texts = (catalogue.text(Phrase(key), language).strip() for key in SPEAKS_OF_NEXT)
    return frozenset(text for text in texts if text)


def _file_id(message: object) -> str | None:
    """The id of a message's picture in its largest size; None where that cannot be told."""
    sizes = message.get("photo") if isinstance(message, dict) else None
    largest = sizes[-1] if isinstance(sizes, list) and sizes else None
    return handle(largest.get("file_id"), FILE_ID) if isinstance(largest, dict) else None


def _beside_file(chat: int, part: Mapping[str, object]) -> dict[str, object]:
    """What goes with a file: its caption and buttons."""
    given = {name: part[name] for name in part if name not in OURS}
    return {"chat_id": chat, "parse_mode": EXTRA["parse_mode"], **given}


def _edits(body: Mapping[str, object]) -> bool:
    return str(body["method"]).startswith("editMessage")


def _plainly(args: Mapping[str, object]) -> dict[str, object]:
    """The same call without mark-up."""
    bare = {name: value for name, value in args.items() if name != "parse_mode"}
    return {name: plain(str(value)) if name in ("text", "caption") else value for name, value in bare.items()}
