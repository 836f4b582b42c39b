"""``sse-bot templates``: the few WhatsApp templates that carry buttons and lists."""

from typing import TYPE_CHECKING

import typer

from bot.commands.frame import in_store, refuse, remark, say

if TYPE_CHECKING:
    from bot.channels.whatsapp.client import Client
    from bot.settings import Settings
    from storage.store import Store

group = typer.Typer(
    help="WhatsApp's templates for buttons and lists.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@group.command()
def sync() -> None:
    """Make the templates that are missing.

    They are made at Twilio and remembered here. A few generic ones serve every lesson in every language. They
    are used inside the 24-hour window only, so nothing waits for approval. Without them learners get numbered
    text. Safe to repeat.

    \b
    sse-bot templates sync
    """
    in_store(_sync)


@group.command()
def status() -> None:
    """Show which templates are there.

    \b
    sse-bot templates status
    """
    in_store(_status)


async def _sync(store: "Store", settings: "Settings") -> None:
    from bot.channels.whatsapp import templates
    from bot.channels.whatsapp.client import Lost, NotSent, TemplateRefused
    from bot.wiring.whatsapp import TEMPLATE

    client = _client(settings)
    made = 0

    async def create(body: dict[str, object]) -> str:
        nonlocal made
        sid = await client.create_template(body)
        made += 1
        remark(f"made  {body['friendly_name']}  ({made})")
        return sid

    try:
        known = await templates.sync(await client.templates(), create, f"{settings.public_url}/media")
    except TemplateRefused as refused:
        raise refuse(f"{refused} → Look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, then repeat.") from refused
    except (Lost, NotSent) as away:
        raise refuse(f"Twilio cannot be reached ({away}) → Look at the network, then repeat.") from away
    finally:
        await client.close()
    await store.remember("whatsapp", {f"{TEMPLATE}{name}": sid for name, sid in known.items()})
    say(f"{len(known)} templates are ready, {made} of them new. A running bot uses them from its next start.")


async def _status(store: "Store", settings: "Settings") -> None:
    from bot.channels.whatsapp import templates
    from bot.channels.whatsapp.client import Lost, NotSent
    from bot.wiring.whatsapp import TEMPLATE

    client = _client(settings)
    try:
        at_twilio = await client.templates()
    except (Lost, NotSent) as away:
        raise refuse(f"Twilio cannot be reached ({away}) → Look at the network, then repeat.") from away
    finally:
        await client.close()
    remembered = await store.recalled("whatsapp")
    standing = templates.standing(at_twilio, f"{settings.public_url}/media")
    for one in standing:
        here = remembered.get(f"{TEMPLATE}{one.template.name}") == one.sid if one.sid else False
        state = "ready" if here else ("at Twilio, not remembered here" if one.sid else "missing")
        say(f"{one.template.name:20} {one.sid or '-':36} {state}")
    if any(one.sid is None for one in standing):
        remark("Make what is missing: sse-bot templates sync")


def _client(settings: "Settings") -> "Client":
    from bot.channels.whatsapp.client import Client
    from bot.wiring.whatsapp import account

    if not settings.whatsapp:
        raise refuse("WhatsApp is not configured → Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_WHATSAPP_SENDER.")
    return Client(account(settings))
