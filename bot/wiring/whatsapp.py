"""WhatsApp through Twilio put together: client, channel, sender, hooks, and reading what was missed.

What was missed is read where the hooks are: that process knows what it could not store, and until when it listened.
"""

import asyncio
import random
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from bot.channels.whatsapp.channel import WhatsApp, picture_failed, without_picture
from bot.channels.whatsapp.client import Account, Client, Lost, NotSent, NotTold
from bot.channels.whatsapp.missed import catch_up
from bot.channels.whatsapp.webhook import Hooks
from bot.delivery.following import Following
from bot.delivery.lease import Lease
from bot.delivery.limits import whatsapp_limits
from bot.delivery.sender import Clocks, Sender
from bot.engine.events import Event
from bot.errors import Unavailable
from bot.service import Outcome
from bot.settings import Settings
from bot.wiring.approvals import RESTS, Approvals
from bot.wiring.house import House
from bot.wiring.platform import Platform
from bot.wiring.undelivered import undelivered
from storage.rows import Tell

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
    """Hears what learners write, and sees to it that what could not be stored is read from the list later.

    Several processes may do so at once: what two of them read counts once.
    """

    def __init__(self, house: House, client: Client) -> None:
        self.house, self.client = house, client
        self._missed = True  # at the start nobody knows what was missed
        self._heard: datetime | None = None

    async def handle(self, event: Event) -> Outcome:
        try:
            return await self.house.service.handle(event)
        except Unavailable:
            self._missed = True
            raise

    async def listen(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LISTENING)

    async def look(self) -> None:
        """Reads what was missed, if anything may be; then notes that we listen. Unread, it is for the next time."""
        try:
            if self._missed:
                self._missed = False
                house, heard = self.house, await self._last_heard()
                await catch_up(self.client, heard, house.service.handle, house.store, house.clock())
            self._heard = self.house.clock()
            await self.house.store.remember("whatsapp", {HEARD: self._heard.isoformat()})
        except (NotSent, Lost, NotTold, Unavailable) as trouble:
            self._missed = True
            log.warning("whatsapp.list_not_read", error=type(trouble).__name__, why=str(trouble))

    async def _last_heard(self) -> datetime | None:
        """Also before this process began."""
        if self._heard is None:
            recalled = await self.house.store.recalled("whatsapp")
            self._heard = datetime.fromisoformat(recalled[HEARD]) if HEARD in recalled else None
        return self._heard


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
        placed=store.placed,
        own_data=house.links.to,
    )
    known = await store.recalled("whatsapp")
    channel.known = {key.removeprefix(TEMPLATE): sid for key, sid in known.items() if key.startswith(TEMPLATE)}
    lease = Lease(store, "whatsapp", secrets.token_hex(8), house.clock)
    clocks = Clocks(house.clock, time.monotonic, random.random)
    limits = whatsapp_limits(settings.whatsapp_sends_per_second)
    following = Following("whatsapp", store, house.service.handle, partial(undelivered, house))
    sender = Sender(
        channel, store, lease, limits, clocks, following=following, meter=house.metrics,
        soon=lambda: house.service.boarding,
    )  # fmt: skip
    house.service.riders.append(sender)
    ear = Ear(house, client)
    hooks = Hooks(
        client.account,
        settings.public_url,
        handle=ear.handle,
        unusable=house.service.unusable,
        told=partial(told, channel, house, following, sender.wake),
        signed=partial(house.seal.signed, "status"),
        clock=house.clock,
        refused=house.metrics.turned_away,
    ).routes()
    approvals = Approvals(house, client, channel, lease)
    await approvals.look()
    return Platform(
        channel, sender, hooks, [sender.run], lambda: "ok" if lease.held else "waiting", client.close,
        [approvals.run], [ear.listen],
    )  # fmt: skip


async def told(
    channel: WhatsApp,
    house: House,
    following: Following,
    wake: Callable[[], None],
    tells: Sequence[Tell],
    now: datetime,
) -> None:
    """What became of parts: the channel learns from it, the store keeps it with what follows, which is seen to."""
    rested = channel.invitations.rests_until
    channel.heard(tells)
    rests = channel.invitations.rests_until
    if rests is not None and rests != rested:
        await house.store.remember("whatsapp", {RESTS: rests.isoformat()})
    others = [tell for tell in tells if not await _comes_without_picture(house, tell, now)]
    if len(others) < len(tells):
        wake()
    await house.store.told(others, now)
    if any(tell.means == "failed" for tell in others):
        await following.look(now)


async def _comes_without_picture(house: House, tell: Tell, now: datetime) -> bool:
    """A message that did not arrive for its picture's sake is sent once more, in words."""
    part = await house.store.part(tell.outbox_id) if picture_failed(tell) else None
    plain = without_picture(part.body) if part is not None else None
    return plain is not None and await house.store.again(tell, plain, now)
