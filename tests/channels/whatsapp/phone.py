"""A phone with WhatsApp on it, talking to the whole house over Twilio's hooks and a fake Twilio."""

import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.signature import signed
from bot.channels.whatsapp.templates import sync
from bot.settings import Secret, Settings
from bot.wiring import House, open_house
from bot.wiring.house import clock
from bot.wiring.platform import Platform
from bot.wiring.serving import pages
from tests.delivery.makers import calls_ended
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio

PUBLIC = "https://bot.example.org"


@asynccontextmanager
async def whatsapp_house(
    twilio: FakeTwilio, url: str, folder: Path, clock: Callable[[], datetime] = clock, **changes: Any
) -> AsyncIterator[House]:
    """The whole house with WhatsApp on, its sender stepped by the test."""
    settings = Settings(
        database_url=url,
        data_dir=folder,
        public_url=PUBLIC,
        secret_key=Secret("k" * 48),
        twilio_account_sid=SID,
        twilio_auth_token=Secret(TOKEN),
        twilio_whatsapp_sender=SENDER,
        twilio_api_url=twilio.url,
        whatsapp_sends_per_second=0,
        **changes,
    )
    async with open_house(settings, clock) as house:
        yield house


def platform(house: House) -> Platform:
    return house.platforms[0]


async def with_templates(house: House) -> None:
    channel = platform(house).channel
    assert isinstance(channel, WhatsApp)
    channel.known = await sync(await channel.client.templates(), channel.client.create_template)


@dataclass
class Phone:
    """Somebody's phone. ``shown`` are the messages that arrived since they last wrote."""

    house: House
    twilio: FakeTwilio
    number: str = "whatsapp:+34911234567"
    seen: int = 0
    shown: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(app=pages(self.house))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://inside")

    async def post(
        self, path: str = "/webhooks/twilio", headers: dict[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        """A request as Twilio makes it, signed unless told otherwise."""
        right = signed(TOKEN, PUBLIC + path, list(fields.items())).decode()
        given = {"X-Twilio-Signature": right} if headers is None else headers
        return await self.http.post(path, data=fields, headers=given)

    async def says(self, text: str, **more: str) -> None:
        sid = "SM" + secrets.token_hex(16)
        fields = {
            "MessageSid": sid,
            "AccountSid": SID,
            "From": self.number,
            "To": SENDER,
            "Body": text,
            "NumMedia": "0",
        }
        answer = await self.post(**fields, **more)
        assert answer.status_code == 200
        await self.receives()

    async def taps(self, words: str) -> None:
        """Presses the button or row with these words or this letter."""
        data = next(data for label, data in self.choices() if words == label)
        await self.says(words, ButtonPayload=data, ButtonText=words, MessageType="button")

    def choices(self) -> list[tuple[str, str]]:
        """What can be pressed on the last message."""
        return self.choices_of(self.shown[-1])

    def choices_of(self, message: dict[str, Any]) -> list[tuple[str, str]]:
        """The words and the data of each button or row of a message."""
        form = message["form"]
        values = json.loads(form.get("ContentVariables", "{}"))
        content = self.twilio.contents[form["ContentSid"]]
        (_, what), *_ = content["types"].items()
        items = [(a["title"], a["id"]) for a in what.get("actions", ())]
        items += [(i["item"], i["id"]) for i in what.get("items", ())]
        return [(values.get(label.strip("{}"), label), values.get(data.strip("{}"), data)) for label, data in items]

    async def receives(self) -> None:
        """Lets the sender work until nothing waits."""
        sender = platform(self.house).sender
        for _ in range(50):
            await sender.round()
            await calls_ended(sender)
            await sender.round()
            if not any(state in ("waiting", "sending") for _, state in await self.house.store.depth()):
                break
        sent = self.twilio.sent_to(self.number)
        self.shown, self.seen = sent[self.seen :], len(sent)

    async def ends(self, message: dict[str, Any], code: int | None = None) -> None:
        """Twilio's last word on a message: it arrived, or failed with this code or the one it was fated to."""
        failed = code or message["error_code"]
        fields = {"MessageSid": message["sid"], "AccountSid": SID, "From": SENDER, "To": self.number}
        fields |= {"MessageStatus": "failed", "ErrorCode": str(failed)} if failed else {"MessageStatus": "delivered"}
        answer = await self.post(str(message["callback"]).removeprefix(PUBLIC), **fields)
        assert answer.status_code == 200

    @property
    def text(self) -> str:
        return "\n\n".join(message["body"] for message in self.shown)

    async def close(self) -> None:
        await self.http.aclose()
