"""``sse-bot chat``: a lesson in the terminal, with the same engine as everywhere."""

import asyncio
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.frame import begin, refuse, remark, say, without_platforms
from bot.places import folder_fault, may_write

if TYPE_CHECKING:
    from bot.settings import Settings

A_TRY = "This is a try: nothing is kept after it ends, and nothing comes by itself. Ctrl+D ends it."


def chat(
    lang: Annotated[str, typer.Option(help="The language to begin in, like es or fr.")] = "en",
    save: Annotated[Path | None, typer.Option(help="Record the talk as a golden conversation (YAML).")] = None,
    db: Annotated[
        str | None, typer.Option(help="A database URL to keep the talk in.", show_default="kept nowhere")
    ] = None,
) -> None:
    """Take a lesson in this terminal. Nothing is kept unless you ask for it. Ctrl+D ends the talk.

    \b
    sse-bot chat
    sse-bot chat --lang fr
    sse-bot chat --save tests/conversations/my-talk.yaml
    sse-bot chat --db sqlite+aiosqlite:///data/sse-bot.sqlite3
    """
    if save is not None and (fault := _unsavable(save)):
        raise refuse(f"--save {save}: {fault}. Name another file.")
    settings = without_platforms(begin(quiet=True))
    if db is not None:
        asyncio.run(_talk(replace(settings, database_url=db), lang, save))
        return
    remark(A_TRY)
    with throw_away(settings) as passing:
        asyncio.run(_talk(passing, lang, save))


def _unsavable(file: Path) -> str:
    """Why a talk could not be kept there: told before somebody has talked."""
    if file.is_dir():
        return "it is a folder"
    if file.exists() and not may_write(file):
        return "it cannot be written to"
    return folder_fault(file.parent)


@contextmanager
def throw_away(settings: "Settings") -> "Iterator[Settings]":
    """The settings with a folder, a database and a key of their own, gone when the talk is."""
    from bot.settings import Secret

    with tempfile.TemporaryDirectory(prefix="sse-bot-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/talk.sqlite3"
        key = Secret(secrets.token_urlsafe(48))
        yield replace(settings, database_url=url, secret_key=key, data_dir=Path(folder))


async def _talk(settings: "Settings", language: str, save: Path | None) -> None:
    from bot.channels.console import chat, coloured, typed_lines
    from bot.channels.recording import Recorder
    from bot.wiring import open_house

    seed = secrets.randbits(32)
    recorder = Recorder(language, seed)
    shown = coloured if sys.stdout.isatty() else str
    async with open_house(settings) as house:
        house.service.new_id = lambda: (secrets.token_urlsafe(16), seed)  # so that a recorded talk can be played again
        lines = typed_lines("> " if sys.stdin.isatty() else "")
        await chat(
            house.service.handle, lines, lambda text: say(f"\n{shown(text)}\n"), clock=house.clock, recorder=recorder
        )
    if save is not None:
        recorder.save(save)
        remark(f"Saved as {save}")
