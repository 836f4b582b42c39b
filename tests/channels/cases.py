"""The channels as the contract suite knows them: how to make one, what its parts may be, what a learner then sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from bot.channels.channel import Channel
from bot.channels.console import ConsoleChannel, text_of
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import Client
from bot.channels.web import WebChannel
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account
from bot.channels.whatsapp.client import Client as TwilioClient
from bot.content.markup import plain
from bot.content.wording import Message
from bot.service import Content
from tests.fakes import telegram_rules
from tests.makers import NOON

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """What a learner gets of a message: its texts in order, and what can be chosen by tapping."""

    texts: list[str]
    taps: list[str]


@dataclass(frozen=True)
class Case:
    """``fits`` fails for a part that the platform would refuse; ``seen`` reads what it shows."""

    name: str
    make: Callable[[Content], Channel]
    fits: Callable[[Body], None]
    seen: Callable[[Message, Sequence[Body]], Seen]
    taps_everything: bool = True
    bold: str = ""  # how the platform itself writes bold, which a text of ours cannot escape

    def words(self, text: str) -> str:
        """A text without white space, as texts are cut at it, and without what may be mark-up."""
        return "".join(text.replace(self.bold, "").split()) if self.bold else "".join(text.split())


def _telegram(content: Content) -> Channel:
    return TelegramChannel(Client("0:never-called"), lambda: content.catalogue)


def _telegram_fits(part: Body) -> None:
    """As strict as the loopback platform, which is as strict as the real one."""
    names = ("text", "message_id", "reply_markup", "caption")
    args = {"chat_id": 1, "parse_mode": "HTML", **{name: part[name] for name in names if name in part}}
    telegram_rules.checked(part["method"], args)
    telegram_rules.worded(part["text"], "HTML", telegram_rules.TEXT, "message")
    telegram_rules.keyboard(part.get("reply_markup"))


def _telegram_seen(message: Message, parts: Sequence[Body]) -> Seen:
    texts = [telegram_rules.worded(part["text"], "HTML", telegram_rules.TEXT, "message")[0] for part in parts]
    rows = [row for part in parts for row in part.get("reply_markup", {}).get("inline_keyboard", [])]
    return Seen(texts, [button["callback_data"] for row in rows for button in row])


def _web_seen(message: Message, parts: Sequence[Body]) -> Seen:
    """The page draws from the stored line: the message as JSON."""
    line = orjson.loads(orjson.dumps(asdict(message)))
    return Seen(
        [plain(line["lead"]), plain(line["body"])], [option["data"] for option in (*line["options"], *line["extra"])]
    )


def _console_seen(message: Message, parts: Sequence[Body]) -> Seen:
    return Seen([plain(text_of(message))], [])


def _whatsapp(content: Content) -> Channel:
    return WhatsApp(
        TwilioClient(Account("AC0", "never called", "whatsapp:+10000000000")),
        public_url="https://bot.example.org",
        words=content.catalogue.text,
        sign=lambda part: f"sign{part}",
        clock=lambda: NOON,
    )


def _whatsapp_fits(part: Body) -> None:
    """Twilio's limits: 1,600 characters of text, 1,024 with choices, 20 on a button, 24 and 72 in a row."""
    assert len(str(part["text"]).encode("utf-16-le")) // 2 <= 1600
    for variables in [part["variables"]] if "variables" in part else []:
        values = orjson.loads(variables)
        assert len(values["1"].encode("utf-16-le")) // 2 <= 1024
        assert all(isinstance(value, str) and value for value in values.values())


def _whatsapp_seen(message: Message, parts: Sequence[Body]) -> Seen:
    values = [orjson.loads(part["variables"]) for part in parts if "variables" in part]
    ids = {option.data for option in message.options}
    taps = [value for given in values for value in given.values() if value in ids]
    return Seen([str(part["text"]) for part in parts], taps)


def _nothing_is_sent(part: Body) -> None:
    raise AssertionError(f"a channel without an outbox made {part}")


CASES = (
    Case("telegram", _telegram, _telegram_fits, _telegram_seen),
    Case("whatsapp", _whatsapp, _whatsapp_fits, _whatsapp_seen, taps_everything=False, bold="*"),
    Case("web", lambda content: WebChannel(), _nothing_is_sent, _web_seen),
    Case("console", lambda content: ConsoleChannel(), _nothing_is_sent, _console_seen, taps_everything=False),
)
