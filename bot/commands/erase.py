"""``sse-bot erase``: for people who ask by letter, or can no longer write to the bot."""

import re
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.frame import FOUND, in_store, refuse, remark, say

if TYPE_CHECKING:
    from storage.store import Store

# What an address can be in each channel, and how to write it.
CHANNELS = {
    "telegram": (re.compile(r"[0-9]+"), "digits, like telegram:123456789"),
    "whatsapp": (
        re.compile(r"\+[1-9][0-9]{5,14}|[A-Z]{2}\.[A-Za-z0-9]{1,128}"),
        "a number with its country, like whatsapp:+34600123456, or a user id like whatsapp:ES.1A2B",
    ),
    "web": (re.compile(r"[A-Za-z0-9_-]+"), "the value of the chat's cookie: letters, digits, - and _"),
    "console": (re.compile(r".+"), "a name, like console:me"),
}


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
    channel, _, place = (part.strip() for part in (_typed() if address == "-" else address).partition(":"))
    if not channel or not place:
        raise refuse("Write the address as CHANNEL:ADDRESS, like telegram:123456789 or whatsapp:+34600123456.")
    if channel not in CHANNELS:
        raise refuse(f"{channel} is no channel: use {', '.join(CHANNELS)}.")
    place = _international(place) if channel == "whatsapp" else place
    form, told = CHANNELS[channel]
    if not form.fullmatch(place):  # it is not repeated: it may be somebody's
        raise refuse(f"That can be no address on {channel}: write {told}.")
    # WhatsApp's own form of an address begins with the channel's name.
    return channel, f"whatsapp:{place}" if channel == "whatsapp" else place


def _typed() -> str:
    """Asked for where nobody sees it; from a pipe it is read as it comes."""
    if sys.stdin.isatty():
        return str(typer.prompt("CHANNEL:ADDRESS", hide_input=True, err=True))
    return sys.stdin.readline()


def _international(number: str) -> str:
    """A number as WhatsApp writes it, from how people write it; what is no number stays as it is."""
    bare = re.sub(r"[\s().\-/]", "", number)
    if "(0)" in number or not re.fullmatch(r"\+?[0-9]+", bare):  # (0) may fall away abroad, or not: nobody can tell
        return number
    return bare if bare.startswith("+") else f"+{bare.removeprefix('00')}"


async def _erase(store: "Store", channel: str, place: str, yes: bool) -> int:
    from bot.engine.events import Address

    learner_id = await store.learner_at(Address(channel, place))
    if learner_id is None:
        remark("Nobody is known at that address: there is nothing to erase.")
        await _tell_of_copies(store)
        return FOUND
    async with store.transaction() as tx:
        rows = {table: len(found) for table, found in (await tx.everything_of(learner_id)).items() if found}
        if yes:
            await tx.erase([learner_id])
    if yes:
        await store.vacuum()
    say("  ".join(f"{table} {count}" for table, count in rows.items()))
    await _tell_of_copies(store)
    say("Erased." if yes else "Nothing was erased yet: add --yes to erase these rows.")
    return 0


async def _tell_of_copies(store: "Store") -> None:
    """An erasure does not reach into the copies that migrations made; whoever erases must know."""
    from storage.retention import KEEPING

    for copy, made_at in await store.copies():
        remark(
            f"{copy} is a copy from before a migration, of {made_at:%Y-%m-%d}, and still holds what was there then. "
            f"A running bot removes it after {KEEPING.copy.days} days; to remove it now: rm {shlex.quote(str(copy))}"
        )
