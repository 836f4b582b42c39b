"""What every command begins and ends with."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import typer

    from bot.settings import Settings
    from bot.wiring import House
    from storage.store import Store

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
FOUND, REFUSED = 1, 2  # exit codes beside 0: something is wrong; nothing was done


def begin(*, quiet: bool = False) -> "Settings":
    """The settings, and logs set up after them; ``quiet`` for commands whose output is for reading."""
    from bot.logs import set_up_logs
    from bot.settings import load_settings

    settings = load_settings()
    set_up_logs("warning" if quiet else settings.log_level, settings.log_format, secrets=settings.secrets())
    return settings


def in_house(work: "Callable[[House], Awaitable[T]]") -> T:
    """Does ``work`` with an existing database and the content open, and closes them."""
    from bot.wiring import open_house

    settings = begin(quiet=True)

    async def opened() -> T:
        await must_be_there(settings)
        async with open_house(without_platforms(settings)) as house:
            return await work(house)

    return asyncio.run(opened())


def without_platforms(settings: "Settings") -> "Settings":
    """The same settings with no messaging platform on: a command neither sends nor listens."""
    return replace(settings, telegram_bot_token=None, twilio_account_sid=None)


def in_store(work: "Callable[[Store, Settings], Awaitable[T]]", *, may_begin: bool = False) -> T:
    """Does ``work`` with the database alone: broken lessons are no reason not to look after it.

    A new one is made only with ``may_begin``: whoever looks would else find nothing in it, and believe that.
    """
    settings = begin(quiet=True)

    async def opened() -> T:
        if not may_begin:
            await must_be_there(settings)
        async with open_store(settings) as store:
            return await work(store, settings)

    return asyncio.run(opened())


async def must_be_there(settings: "Settings") -> None:
    """Refuses where there is no database yet, before anything is made: neither a folder nor a key."""
    from storage import schema
    from storage.engine import open_engine

    engine = open_engine(settings.database_url)
    try:
        await schema.must_be_there(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def open_store(settings: "Settings") -> "AsyncIterator[Store]":
    """The database, brought up to date where that is ours to do, with the key it was begun with."""
    from bot.key_check import same_key
    from bot.seal import Seal
    from storage.engine import open_engine
    from storage.schema import prepare
    from storage.store import Store

    store = Store(open_engine(settings.database_url), Seal(settings.key()))
    try:
        await prepare(store.engine)
        await same_key(store)
        yield store
    finally:
        await store.close()


def say(line: str = "") -> None:
    """A line of output, for a person or a program to read."""
    import typer  # here and below: a bot that serves does without (bot/commands/process.py)

    typer.echo(line)


def remark(line: str) -> None:
    """A line beside the output: progress, hints, refusals."""
    import typer

    typer.echo(line, err=True)


def refuse(line: str) -> "typer.Exit":
    """To be raised: says why nothing was done."""
    import typer

    remark(line)
    return typer.Exit(REFUSED)


def sign(mark: str) -> str:
    """A mark as this terminal can show it: one that cannot gets letters."""
    try:
        mark.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return {"✓": "ok ", "✗": "BAD"}[mark]
    return mark
