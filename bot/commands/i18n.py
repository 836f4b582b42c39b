"""``sse-bot i18n``: from lessons to files for translators, and back in step after a change."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.frame import ROOT, say

if TYPE_CHECKING:
    from bot.content.extract import Synced

group = typer.Typer(help="Files for translators.", no_args_is_help=True, rich_markup_mode=None)


@group.command()
def extract() -> None:
    """Write the templates (POT files).

    Every text there is to translate, with its notes and limits.

    \b
    sse-bot i18n extract
    """
    from bot.content.extract import extract

    _tell(extract(ROOT))


@group.command()
def sync(
    languages: Annotated[list[str] | None, typer.Argument(help="Codes like es fr; all of them if none.")] = None,
) -> None:
    """Bring the PO files in step with the English.

    Translations are never lost. What changed in English is marked fuzzy and keeps the English it was made
    from; new texts wait for words.

    \b
    sse-bot i18n sync
    sse-bot i18n sync es fr
    """
    from bot.content.extract import sync

    _tell(sync(ROOT, languages or ()))


def _tell(synced: "Synced") -> None:
    for path in synced.written:
        say(f"written  {path}")
    if not synced.written:
        say("Every file was in step already.")
    for language, count in synced.waiting.items():
        say(f"{language}: {count or 'no'} text{'' if count == 1 else 's'} waiting for words")
