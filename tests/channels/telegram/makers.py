"""Rows, taps and channels for the tests of Telegram."""

from typing import Any

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import Client
from bot.channels.telegram.parse import Shown, TappedHere
from bot.content.catalogue import Catalogue
from bot.content.wording import Message, word
from bot.engine.events import Address
from bot.engine.turn import Choice, Say, Text, Verbatim
from bot.service import Content
from storage.rows import OutboxRow
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.makers import NOON

ADA = 1001


def row(body: dict[str, Any], id_: int = 1, chat: int = ADA, **facts: Any) -> OutboxRow:
    given: dict[str, Any] = {
        "learner_id": "ada",
        "address_id": chat,
        "channel": "telegram",
        "priority": 0,
        "due_at": NOON,
        "attempts": 0,
        "state": "waiting",
        "kind": "reply",
        "created_at": NOON,
    }
    return OutboxRow(id=id_, address=Address("telegram", str(chat)), body=body, **given | facts)


def tap(data: str = "q:7-a", label: str = "Six votes", text: str = "Who decides?", **facts: Any) -> TappedHere:
    shown = facts.pop("shown", Shown(((text, False),), label, False))
    return TappedHere(id="e", address=Address("telegram", str(ADA)), at=NOON, data=data, message="365", shown=shown)


def message(
    content: Content, *body: str, lead: tuple[str | Text, ...] = (), labels: tuple[str, ...] = (), **how: Any
) -> Message:
    choices = tuple(Choice(f"q:8-o{n}", Verbatim(label)) for n, label in enumerate(labels))
    leads = tuple(Verbatim(text) if isinstance(text, str) else text for text in lead)
    language = how.pop("language", "en")
    say = Say(tuple(map(Verbatim, body)), lead=leads, choices=choices, **how)
    return word(say, language, content.catalogue)


def channel(telegram: FakeTelegram | None, catalogue: Catalogue, **how: Any) -> TelegramChannel:
    url = telegram.url if telegram is not None else "http://127.0.0.1:1"
    return TelegramChannel(Client(TOKEN, url), lambda: catalogue, **how)
