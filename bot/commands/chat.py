"""``sse-bot chat``: a lesson in the terminal, with the same engine as everywhere."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.frame import begin


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
    settings = begin(quiet=True)
    from bot.wiring import talk

    asyncio.run(talk(settings, language=lang, save=save, database_url=db))
