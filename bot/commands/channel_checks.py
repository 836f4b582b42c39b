"""Checks of the channels for ``sse-bot doctor``: does the platform know us, and does it reach us?

A new channel adds its check to the list below.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.doctor import Check, Finding, Patient, bad, better, well

if TYPE_CHECKING:
    from bot.channels.telegram.setup import Standing
    from bot.settings import Settings


async def telegram_standing(settings: "Settings") -> "Standing | None":
    """What Telegram says about the configured bot; None when it cannot be reached now."""
    from telegram.error import NetworkError

    from bot.channels.telegram.setup import look, open_bot

    if settings.telegram_bot_token is None:
        return None
    try:
        async with open_bot(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url) as bot:
            return await look(bot)
    except NetworkError:
        return None


async def telegram(patient: Patient) -> Sequence[Finding]:
    """Telegram accepts the token, and updates come the way that is set."""
    if not patient.settings.telegram:
        return []
    standing = await telegram_standing(patient.settings)
    if standing is None:
        return [bad("Telegram", "cannot be reached", "Look at the network, and at TELEGRAM_API_URL if it is set.")]
    return [well("Telegram", f"knows us as @{standing.username}"), *_delivery(patient.settings, standing)]


def _delivery(settings: "Settings", standing: "Standing") -> list[Finding]:
    from bot.channels.telegram.webhook import PATH

    wanted = f"{settings.public_url}{PATH}" if settings.hooked else ""
    if standing.webhook != wanted:
        seen = f"updates go to {standing.webhook}" if standing.webhook else "no webhook is set"
        return [better("Telegram", seen, "The next start of sse-bot run puts it right; is another bot on this token?")]
    if standing.last_error:
        return [better("Telegram", f"last error: {standing.last_error}", "Look at PUBLIC_URL and its certificate.")]
    return [well("Telegram", f"{standing.waiting} updates waiting")]


CHANNEL_CHECKS: tuple[Check, ...] = (telegram,)
