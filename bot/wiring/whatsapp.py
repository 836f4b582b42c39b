"""WhatsApp through Twilio put together: client, channel, sender, hooks, and reading what was missed."""

import asyncio
import random
import secrets
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog

from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account, Client, Lost, NotSent
from bot.channels.whatsapp.missed import catch_up
from bot.channels.whatsapp.webhook import Hooks
from bot.delivery.lease import Lease
from bot.delivery.limits import whatsapp_limits
from bot.delivery.sender import Clocks, Sender
from bot.engine.events import Event, Left
from bot.errors import Unavailable
from bot.service import Outcome
from bot.settings import Settings
from bot.wiring.approvals import RESTS, Approvals
from bot.wiring.house import House
from bot.wiring.platform import Platform, Work
from bot.wiring.undelivered import undelivered
from storage.rows import REPLY, Tell

log = structlog.get_logger()

TEMPLATE, HEARD = "template:", "heard"  # what is remembered: ids of templates, when we last listened
LISTENING = 30.0  # seconds between two notes that we are listening


def account(settings: Settings) -> Account:
    """Whose account it is; the settings are complete or were refused."""
    assert settings.twilio_account_sid is not None
    assert settings.twilio_auth_token is not None
    assert settings.twilio_whatsapp_sender is not None
    return Account(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_whatsapp_sender,
        settings.twilio_messaging_service_sid,
        settings.twilio_api_url,
    )


class Ear:
    """Notes when a message could not be stored, so that the list is read for it later."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.missed = asyncio.Event()
        self.missed.set()  # at the start nobody knows what was missed

    async def handle(self, event: Event) -> Outcome:
        try:
            return await self.house.service.handle(event)
        except Unavailable:
            self.missed.set()
            raise


async def open_whatsapp(house: House) -> Platform:
    """The platform, not yet at work."""
    settings, store = house.settings, house.store
    client = Client(account(settings))
    channel = WhatsApp(
        client,
        public_url=settings.public_url,
        words=lambda text, language: house.catalogue().text(text, language),
        sign=partial(house.seal.sign, "status"),
        clock=house.clock,
        pictures=house.album,
    )
    known = await store.recalled("whatsapp")
    channel.known = {key.removeprefix(TEMPLATE): sid for key, sid in known.items() if key.startswith(TEMPLATE)}
    lease = Lease(store, "whatsapp", secrets.token_hex(8), house.clock)
    clocks = Clocks(house.clock, time.monotonic, random.random)
    limits = whatsapp_limits(settings.whatsapp_sends_per_second)
    sender = Sender(
        channel, store, lease, limits, clocks,
        gone=house.service.handle, meter=house.metrics, undelivered=partial(undelivered, house),
        soon=lambda: house.service.boarding,
    )  # fmt: skip
    house.service.riders.append(sender)
    ear = Ear(house)
    hooks = Hooks(
        client.account,
        settings.public_url,
        handle=ear.handle,
        unusable=house.service.unusable,
        told=partial(told, channel, house),
        left=partial(left, house),
        signed=partial(house.seal.signed, "status"),
        clock=house.clock,
        refused=house.metrics.turned_away,
    ).routes()
    approvals = Approvals(house, client, channel, lease)
    await approvals.look()
    works: list[Work] = [sender.run, partial(listen, house, client, ear, lease)]
    return Platform(
        channel, sender, hooks, works, lambda: "ok" if lease.held else "waiting", client.close, [approvals.run]
    )


async def told(channel: WhatsApp, house: House, tells: Sequence[Tell], now: datetime) -> None:
    """What became of parts: the channel learns from it, the store keeps it, what was brought may be decided again."""
    rested = channel.invitations.rests_until
    channel.heard(tells)
    rests = channel.invitations.rests_until
    if rests is not None and rests != rested:
        await house.store.remember("whatsapp", {RESTS: rests.isoformat()})
    await house.store.told(tells, now)
    for tell in tells:
        part = await house.store.part(tell.outbox_id) if tell.means == "failed" else None
        if part is not None and part.kind != REPLY:
            await undelivered(house, part, tell.reason or "")


async def left(house: House, outbox_id: int, reason: str) -> None:
    """A learner whom WhatsApp no longer reaches, told by what became of a part."""
    part = await house.store.part(outbox_id)
    if part is not None:
        await house.service.handle(Left(id=f"left:{outbox_id}", address=part.address, at=house.clock()))


async def listen(house: House, client: Client, ear: Ear, lease: Lease) -> None:
    """Reads what was missed, after a start and after every message we could not store; then notes that we listen."""
    recalled = await house.store.recalled("whatsapp")
    heard = datetime.fromisoformat(recalled[HEARD]) if HEARD in recalled else None
    while True:
        await lease.until_held()
        try:
            if ear.missed.is_set():
                ear.missed.clear()
                await catch_up(client, heard, house.service.handle, house.clock())
            heard = house.clock()
            await house.store.remember("whatsapp", {HEARD: heard.isoformat()})
        except (NotSent, Lost, Unavailable) as trouble:
            ear.missed.set()
            log.warning("whatsapp.list_not_read", error=type(trouble).__name__)
        await asyncio.sleep(LISTENING)
