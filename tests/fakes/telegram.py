"""A Bot API on loopback: strict about every call, with chats that remember what is shown, and a ledger of calls.

    async with FakeTelegram().running() as telegram:
        bot = Client(TOKEN, telegram.url)
        telegram.person(7).says("hi")           # an update waits for getUpdates, or goes to the webhook
        telegram.person(7).sees[-1].text        # what the bot showed

``trouble`` decides for each call whether something goes wrong with it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson
from aiohttp import ClientSession, web

from tests.fakes import telegram_rules as rules
from tests.fakes.telegram_html import Entity
from tests.fakes.telegram_rules import Refused

TOKEN = "123456789:loopback-token-of-no-real-bot-at-all"
BOT = {"id": 123456789, "is_bot": True, "first_name": "Bot", "username": "loopback_bot"}
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Flood:
    """429: come again in so many seconds."""

    seconds: int


@dataclass(frozen=True)
class Fault:
    """A 5xx, as a gateway answers it; nothing was done."""

    status: int = 502


@dataclass(frozen=True)
class Cut:
    """The connection goes, before anything was done or after it."""

    done: bool


@dataclass(frozen=True)
class Hang:
    """No answer until the caller has had enough."""


@dataclass(frozen=True)
class Says:
    """An error of the platform's own."""

    code: int
    description: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """An answer in bytes of the test's own; nothing was done."""

    body: bytes
    status: int = 200


@dataclass(frozen=True)
class Ending:
    """It is done, and the answer has no length: it ends where the connection does."""


Trouble = Flood | Fault | Cut | Hang | Says | Raw | Ending


@dataclass(frozen=True)
class Call:
    """One line of the ledger. ``fault`` is why it was refused by the rules."""

    method: str
    args: Mapping[str, Any]
    trouble: Trouble | None = None
    fault: str = ""
    done: bool = True
    at: float = field(default_factory=time.monotonic)

    @property
    def chat(self) -> int | None:
        return self.args.get("chat_id")


@dataclass
class Shown:
    """A message as the phone shows it."""

    id: int
    text: str
    entities: list[Entity]
    keyboard: list[list[dict[str, str]]]
    photo: str = ""
    edited: bool = False

    @property
    def buttons(self) -> list[str]:
        return [button["text"] for row in self.keyboard for button in row]

    def told(self, chat: Mapping[str, object]) -> dict[str, object]:
        """The message as an update tells it."""
        told: dict[str, object] = {"message_id": self.id, "date": 1780000000, "chat": chat, "from": BOT}
        text, entities = ("caption", "caption_entities") if self.photo else ("text", "entities")
        told[text] = self.text
        if self.entities:
            told[entities] = [entity.told() for entity in self.entities]
        if self.keyboard:
            told["reply_markup"] = {"inline_keyboard": self.keyboard}
        return told


class Person:
    """Somebody with a phone, in a private chat with the bot."""

    def __init__(self, telegram: "FakeTelegram", number: int, language: str) -> None:
        self.telegram, self.number = telegram, number
        self.who = {"id": number, "is_bot": False, "first_name": "A", "language_code": language}
        self.chat = {"id": number, "type": "private", "first_name": "A"}
        self.sees: list[Shown] = []

    def says(self, text: str) -> dict[str, Any]:
        return self.sends(text=text)

    def sends(self, **content: object) -> dict[str, Any]:
        message = {"message_id": next(self.telegram.numbers), "date": 1780000000, **content}
        return self.telegram.tell({"message": {**message, "from": self.who, "chat": self.chat}})

    def taps(self, label: str) -> dict[str, Any]:
        """Presses the newest button with these words on it."""
        for shown in reversed(self.sees):
            for button in (button for row in shown.keyboard for button in row):
                if label in button["text"]:
                    return self.presses(shown, button["callback_data"])
        raise LookupError(f"no button {label!r} on {[shown.buttons for shown in self.sees]}")

    def presses(self, shown: Shown, data: str) -> dict[str, Any]:
        query = {"id": str(next(self.telegram.numbers)), "from": self.who, "data": data, "chat_instance": "1"}
        return self.telegram.tell({"callback_query": {**query, "message": shown.told(self.chat)}})

    def find(self, number: int) -> Shown | None:
        return next((shown for shown in self.sees if shown.id == number), None)


