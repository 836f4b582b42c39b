"""Telegram put together: client, channel, sender, and the way in (webhook or asking)."""

import random
import secrets
import time
from functools import partial

import structlog
from starlette.routing import BaseRoute

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import Client
from bot.channels.telegram.door import Door
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.webhook import hook
from bot.delivery.lease import Lease
from bot.delivery.limits import telegram_limits
from bot.delivery.sender import Clocks, Sender
from bot.engine.commands import COMMANDS
from bot.errors import PlatformRefused
from bot.wiring.house import House
from bot.wiring.platform import Platform, Work

log = structlog.get_logger()

INTRODUCED, LINK = "introduced", "link"  # what is remembered of the set-up


async def open_telegram(house: House) -> Platform:
    """The platform, not yet at work."""
    settings, store = house.settings, house.store
    assert settings.telegram_bot_token is not None, "only where Telegram is configured"
    client = Client(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url)
    known = await store.recalled("telegram")
    channel = TelegramChannel(client, house.catalogue, known=known)
    lease = Lease(store, "telegram", secrets.token_hex(8), house.clock)
    limits = telegram_limits(settings.telegram_sends_per_second, settings.telegram_chat_sends_per_second)
    clocks = Clocks(house.clock, time.monotonic, random.random)
    sender = Sender(channel, store, lease, limits, clocks, gone=house.service.handle, meter=house.metrics)
    door = Door(house.service, house.catalogue, clock=house.clock)
    door.link = known.get(LINK, "")
    works: list[Work] = [sender.run, partial(set_up, house, door, known)]
    hooks: list[BaseRoute] = []
    if settings.hooked and settings.telegram_webhook_secret is not None:
        hooks.append(hook(door, settings.telegram_webhook_secret.get_secret_value(), house.metrics.turned_away))
    else:
        works.append(Polling(client, door, lease).run)
    return Platform(channel, sender, hooks, works, lambda: "ok" if lease.held else "waiting", client.close)


async def set_up(house: House, door: Door, known: dict[str, str]) -> None:
    """Tells Telegram where updates go, and introduces the bot where that has changed since the last time."""
    from bot.channels.telegram import setup

    settings = house.settings
    assert settings.telegram_bot_token is not None, "only where Telegram is configured"
    introduced = setup.introductions(house.catalogue(), COMMANDS)
    digest = setup.digest(introduced)
    try:
        async with setup.open_bot(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url) as bot:
            if settings.hooked and settings.telegram_webhook_secret is not None:
                secret = settings.telegram_webhook_secret.get_secret_value()
                await setup.take_updates_at(bot, settings.public_url, secret)
            else:
                await setup.ask_for_updates(bot)
            door.link = (await setup.look(bot)).link
            if known.get(INTRODUCED) != digest:
                await setup.introduce(bot, introduced)
        await house.store.remember("telegram", {INTRODUCED: digest, LINK: door.link})
    except PlatformRefused as refused:
        log.error("telegram.set_up", reason=refused.reason, cure=refused.cure)
    except Exception as trouble:
        # The talk goes on without it; the next start tries again, and `doctor` tells.
        log.warning("telegram.set_up", error=type(trouble).__name__)
