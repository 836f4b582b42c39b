"""``sse-bot templates``: WhatsApp's templates, for buttons and lists, and for asking learners in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import typer

from bot.commands.frame import FOUND, begin, in_store, refuse, remark, say

if TYPE_CHECKING:
    from bot.channels.whatsapp.asked import Asked, Standing
    from bot.channels.whatsapp.client import Client
    from bot.settings import Settings
    from storage.store import Store

group = typer.Typer(
    help="WhatsApp's templates: buttons, lists, invitations.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@group.command()
def plan() -> None:
    """Show what a sync would do.

    Each template that asks learners in is shown in each language: its text as Meta reads it, its button, and
    whether it would be made and submitted. Nothing is changed. Without WhatsApp's settings it shows them all as
    not there yet.

    \b
    sse-bot templates plan
    """
    asyncio.run(_plan(begin(quiet=True)))


@group.command()
def sync() -> None:
    """Make what is missing, and submit what needs approval.

    A few generic ones carry buttons and lists inside the 24-hour window, in every language, and wait for nobody.
    Those that ask learners in after it are submitted to Meta as utility templates, once; nothing is sent on them
    before they are approved. One that was rejected is reported and not submitted again. Safe to repeat.

    \b
    sse-bot templates sync
    """
    in_store(_sync, may_begin=True)


@group.command()
def status() -> None:
    """Show what is there, and what Meta says of it.

    \b
    sse-bot templates status
    """
    in_store(_status)


async def _plan(settings: "Settings") -> None:
    from bot.channels.whatsapp import approvals, templates
    from bot.channels.whatsapp.asked import SAMPLE, TIME

    wanted = _wanted(settings)
    at_twilio: dict[str, str] = {}
    judged: Sequence[Standing] = approvals.standings(wanted, ())
    if settings.whatsapp:
        async with _client(settings) as client:
            at_twilio = await client.templates()
            judged = approvals.standings(wanted, await client.judged_templates())
    generic = [s for s in templates.standing(at_twilio, f"{settings.public_url}/media") if s.sid is None]
    for missing in generic:
        say(f"make  {missing.template.name}  (needs no approval)")
    for asked, standing in zip(wanted, judged, strict=True):
        say()
        say(f"{_step(standing)}  {asked.name}  ({asked.language}, utility)")
        say(f"    {asked.text}")
        say(f"    [{asked.button}]")
        if asked.samples:
            say(f"    {TIME} is its variable, {SAMPLE} the sample")
    steps = [_step(standing) for standing in judged]
    say()
    say(
        f"To make: {len(generic) + steps.count('make, submit')}. "
        f"To submit: {steps.count('make, submit') + steps.count('submit')}. Nothing was changed."
    )


def _step(standing: "Standing") -> str:
    from bot.channels.whatsapp.asked import MADE, MISSING

    return {MISSING: "make, submit", MADE: "submit"}.get(standing.state, standing.state)


async def _sync(store: "Store", settings: "Settings") -> None:
    from bot.channels.whatsapp import approvals, templates
    from bot.wiring.approvals import keep
    from bot.wiring.whatsapp import TEMPLATE

    wanted = _wanted(settings)
    made = 0

    async with _client(settings) as client:

        async def create(body: dict[str, object]) -> str:
            nonlocal made
            sid = await client.create_template(body)
            made += 1
            remark(f"made  {body['friendly_name']}  ({made})")
            return sid

        known = await templates.sync(await client.templates(), create, f"{settings.public_url}/media")
        ready = {f"{TEMPLATE}{name}": sid for name, sid in known.items()}
        unknown = ready.items() - (await store.recalled("whatsapp")).items()
        await store.remember("whatsapp", ready)
        # Buttons and lists are read at the start; those that ask learners in are followed while the bot runs.
        later = " A running bot uses what is new here from its next start." if unknown else ""
        say(f"{len(known)} templates are ready, {made} of them new.{later}")
        judged: list[Standing] = []
        try:
            async for one in approvals.sync(client, wanted, _progress):
                judged.append(one)
        finally:
            await keep(store, judged)
    _tell(judged)


def _progress(what: str, one: "Standing") -> None:
    remark(f"{what}  {one.name}  ({one.state})")


def _tell(judged: "Sequence[Standing]") -> None:
    """How the templates stand that ask learners in, and what to do about each that needs it."""
    from bot.channels.whatsapp.approvals import advice

    for one in judged:
        if cure := advice(one):
            say(f"{one.name}: {_state(one)} → {cure}")
    approved = sum(one.approved for one in judged)
    say(f"{approved} of {len(judged)} templates that ask learners in are approved.")
    if any(one.state in ("received", "pending") for one in judged):
        remark("Meta looks at the others, mostly within a day: sse-bot templates status")
    if any(one.state in ("missing", "made", "rejected") for one in judged):
        raise typer.Exit(FOUND)


def _state(one: "Standing") -> str:
    told = f"{one.state} ({one.reason})" if one.reason else one.state
    return f"{told} as {one.category}" if one.approved else told


async def _status(store: "Store", settings: "Settings") -> None:
    from bot.channels.whatsapp import approvals, templates
    from bot.wiring.approvals import keep, recalled
    from bot.wiring.whatsapp import TEMPLATE

    async with _client(settings) as client:
        at_twilio = await client.templates()
        judged = approvals.standings(_wanted(settings), await client.judged_templates())
    remembered = await store.recalled("whatsapp")
    standing = templates.standing(at_twilio, f"{settings.public_url}/media")
    for one in standing:
        here = remembered.get(f"{TEMPLATE}{one.template.name}") == one.sid if one.sid else False
        state = "ready" if here else ("at Twilio, not remembered here" if one.sid else "missing")
        say(f"{one.template.name:20} {one.sid or '-':36} {state}")
    known = await recalled(store)
    for asked in judged:
        unknown = ", not remembered here" if asked.sid and asked.name not in known else ""
        say(f"{asked.name:44} {asked.language:6} {_state(asked)}{unknown}")
    await keep(store, [one for one in judged if one.name in known])
    if any(one.sid is None for one in standing) or any(one.state in ("missing", "made") for one in judged):
        remark("Make and submit what is missing: sse-bot templates sync")
    for asked in judged:
        if asked.sid and (cure := approvals.advice(asked)):
            remark(f"{asked.name}: {cure}")


def _wanted(settings: "Settings") -> "list[Asked]":
    from bot.channels.whatsapp.asked import wanted
    from bot.wiring import read_content

    return wanted(read_content(settings, set()).catalogue)


@asynccontextmanager
async def _client(settings: "Settings") -> "AsyncIterator[Client]":
    """A session to Twilio; what goes wrong there ends the command with its reason."""
    from bot.channels.whatsapp.client import Client, Lost, NotSent, TemplateRefused
    from bot.wiring.whatsapp import account

    if not settings.whatsapp:
        raise refuse("WhatsApp is not configured → Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_WHATSAPP_SENDER.")
    client = Client(account(settings))
    try:
        yield client
    except TemplateRefused as refused:
        raise refuse(f"{refused} → Look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, then repeat.") from refused
    except (Lost, NotSent) as away:
        raise refuse(f"Twilio cannot be reached ({away}) → Look at the network, then repeat.") from away
    finally:
        await client.close()
