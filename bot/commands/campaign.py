"""``sse-bot campaign``: a link for each partner, and how many came over it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.frame import in_store, refuse, remark, say

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.rows import Campaign
    from storage.store import Store

group = typer.Typer(help="Links for partners, and who came over them.", no_args_is_help=True, rich_markup_mode=None)


@group.command()
def add(
    code: Annotated[str, typer.Argument(help="Short, for the link: letters, digits, - and _.")],
    title: Annotated[str, typer.Option(help="What it is for, in your words.")] = "",
) -> None:
    """Make a campaign and print its links.

    One link for each configured channel. Safe to repeat.

    \b
    sse-bot campaign add lagos-2026 --title "Lagos youth week"
    """
    from bot.engine.arrive import CAMPAIGN

    if not CAMPAIGN.fullmatch(code):
        raise refuse(f"{code!r} cannot stand in a link: use up to 64 letters, digits, - and _.")
    in_store(lambda store, settings: _add(store, settings, code, title), may_begin=True)


@group.command("list")
def list_() -> None:
    """List the campaigns and their joins.

    A join is counted without knowing who it was.

    \b
    sse-bot campaign list
    """
    for campaign in in_store(_all):
        say(f"{campaign.joins:7}  {campaign.code:24} {campaign.title}")


async def _all(store: "Store", _: "Settings") -> "list[Campaign]":
    return await store.campaigns()


async def _add(store: "Store", settings: "Settings", code: str, title: str) -> None:
    from bot.wiring import clock

    new = await store.add_campaign(code, title or code, clock())
    say(f"{code}: {'made' if new else 'was there already'}. Its links:")
    for link in links(settings, code, await _telegram_link(store, settings)):
        say(f"  {link}")


async def _telegram_link(store: "Store", settings: "Settings") -> str:
    """The bot's own link: as a running bot has learnt it, else asked, else with a stand-in for its name."""
    if settings.telegram_bot_token is None:
        return ""
    from bot.channels.telegram.start import LINK
    from bot.channels.telegram.whose import own
    from bot.commands.channel_checks import telegram_standing

    known = await store.recalled("telegram")
    if link := known.get(f"{own(settings.telegram_bot_token.get_secret_value(), known)}{LINK}"):
        return link
    if standing := await telegram_standing(settings):
        return standing.link
    remark("Telegram cannot be reached now: put your bot's name for YOUR_BOT.")
    return "https://t.me/YOUR_BOT"


def links(settings: "Settings", code: str, telegram_link: str) -> Iterator[str]:
    """How people arrive over the campaign, channel by channel."""
    yield f"{settings.chat_url}?c={code}"
    if settings.telegram:
        yield f"{telegram_link}?start={code}"
    if settings.twilio_whatsapp_sender:
        number = settings.twilio_whatsapp_sender.removeprefix("whatsapp:+")
        yield f"https://wa.me/{number}?text=START%20{code}"
