"""A phone with WhatsApp on it, in a terminal: Twilio's hooks are called as Twilio calls them."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp

from bot.channels.whatsapp.signature import signed
from tests.fakes.by_hand import how_to
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio

PUBLIC = "http://127.0.0.1:8000"
NUMBER = "whatsapp:+34911234567"
LOOK = 0.2  # seconds between looks at what has arrived
SETTINGS = (
    "TWILIO_API_URL={url} TWILIO_ACCOUNT_SID={sid} TWILIO_AUTH_TOKEN='{token}' "
    "TWILIO_WHATSAPP_SENDER={sender} PUBLIC_URL={public} make run"
)

Choices = list[tuple[str, str]]


async def play(lines: AsyncIterator[str], write: Callable[[str], None], public: str = PUBLIC) -> None:
    """Until the lines end; then what the platform refused."""
    async with FakeTwilio() as twilio:
        write(how_to(SETTINGS.format(url=twilio.url, sid=SID, token=TOKEN, sender=SENDER, public=public)))
        showing = asyncio.create_task(show(twilio, write))
        async for line in lines:
            status = await typed(twilio, line, public)
            if status != 200:
                write(f"the bot answered {status}")
        showing.cancel()
        for fault in twilio.refused:
            write(f"refused: {fault}")


async def typed(twilio: FakeTwilio, line: str, public: str) -> int:
    """Words, or the number of a button of the last message; what the bot's hook answered."""
    fields = {
        "MessageSid": "SM" + secrets.token_hex(16),
        "AccountSid": SID,
        "From": NUMBER,
        "To": SENDER,
        "Body": line,
        "NumMedia": "0",
    }
    sent = twilio.sent_to(NUMBER)
    there = choices(twilio, sent[-1]) if sent else []
    if line.isdecimal() and 1 <= int(line) <= len(there):
        label, data = there[int(line) - 1]
        fields |= {"Body": label, "ButtonText": label, "ButtonPayload": data, "MessageType": "button"}
    url = f"{public}/webhooks/twilio"
    headers = {"X-Twilio-Signature": signed(TOKEN, url, list(fields.items())).decode()}
    try:
        async with aiohttp.ClientSession() as session, session.post(url, data=fields, headers=headers) as answer:
            return answer.status
    except aiohttp.ClientError:
        return 0


async def show(twilio: FakeTwilio, write: Callable[[str], None]) -> None:
    """Writes whatever has arrived."""
    seen = 0
    while True:
        sent = twilio.sent_to(NUMBER)
        for message in sent[seen:]:
            write(as_text(twilio, message))
        seen = len(sent)
        await asyncio.sleep(LOOK)


def choices(twilio: FakeTwilio, message: dict[str, Any]) -> Choices:
    """What can be pressed on a message: label and id."""
    form = message["form"]
    if "ContentSid" not in form:
        return []
    values = json.loads(form.get("ContentVariables", "{}"))
    (what,) = twilio.contents[form["ContentSid"]]["types"].values()
    items = [(action["title"], action["id"]) for action in what.get("actions", ())]
    items += [(item["item"], item["id"]) for item in what.get("items", ())]
    return [(values.get(label.strip("{}"), label), values.get(data.strip("{}"), data)) for label, data in items]


def as_text(twilio: FakeTwilio, message: dict[str, Any]) -> str:
    """A message with its buttons numbered."""
    buttons = "\n".join(f"   [{n}] {label}" for n, (label, _) in enumerate(choices(twilio, message), 1))
    return "\n".join(part for part in (f"◀ {message['body']}", buttons) if part)
