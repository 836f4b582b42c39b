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


# Twilio gives a webhook one try unless its URL asks for more (webhooks-connection-overrides).
RETRIES = "#rc=3&rp=all"


async def whatsapp(patient: Patient) -> Sequence[Finding]:
    """Twilio accepts the account, messages come to us and are tried again, templates are ready and approved."""
    if not patient.settings.whatsapp:
        return []
    from bot.channels.whatsapp.client import Client, Lost, NotSent
    from bot.wiring.whatsapp import account

    client = Client(account(patient.settings))
    try:
        status, hook = await client.sender_webhook()
    except (Lost, NotSent):
        return [bad("WhatsApp", "Twilio cannot be reached", "Look at the network, and at TWILIO_API_URL if it is set.")]
    finally:
        await client.close()
    if status in (401, 403):
        return [
            bad("WhatsApp", "Twilio refuses the account", "Copy account SID and auth token again from its console.")
        ]
    if status != 200:
        return [better("WhatsApp", f"Twilio answered {status}", "Look at TWILIO_MESSAGING_SERVICE_SID, or try later.")]
    found = [well("WhatsApp", "Twilio accepts the account"), _hook(patient.settings, hook)]
    return [*found, await _templates(patient), await _asked(patient)]


def _hook(settings: "Settings", hook: str) -> Finding:
    wanted = f"{settings.public_url}/webhooks/twilio"
    if not settings.secure:
        return better("WhatsApp", "PUBLIC_URL is not https", "Twilio needs an https address to reach this bot.")
    if not settings.twilio_messaging_service_sid:
        # The console's own field is not in the API for a sender, so it can only be told.
        return better("WhatsApp", "the webhook cannot be read", f"In Twilio's console it must be {wanted}{RETRIES}")
    if hook.partition("#")[0] != wanted:
        seen = f"messages go to {hook}" if hook else "no webhook is set"
        return bad("WhatsApp", seen, f"Set the Messaging Service's request URL to {wanted}{RETRIES}")
    if "rc=" not in hook:
        return better("WhatsApp", "a failed delivery is not repeated", f"Set the request URL to {wanted}{RETRIES}")
    return well("WhatsApp", "messages come here, and are tried again")


async def _templates(patient: Patient) -> Finding:
    from bot.channels.whatsapp.templates import TEMPLATES
    from bot.wiring.whatsapp import TEMPLATE

    remembered = await patient.store.recalled("whatsapp") if patient.store else {}
    ready = sum(f"{TEMPLATE}{template.name}" in remembered for template in TEMPLATES.values())
    if ready < len(TEMPLATES):
        seen = f"{ready} of {len(TEMPLATES)} templates: numbered text in place of buttons"
        return better("WhatsApp", seen, "Run: sse-bot templates sync")
    return well("WhatsApp", f"{ready} templates are ready")


async def _asked(patient: Patient) -> Finding:
    """Whether learners can be asked in once their window is closed."""
    from bot.channels.whatsapp.asked import MARKETING
    from bot.wiring.approvals import recalled

    known = list((await recalled(patient.store)).values()) if patient.store else []
    approved = [one for one in known if one.approved]
    if not approved:
        seen = "daily lessons reach people on WhatsApp only within 24 hours of their last message"
        waiting = any(one.state in ("received", "pending") for one in known)
        command = "status" if waiting else "sync"
        return better("WhatsApp", seen, f"Run: sse-bot templates {command}")
    if any(one.category == MARKETING for one in approved):
        return better("WhatsApp", "Meta takes a template for marketing", "See: sse-bot templates status")
    return well("WhatsApp", f"approved templates that ask learners in: {len(approved)}")


CHANNEL_CHECKS: tuple[Check, ...] = (telegram, whatsapp)
