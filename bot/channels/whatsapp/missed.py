"""What Twilio could not hand over while we were down: read from its message list, once each.

Twilio does not repeat a webhook for hours as Telegram does, so after a start, and after any refusal of ours, the list
of inbound messages is read back to when we last heard. Repeats are known by their MessageSid, like any delivery.

By then learners may have written again and been answered. The list tells the order in which they wrote: words that
were missed and are older than words that were answered are overtaken. An old START brings nobody back who has written
STOP since.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.channels.whatsapp.client import Client, read_date
from bot.channels.whatsapp.parse import Unusable, parse
from bot.engine.events import Address, Event, Overtaken, Said

log = structlog.get_logger()

# Before we last heard, for messages that were on their way; and the longest that answering still makes sense.
OVERLAP = timedelta(minutes=5)
LONGEST = timedelta(hours=23)

# The list has other names for what the webhook tells. A button's data is not in it; its words are the body.
FIELDS = {"sid": "MessageSid", "from": "From", "to": "To", "body": "Body", "num_media": "NumMedia"}


class Books(Protocol):
    """What is known of those who wrote."""

    async def known_deliveries(self, channel: str, event_ids: Collection[str]) -> set[str]: ...

    async def heard_since(self, address: Address, at: datetime) -> bool: ...


def fields_of(message: Mapping[str, object]) -> dict[str, str]:
    """A message of the list as the fields of a webhook."""
    return {field: str(message.get(name) or "") for name, field in FIELDS.items()}


def sent_at(message: Mapping[str, object], earliest: datetime, latest: datetime) -> datetime:
    """When a message of the list was written: its window counts from then. Untold, it is as old as it can be."""
    at = read_date(str(message.get("date_sent") or message.get("date_created")))
    return earliest if at is None else min(latest, at)


async def catch_up(
    client: Client,
    heard: datetime | None,
    handle: Callable[[Event], Awaitable[object]],
    books: Books,
    now: datetime,
) -> int:
    """Handles what was missed since we last heard, oldest first; how many messages that was."""
    since = max((heard or now) - OVERLAP, now - LONGEST)
    found = [message async for message in client.messages(since, To=client.account.sender)]
    events = list(_events(reversed(found), client.account.sender, since, now))
    known = await books.known_deliveries("whatsapp", {event.id for event in events})
    answered = {event.address: place for place, event in enumerate(events) if event.id in known}
    missed = [(place, event) for place, event in enumerate(events) if event.id not in known]
    for place, event in missed:
        late = place < answered.get(event.address, -1) or await books.heard_since(event.address, now)
        await handle(_overtaken(event) if late else event)
    if missed:
        log.info("missed.read", messages=len(missed))
    return len(missed)


def _events(
    messages: Iterable[Mapping[str, object]], sender: str, earliest: datetime, latest: datetime
) -> Iterator[Event]:
    """What learners wrote to our sender, as the list has it; two bots must not talk to each other."""
    for message in messages:
        if message.get("direction") != "inbound" or message.get("to") != sender or message.get("from") == sender:
            continue
        try:
            yield parse(fields_of(message), sent_at(message, earliest, latest))
        except Unusable as why:
            log.info("missed.unusable", why=str(why))


def _overtaken(event: Event) -> Overtaken:
    text = event.text if isinstance(event, Said) else ""
    return Overtaken(id=event.id, address=event.address, at=event.at, text=text)
