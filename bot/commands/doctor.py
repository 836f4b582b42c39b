"""``sse-bot doctor``: one line a check, and what to do."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.frame import FOUND, ROOT, begin, say, sign

if TYPE_CHECKING:
    from bot.doctor import Finding
    from bot.settings import Settings
    from storage.store import Store


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for programs.")] = False,
) -> None:
    """Look at everything and say what to mend.

    Settings, database, books, lessons, languages, disk, clock:
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
    from bot.commands.channel_checks import CHANNEL_CHECKS
    from bot.doctor import Patient, examine
    from bot.wiring import clock

    async with opened(settings) as (store, opening):
        async for finding in examine(Patient(settings, ROOT, clock(), store, opening), CHANNEL_CHECKS):
            yield finding


@asynccontextmanager
async def opened(settings: "Settings") -> "AsyncIterator[tuple[Store | None, Finding]]":
    """The store as it stands, and how opening it went; nothing is made or brought up to date."""
    from bot.doctor import bad, well
    from bot.errors import SseBotError
    from bot.key_check import same_key
    from bot.seal import Seal
    from storage.engine import open_engine
    from storage.schema import status
    from storage.store import Store

    engine = open_engine(settings.database_url)
    close: Callable[[], Awaitable[None]] = engine.dispose
    store = None
    try:
        found, needed = await status(engine)
        if found == needed:
            store = Store(engine, Seal(settings.key()))
            close = store.close
            await same_key(store)
        opening = well("database", f"{engine.dialect.name}, schema {needed}") if store else _stage(found, needed)
    except SseBotError as refusal:
        store, opening = None, bad("database", refusal.reason, refusal.cure)
    try:
        yield store, opening
    finally:
        await close()


def _stage(found: int | None, needed: int) -> "Finding":
    from bot.doctor import better

    if found is None:
        return better("database", "not made yet", "SQLite is made at the first start; PostgreSQL: sse-bot db upgrade")
    if found < needed:
        return better("database", f"schema {found}, this bot needs {needed}", "Run: sse-bot db upgrade")
    return better("database", f"schema {found}, made by a newer bot", "Start the newer one where you can.")


def _line(finding: "Finding") -> str:
    cure = f"  → {finding.cure}" if finding.cure else ""
    return f"{sign(finding.health.value)} {finding.name:22} {finding.seen}{cure}"


def _plain(finding: "Finding") -> str:
    told = {"health": finding.health.name.lower(), "name": finding.name, "seen": finding.seen, "cure": finding.cure}
    return json.dumps(told, ensure_ascii=False)
