"""What Telegram is told about the bot: commands, descriptions, and where updates go.

Where updates go is said over the bot's own lines: learners wait for it. All else goes through python-telegram-bot,
which is imported when it is needed: it takes 12 MiB and as long as the rest of the start.
"""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING

from bot.channels.telegram.client import PUBLIC, Client, Reply
from bot.channels.telegram.parse import WANTED
from bot.channels.telegram.webhook import PATH
from bot.content.catalogue import ENGLISH, Catalogue
from bot.content.limits import cut
from bot.engine.fixed import fixed
from bot.engine.turn import Phrase
from bot.errors import PlatformRefused
from bot.outcomes import LONGEST_WAIT

if TYPE_CHECKING:
    from telegram import Bot

COMMAND_ABOUT, DESCRIPTION, SHORT = 256, 512, 120  # characters
COMMAND = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)
TWO_LETTERS = re.compile(r"[a-z]{2}", re.ASCII)  # Telegram takes ISO 639-1 only
CONNECTIONS = 40  # webhook deliveries at once; Telegram's default
WRONG_TOKEN = ("Telegram does not accept TELEGRAM_BOT_TOKEN.", "Copy it again from @BotFather: /mybots, API token.")
SETTINGS = "Put PUBLIC_URL and TELEGRAM_WEBHOOK_SECRET right if it speaks of them; it is asked again by itself."


class NotReady(Exception):
    """Telegram cannot take the call now; ``after`` are the seconds it told us to wait."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = min(after, LONGEST_WAIT)


@fixed(frozen=True, slots=True)
class Standing:
    """What Telegram knows of us, for ``doctor``."""

    username: str
    webhook: str
    waiting: int
    last_error: str

    @property
    def link(self) -> str:
        return link(self.username)


@fixed(frozen=True, slots=True)
class Introduction:
    """What learners of one language see before they write; ``language`` is empty for everybody else."""

    language: str
    commands: tuple[tuple[str, str], ...]
    description: str
    short: str


@asynccontextmanager
async def open_bot(token: str, base: str = PUBLIC) -> "AsyncIterator[Bot]":
    """The library's bot, for a few calls. Raises ``PlatformRefused`` where Telegram will not have the token or call."""
    from telegram import Bot
    from telegram.error import BadRequest, Forbidden, InvalidToken

    try:
        async with Bot(token, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as bot:
            yield bot
    except InvalidToken:
        raise PlatformRefused(*WRONG_TOKEN) from None
    except (BadRequest, Forbidden) as refused:
        raise PlatformRefused(f"Telegram refused the set-up: {refused.message}", "See docs/operations.md.") from None


def introductions(catalogue: Catalogue, commands: Iterable[str]) -> tuple[Introduction, ...]:
    """The bot introduced in every language; English speaks to everybody whose language we lack."""
    names = [name for name in commands if COMMAND.fullmatch(name) and catalogue.has(f"command.{name}.about")]
    codes = [language.code for language in catalogue.languages if TWO_LETTERS.fullmatch(language.code)]
    return tuple(_introduction(code, catalogue, names) for code in codes)


def _introduction(code: str, catalogue: Catalogue, names: Iterable[str]) -> Introduction:
    def said(key: str, limit: int) -> str:
        return cut(catalogue.label(Phrase(key), code).strip(), limit)

    return Introduction(
        "" if code == ENGLISH else code,
        tuple((name, said(f"command.{name}.about", COMMAND_ABOUT)) for name in names),
        said("bot.description", DESCRIPTION),
        said("bot.short", SHORT),
    )


def digest(bot: str, introduced: Iterable[Introduction]) -> str:
    """Changes when anything of it does: the same bot need not be introduced twice in the same way."""
    return blake2b(repr((bot, *introduced)).encode(), digest_size=16).hexdigest()


async def introduce(bot: "Bot", introduced: Iterable[Introduction]) -> None:
    """Tells Telegram commands and descriptions, language by language."""
    for one in introduced:
        language = one.language or None
        await bot.set_my_commands(list(one.commands), language_code=language)
        await bot.set_my_description(one.description, language_code=language)
        await bot.set_my_short_description(one.short, language_code=language)


async def take_updates_at(client: Client, public_url: str, secret: str) -> None:
    """Updates come to our webhook from now on; what waits is delivered too."""
    args = {
        "url": f"{public_url}{PATH}",
        "secret_token": secret,
        "allowed_updates": WANTED,
        "max_connections": CONNECTIONS,
    }
    _done(await client.call("setWebhook", args))


async def ask_for_updates(client: Client) -> None:
    """No webhook: we ask. What waits stays."""
    _done(await client.call("deleteWebhook", {"drop_pending_updates": False}))


async def own_link(client: Client) -> str:
    """Where Telegram shows us."""
    me = _done(await client.call("getMe", {})).result
    return link(str(me.get("username") or "")) if isinstance(me, dict) else link("")


def link(username: str) -> str:
    return f"https://t.me/{username}"


def _done(reply: Reply) -> Reply:
    """The answer to a call that was made. Raises ``PlatformRefused`` where settings may be wrong, else ``NotReady``."""
    if reply.status in (401, 404):
        raise PlatformRefused(*WRONG_TOKEN)
    if reply.status in (400, 403):
        raise PlatformRefused(f"Telegram refused the set-up: {reply.description}", SETTINGS)
    if not reply.ok:
        raise NotReady(f"{reply.status}", reply.retry_after or 0.0)
    return reply


async def look(bot: "Bot") -> Standing:
    """Who we are to Telegram, and whether it reaches us."""
    me, hook = await bot.get_me(), await bot.get_webhook_info()
    return Standing(me.username or "", hook.url, hook.pending_update_count, hook.last_error_message or "")
