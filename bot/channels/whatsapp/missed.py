"""What Twilio could not hand over while we were down: read from its message list, once each.

Twilio does not repeat a webhook for hours as Telegram does, so after a start, and after any refusal of ours, the list
of inbound messages is read back to when we last heard. Repeats are known by their MessageSid, like any delivery.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.channels.whatsapp.client import Client, read_date
from bot.channels.whatsapp.parse import Unusable, parse
from bot.engine.events import Event

log = structlog.get_logger()

# Before we last heard, for messages that were on their way; and the longest that answering still makes sense.
OVERLAP = timedelta(minutes=5)
LONGEST = timedelta(hours=23)

# The list has other names for what the webhook tells. A button's data is not in it; its words are the body.
FIELDS = {"sid": "MessageSid", "from": "From", "to": "To", "body": "Body", "num_media": "NumMedia"}


def fields_of(message: Mapping[str, object]) -> dict[str, str]:
    """A message of the list as the fields of a webhook."""
    return {field: str(message.get(name) or "") for name, field in FIELDS.items()}


def sent_at(message: Mapping[str, object], earliest: datetime, latest: datetime) -> datetime:
    """When a message of the list was written: its window counts from then. Untold, it is as old as it can be."""
    at = read_date(str(message.get("date_sent") or message.get("date_created")))
    return earliest if at is None else min(latest, at)


async def catch_up(
    client: Client, heard: datetime | None, handle: Callable[[Event], Awaitable[object]], now: datetime
) -> int:
    """Handles what came since we last heard, oldest first; how many messages the list had."""
    since = max((heard or now) - OVERLAP, now - LONGEST)
    found = [message async for message in client.messages(since, To=client.account.sender)]
    inbound = [message for message in reversed(found) if message.get("direction") == "inbound"]
    for message in inbound:
        try:
            await handle(parse(fields_of(message), sent_at(message, since, now)))
        except Unusable as why:
            log.info("missed.unusable", why=str(why))
    if inbound:
        log.info("missed.read", messages=len(inbound))
    return len(inbound)
