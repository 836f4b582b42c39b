"""Telegram put together: client, channel, sender, and the way in (webhook or asking)."""

import asyncio
import random
import secrets
import time
from functools import partial

from starlette.routing import BaseRoute

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import Client
from bot.channels.telegram.door import Door
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.start import LINK, Account, get_ready
from bot.channels.telegram.webhook import hook
from bot.channels.telegram.whose import FIRST, number, own
from bot.delivery.following import Following
from bot.delivery.lease import Lease
from bot.delivery.limits import telegram_limits
from bot.delivery.sender import Clocks, Sender
from bot.engine.commands import COMMANDS
from bot.own_data import written
from bot.wiring.house import House
from bot.wiring.planning import came_to_nothing
from bot.wiring.platform import Platform, Work


async def open_telegram(house: House) -> Platform:
    """The platform, not yet at work."""
    settings, store = house.settings, house.store
    assert settings.telegram_bot_token is not None, "only where Telegram is configured"
    token = settings.telegram_bot_token.get_secret_value()
    client = Client(token, settings.telegram_api_url)
    known = await store.recalled("telegram")
    if FIRST not in known:
        await store.remember("telegram", {FIRST: number(token)})
    ours = own(token, known)
    channel = TelegramChannel(
        client, house.catalogue, pictures=house.album, known=known, own_data=partial(_own_data, house), own=ours
    )
    lease = Lease(store, "telegram", secrets.token_hex(8), house.clock)
    limits = telegram_limits(settings.telegram_sends_per_second, settings.telegram_chat_sends_per_second)
    clocks = Clocks(house.clock, time.monotonic, random.random)
    following = Following("telegram", store, house.service.handle, partial(came_to_nothing, house))
    sender = Sender(
        channel, store, lease, limits, clocks, following=following, meter=house.metrics,
        soon=lambda: house.service.boarding,
    )  # fmt: skip
    house.service.riders.append(sender)
    door = Door(house.service, house.catalogue, clock=house.clock, own=ours)
    door.link = known.get(f"{ours}{LINK}", "")
    works: list[Work] = [sender.run, partial(_be_known, house, door)]
    hooks: list[BaseRoute] = []
    if settings.hooked and settings.telegram_webhook_secret is not None:
        hooks.append(hook(door, settings.telegram_webhook_secret.get_secret_value(), house.metrics.turned_away))
    else:
        works.append(Polling(client, door, lease).run)
    return Platform(channel, sender, hooks, works, lambda: "ok" if lease.held else "waiting", client.close)


async def _own_data(house: House, learner_id: str) -> bytes:
    """What is stored about a learner, as it is when it goes out."""
    everything = await house.store.everything_of(learner_id)
    return (await asyncio.to_thread(written, everything)).encode()


async def _be_known(house: House, door: Door) -> None:
    """Tells Telegram where updates go and who we are, until it hears us."""
    settings = house.settings
    assert settings.telegram_bot_token is not None, "only where Telegram is configured"
    secret = settings.telegram_webhook_secret.get_secret_value() if settings.telegram_webhook_secret else ""
    account = Account(
        settings.telegram_bot_token.get_secret_value(),
        settings.telegram_api_url,
        settings.public_url,
        secret if settings.hooked else "",
        door.own,
    )

    def known(link: str) -> None:
        door.link = link

    await get_ready(account, house.catalogue(), COMMANDS, house.store, known=known)
