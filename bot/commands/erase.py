"""``sse-bot erase``: for people who ask by letter, or can no longer write to the bot."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.frame import FOUND, in_store, refuse, remark, say

if TYPE_CHECKING:
    from storage.store import Store

CHANNELS = ("telegram", "whatsapp", "web", "console")


def erase(
    address: Annotated[str, typer.Argument(help="CHANNEL:ADDRESS, or - to type it where nobody sees it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this, only say what would go.")] = False,
) -> None:
    """Erase everything about one learner.

    The same as when they write DELETE themselves. Make sure first that the address is theirs. There is no way back.

    \b
    sse-bot erase telegram:123456789
    sse-bot erase whatsapp:+34600123456 --yes
    sse-bot erase - --yes
    """
    channel, place = placed(address)
    raise typer.Exit(in_store(lambda store, _: _erase(store, channel, place, yes)))


def placed(address: str) -> tuple[str, str]:
    """The channel and the place of an address as an operator writes it; ``-`` asks for it."""
    if address == "-":
        address = typer.prompt("CHANNEL:ADDRESS", hide_input=True, err=True)
    channel, _, place = address.partition(":")
    if not channel or not place:
        raise refuse("Write the address as CHANNEL:ADDRESS, like telegram:123456789 or whatsapp:+34600123456.")
    if channel not in CHANNELS:
        raise refuse(f"{channel} is no channel: use {', '.join(CHANNELS)}.")
    # WhatsApp's own form of an address already begins with the channel's name.
    return channel, address if channel == "whatsapp" else place


async def _erase(store: "Store", channel: str, place: str, yes: bool) -> int:
    from bot.engine.events import Address

    learner_id = await store.learner_at(Address(channel, place))
    if learner_id is None:
        remark("Nobody is known at that address: there is nothing to erase.")
        return FOUND
    async with store.transaction() as tx:
        rows = {table: len(found) for table, found in (await tx.everything_of(learner_id)).items() if found}
        if yes:
            await tx.erase([learner_id])
    say("  ".join(f"{table} {count}" for table, count in rows.items()))
    say("Erased." if yes else "Nothing was erased yet: add --yes to erase these rows.")
    return 0
