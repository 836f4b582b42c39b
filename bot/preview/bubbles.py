"""The messages of a lesson as WhatsApp, Telegram and the web page will show them: from the channels' own parts."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import unescape
from typing import Any

import orjson

from bot.channels.telegram.channel import Pictures, TelegramChannel
from bot.channels.telegram.client import Client as TelegramClient
from bot.channels.telegram.parse import Shown, TappedHere
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account, Client
from bot.channels.whatsapp.templates import TEMPLATES, Template
from bot.content.catalogue import Catalogue
from bot.content.markup import runs
from bot.content.wording import Message
from bot.engine.events import Address
from bot.engine.fixed import fixed
from bot.preview.walk import Stop
from bot.web.lines import shown_message

Runs = Sequence[tuple[str, bool]]
BY_NAME = {template.name: template for template in TEMPLATES.values()}
BOLD = re.compile(r"</?b>")
PUBLIC = "https://preview.invalid"  # pictures travel on WhatsApp where the bot has a public address
PHONE, CHAT = Address("whatsapp", "whatsapp:+0"), Address("telegram", "1")


@fixed(frozen=True, slots=True)
class Button:
    """``kind`` is main, minor, row (of a list that opens) or extra."""

    label: str
    detail: str = ""
    letter: str = ""
    kind: str = "main"


@fixed(frozen=True, slots=True)
class Bubble:
    """One message on a phone. ``edits`` marks one that takes the place of the message that was pressed."""

    runs: Runs
    rows: Sequence[Sequence[Button]] = ()
    opens: str = ""
    picture: bool = False
    edits: bool = False
    kind: str = ""

    @property
    def length(self) -> int:
        return len("".join(text for text, _bold in self.runs))


@dataclass
class OnWhatsApp:
    """The templates' variables, read back."""

    channel: WhatsApp

    def shows(self, stop: Stop, now: datetime) -> list[Bubble]:
        parts = self.channel.parts(stop.message, None)
        return [_on_whatsapp(part) for part in parts if not part.get("only_without_template")]


def _on_whatsapp(part: dict[str, Any]) -> Bubble:
    if "template" not in part:
        return Bubble(runs(part["text"]))
    template = BY_NAME[part["template"]]
    values: dict[str, str] = orjson.loads(part["variables"])
    rows = [[button] for button in _choices(template, values)]
    opens = values["2"] if template.kind != "quick" else ""
    return Bubble(runs(values["1"]), rows, opens, picture="card" in part)


def _choices(template: Template, values: dict[str, str]) -> list[Button]:
    firsts = range(template.first, template.first + template.count * template.step, template.step)
    if template.kind == "quick":
        return [Button(values[str(first)]) for first in firsts]
    detailed = template.kind == "detail"
    return [Button(values[str(n)], values[str(n + 2)] if detailed else "", kind="row") for n in firsts]


@dataclass
class OnTelegram:
    """Messages with inline buttons; a reply may be edited onto the message that was pressed."""

    channel: TelegramChannel
    last: Bubble | None = field(default=None)

    def shows(self, stop: Stop, now: datetime) -> list[Bubble]:
        bubbles = [_on_telegram(part) for part in self.channel.parts(stop.message, self._tap(stop, now))]
        self.last = bubbles[-1]
        return bubbles

    def _tap(self, stop: Stop, now: datetime) -> TappedHere | None:
        if stop.pressed is None or self.last is None:
            return None
        label = stop.pressed.letter or stop.pressed.label
        shown = Shown(self.last.runs, label, caption=self.last.picture)
        return TappedHere(id="tap", address=CHAT, at=now, data=stop.pressed.data, message="1", shown=shown)


def _on_telegram(part: dict[str, Any]) -> Bubble:
    keyboard = part.get("reply_markup", {}).get("inline_keyboard", [])
    rows = [[Button(button["text"]) for button in row] for row in keyboard]
    text = str(part.get("text") or part.get("caption") or "")
    pieces = [(unescape(piece), position % 2 == 1) for position, piece in enumerate(BOLD.split(text)) if piece]
    return Bubble(pieces, rows, picture=part["method"] == "sendPhoto", edits=part["method"].startswith("edit"))


class OnWeb:
    """The page's own lines."""

    def shows(self, stop: Stop, now: datetime) -> list[Bubble]:
        line = shown_message(stop.message)
        bubbles = [Bubble(_paragraphs(bubble["paragraphs"]), kind=bubble["kind"]) for bubble in line["bubbles"]]
        rows = [[_on_web(button)] for button in line["buttons"]]
        if line["extra"]:
            rows.append([_on_web(button) for button in line["extra"]])
        if not bubbles:
            return []
        return [*bubbles[:-1], replace(bubbles[-1], rows=rows, picture=stop.message.picture is not None)]


def _paragraphs(paragraphs: Sequence[Sequence[Sequence[str]]]) -> Runs:
    told: list[tuple[str, bool]] = []
    for paragraph in paragraphs:
        told += [("\n\n", False)] if told else []
        told += [(text, kind == "b") for text, kind in paragraph]
    return told


def _on_web(button: dict[str, str]) -> Button:
    return Button(button["label"], button["detail"], button["letter"], button["kind"])


Channel = OnWhatsApp | OnTelegram | OnWeb


def channels(catalogue: Catalogue, pictured: Pictures, clock: Callable[[], datetime]) -> dict[str, Channel]:
    """The channels side by side; they only shape, and nothing is ever sent with them."""
    account = Client(Account("", "", ""))
    whatsapp = WhatsApp(account, public_url=PUBLIC, words=catalogue.text, sign=str, clock=clock, pictures=pictured)
    telegram = TelegramChannel(TelegramClient(""), lambda: catalogue, pictures=pictured)
    return {"WhatsApp": OnWhatsApp(whatsapp), "Telegram": OnTelegram(telegram), "Web": OnWeb()}


def message_length(message: Message) -> int:
    """Characters of a message as they are read."""
    return sum(len(text) for text, _bold in (*runs(message.lead), *runs(message.body)))
