"""``sse-bot check``: every complaint about lessons and translations, at once."""

from typing import Annotated

import typer

from bot.commands.frame import ROOT


def check(
    stats: Annotated[bool, typer.Option("--stats", help="Also count lessons, words and languages.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Check lessons and translations.

    Each complaint has its file, its line and a cure. Leaves with 1 when something must be put right.
    Needs no database and no settings.

    \b
    sse-bot check
    sse-bot check --stats
    sse-bot check --stats --json
    """
    from bot.content.check import run

    raise typer.Exit(run(ROOT, as_json, stats))
