"""``sse-bot db``: the schema, looked at and brought up to date."""

import asyncio
from typing import TYPE_CHECKING

import typer

from bot.commands.frame import FOUND, begin, say

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

group = typer.Typer(help="The database's schema.", no_args_is_help=True, rich_markup_mode=None)


@group.command()
def status() -> None:
    """Tell the schema's version and the one needed.

    Leaves with 1 when they differ.

    \b
    sse-bot db status
    """
    raise typer.Exit(asyncio.run(_status()))


@group.command()
def upgrade() -> None:
    """Bring the schema up to date.

    Safe to repeat; SQLite is copied first. PostgreSQL needs this before a new version
    starts; SQLite does it by itself at the start.

    \b
    sse-bot db upgrade
    """
    asyncio.run(_upgrade())


async def _status() -> int:
    from storage.schema import status

    engine = _engine()
    try:
        found, needed = await status(engine)
    finally:
        await engine.dispose()
    say(f"{engine.dialect.name}: {'no tables yet' if found is None else f'schema {found}'}; this bot needs {needed}.")
    if found != needed:
        say("Run: sse-bot db upgrade" if found is None or found < needed else "A newer bot has been here.")
    return 0 if found == needed else FOUND


async def _upgrade() -> None:
    from storage.schema import status, upgrade

    engine = _engine()
    try:
        before, _ = await status(engine)
        await upgrade(engine)
        after, _ = await status(engine)
    finally:
        await engine.dispose()
    say(f"Schema {after}: {'nothing to do' if before == after else 'up to date now'}.")


def _engine() -> "AsyncEngine":
    from storage.engine import open_engine

    return open_engine(begin(quiet=True).database_url)