class FakeTelegram:
    """The platform. ``trouble`` is asked before every call."""

    def __init__(self, trouble: Callable[[str, Mapping[str, Any]], Trouble | None] = lambda method, args: None) -> None:
        self.trouble = trouble
        self.ledger: list[Call] = []
        self.people: dict[int, Person] = {}
        self.updates: list[dict[str, Any]] = []
        self.answered: list[str] = []  # taps, by the id of their query
        self.settings: dict[tuple[str, str], Any] = {}
        self.webhook: dict[str, Any] = {}
        self.numbers = count(1)
        self.token = TOKEN
        self.url = ""
        self._news = asyncio.Event()
        self._ending = asyncio.Event()
        self._changed = asyncio.Event()

    def person(self, number: int, language: str = "en") -> Person:
        return self.people.setdefault(number, Person(self, number, language))

    @property
    def faults(self) -> list[str]:
        """Every call that the rules refused."""
        return [f"{call.method}: {call.fault}" for call in self.ledger if call.fault]

    def calls(self, method: str) -> list[Call]:
        return [call for call in self.ledger if call.method == method]

    def tell(self, update: dict[str, Any]) -> dict[str, Any]:
        """An update for the bot, to be asked for or delivered."""
        update = {"update_id": next(self.numbers), **update}
        self.updates.append(update)
        self._news.set()
        return update

    async def until(self, seen: Callable[[], bool], seconds: float = 10.0) -> None:
        """Comes back as soon as calls have made it so."""
        async with asyncio.timeout(seconds):
            while not seen():
                self._changed.clear()
                await self._changed.wait()

    async def deliver(self, update: dict[str, Any], session: ClientSession) -> int:
        """Posts an update to the webhook, and does what the answer asks for; the status it got."""
        headers = {SECRET_HEADER: self.webhook.get("secret_token", "")}
        async with session.post(self.webhook["url"], json=update, headers=headers) as response:
            if response.status == 200:
                self.obeys(await response.read())
            return response.status

    def obeys(self, answer: bytes) -> None:
        """Makes the call that the answer to a webhook may carry; what becomes of it nobody is told."""
        if answer:
            call = orjson.loads(answer)
            self._do(call.pop("method"), call)

    @asynccontextmanager
    async def running(self, port: int = 0) -> "AsyncIterator[FakeTelegram]":
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._taken)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self._ending.set()
            self._news.set()
            await runner.cleanup()

    async def _taken(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _answer(Refused(401, "Unauthorized"))
        args = await _arguments(request)
        trouble = self.trouble(method, args)
        if trouble is not None:
            return await self._troubled(request, method, args, trouble)
        if method == "getUpdates":
            return await self._asked(args)
        try:
            return web.json_response({"ok": True, "result": self._do(method, args)})
        except Refused as refused:
            return _answer(refused)

    async def _troubled(
        self, request: web.Request, method: str, args: Mapping[str, Any], trouble: Trouble
    ) -> web.StreamResponse:
        match trouble:
            case Cut(done=True):
                self._do(method, args, trouble)
                return _cut(request)
            case Ending():
                return _ending(request, {"ok": True, "result": self._do(method, args, trouble)})
            case Raw(body, status):
                self._write(Call(method, args, trouble, done=False))
                return web.Response(status=status, body=body, content_type="application/json")
            case Flood(seconds):
                self._write(Call(method, args, trouble, done=False))
                return _answer(Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))
            case Says(code, description, parameters):
                self._write(Call(method, args, trouble, done=False))
                return _answer(Refused(code, description, **parameters))
            case Fault(status):
                self._write(Call(method, args, trouble, done=False))
                return web.Response(status=status, text="<html>Bad Gateway</html>")
            case _:
                self._write(Call(method, args, trouble, done=False))
                if isinstance(trouble, Hang):
                    await self._ending.wait()
                return _cut(request)

    async def _asked(self, args: Mapping[str, Any]) -> web.Response:
        """getUpdates: acknowledges up to the offset, waits for news."""
        try:
            rules.checked("getUpdates", args)
        except Refused as refused:
            self._write(Call("getUpdates", args, fault=refused.description, done=False))
            return _answer(refused)
        if self.webhook:
            return _answer(Refused(409, "Conflict: can't use getUpdates method while webhook is active"))
        self.updates = [update for update in self.updates if update["update_id"] >= args.get("offset", 0)]
        self._write(Call("getUpdates", args))
        if not self.updates and args.get("timeout"):
            self._news.clear()
            await self._news.wait()
        return web.json_response({"ok": True, "result": self.updates[: args.get("limit", 100)]})

    def _do(self, method: str, args: Mapping[str, Any], trouble: Trouble | None = None) -> Any:
        try:
            rules.checked(method, args)
            result = getattr(self, f"_{method}")(args)
        except Refused as refused:
            known = ("message is not modified", "chat not found", "message to edit not found")
            fault = "" if any(words in refused.description for words in known) else refused.description
            self._write(Call(method, args, trouble, fault, done=False))
            raise
        self._write(Call(method, args, trouble))
        return result

    def _write(self, call: Call) -> None:
        self.ledger.append(call)
        self._changed.set()

    # --- the methods ----------------------------------------------------------------------------------------

    def _getMe(self, args: Mapping[str, Any]) -> Any:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    def _sendMessage(self, args: Mapping[str, Any]) -> Any:
        text, entities = rules.worded(args["text"], args.get("parse_mode"), rules.TEXT, "message")
        return self._show(args, text, entities)

    def _sendPhoto(self, args: Mapping[str, Any]) -> Any:
        photo = args["photo"]
        if not photo.startswith(("file-", "upload:")):
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        text, entities = rules.worded(args.get("caption", ""), args.get("parse_mode"), rules.CAPTION, "message caption")
        shown = self._show(args, text, entities, photo)
        return {**shown, "photo": [{"file_id": photo.replace("upload:", "file-"), "width": 1, "height": 1}]}

    def _sendDocument(self, args: Mapping[str, Any]) -> Any:
        text, entities = rules.worded(args.get("caption", ""), args.get("parse_mode"), rules.CAPTION, "message caption")
        shown = self._show(args, text, entities, args["document"])
        return {**shown, "document": {"file_id": args["document"].replace("upload:", "file-")}}

    def _show(self, args: Mapping[str, Any], text: str, entities: list[Entity], photo: str = "") -> dict[str, object]:
        if args["chat_id"] not in self.people:
            raise Refused(400, "Bad Request: chat not found")
        person = self.people[args["chat_id"]]
        shown = Shown(next(self.numbers), text, entities, rules.keyboard(args.get("reply_markup")), photo)
        person.sees.append(shown)
        return shown.told(person.chat)

    def _editMessageText(self, args: Mapping[str, Any]) -> Any:
        text, entities = rules.worded(args["text"], args.get("parse_mode"), rules.TEXT, "message")
        return self._edit(args, text, entities)

    def _editMessageCaption(self, args: Mapping[str, Any]) -> Any:
        text, entities = rules.worded(args.get("caption", ""), args.get("parse_mode"), rules.CAPTION, "message caption")
        return self._edit(args, text, entities)

    def _edit(self, args: Mapping[str, Any], text: str, entities: list[Entity]) -> Any:
        person = self.people.get(args["chat_id"])
        shown = person.find(args["message_id"]) if person else None
        if person is None or shown is None:
            raise Refused(400, "Bad Request: message to edit not found")
        keyboard = rules.keyboard(args.get("reply_markup"))
        if (shown.text, shown.entities, shown.keyboard) == (text, entities, keyboard):
            raise Refused(400, "Bad Request: message is not modified: specified new message content and reply markup …")
        shown.text, shown.entities, shown.keyboard, shown.edited = text, entities, keyboard, True
        return shown.told(person.chat)

    def _answerCallbackQuery(self, args: Mapping[str, Any]) -> Any:
        if len(args.get("text", "")) > 200:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        self.answered.append(args["callback_query_id"])
        return True

    def _setWebhook(self, args: Mapping[str, Any]) -> Any:
        self.webhook = dict(args) if args["url"] else {}
        return True

    def _deleteWebhook(self, args: Mapping[str, Any]) -> Any:
        self.webhook = {}
        return True

    def _getWebhookInfo(self, args: Mapping[str, Any]) -> Any:
        waiting = len(self.updates)
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": waiting,
        }

    def _setMyCommands(self, args: Mapping[str, Any]) -> Any:
        for command in args["commands"]:
            if not 1 <= len(command["description"]) <= 256 or not command["command"].islower():
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
        return self._set("commands", args, args["commands"])

    def _setMyDescription(self, args: Mapping[str, Any]) -> Any:
        return self._set("description", args, args.get("description", ""))

    def _setMyShortDescription(self, args: Mapping[str, Any]) -> Any:
        return self._set("short", args, args.get("short_description", ""))

    def _set(self, what: str, args: Mapping[str, Any], value: Any) -> bool:
        self.settings[what, args.get("language_code", "")] = value
        return True


def _answer(refused: Refused) -> web.Response:
    body: dict[str, object] = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.code)


def _cut(request: web.Request) -> web.Response:
    """No answer: the socket is gone."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _ending(request: web.Request, body: object) -> web.Response:
    """An answer without a length, and the end of its connection."""
    assert request.transport is not None
    request.transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + orjson.dumps(body))
    request.transport.close()
    return web.Response()


async def _arguments(request: web.Request) -> dict[str, Any]:
    """The call's arguments, as JSON or as a form; a file counts as the id it will get."""
    if request.content_type == "application/json":
        found: dict[str, Any] = orjson.loads(await request.read())
        return found
    form = await request.post()
    return {name: _value(name, value) for name, value in form.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, web.FileField):
        content = value.file.read()
        return f"upload:{content.decode()}" if name == "document" else f"upload:{len(content)}"
    if name in ("text", "caption", "parse_mode", "url", "secret_token", "language_code", "description"):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
