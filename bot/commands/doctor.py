"""``sse-bot doctor``: one line a check, and what to do."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.frame import FOUND, ROOT, begin, open_store, say, sign

if TYPE_CHECKING:
    from bot.doctor import Finding
    from bot.settings import Settings


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for programs.")] = False,
) -> None:
    """Look at everything: settings, database, books, lessons, languages, disk, clock.

    ✓ is well, ! could be better, ✗ must be mended (and the command leaves with 1); each with its cure.

    \b
    sse-bot doctor
    """
    raise typer.Exit(asyncio.run(_doctor(as_json)))


async def _doctor(as_json: bool) -> int:
    from bot.doctor import Finding, Health, bad
    from bot.errors import ConfigurationRefused

    worst = 0
    show = _plain if as_json else _line
    try:
        settings = begin(quiet=True)
    except ConfigurationRefused as refused:
        say(show(bad("settings", refused.reason, refused.cure)))
        return FOUND
    finding: Finding
    async for finding in _findings(settings):
        say(show(finding))
        worst = FOUND if finding.health is Health.BAD else worst
    return worst


async def _findings(settings: "Settings") -> "AsyncIterator[Finding]":
    from bot.doctor import Patient, examine
    from bot.errors import SseBotError
    from bot.wiring import clock

    async with AsyncExitStack() as stack:
        try:
            patient = Patient(settings, ROOT, clock(), await stack.enter_async_context(open_store(settings)))
        except SseBotError as refused:
            patient = Patient(settings, ROOT, clock(), trouble=str(refused))
        async for finding in examine(patient):
            yield finding


def _line(finding: "Finding") -> str:
    cure = f"  → {finding.cure}" if finding.cure else ""
    return f"{sign(finding.health.value)} {finding.name:22} {finding.seen}{cure}"


def _plain(finding: "Finding") -> str:
    told = {"health": finding.health.name.lower(), "name": finding.name, "seen": finding.seen, "cure": finding.cure}
    return json.dumps(told, ensure_ascii=False)
