"""The command line. Each file holds one command or one group; whatever is slow to import is imported when it runs."""

from collections.abc import Sequence
from itertools import pairwise

import typer

from bot.commands import (
    campaign,
    chat,
    check,
    db,
    doctor,
    erase,
    export,
    forecast,
    i18n,
    inbox,
    preview,
    run,
    simulate,
    templates,
    why,
)  # fmt: skip
from bot.commands.frame import REFUSED, remark

ABOUT = """\
A chat companion that teaches the Social and Solidarity Economy in three minutes a day.

\b
Try it:          sse-bot chat
Serve it:        sse-bot run
See what is up:  sse-bot doctor
Get answers:     sse-bot export --out answers

Settings come from the environment and from .env in the current folder; .env.example explains them.
"""

# In the order of the help: using it, its content, its evidence, looking after it.
COMMANDS = (
    run.run, chat.chat, check.check, preview.preview, export.export, inbox.inbox, why.why, doctor.doctor,
    simulate.simulate, forecast.forecast, erase.erase,
)  # fmt: skip
GROUPS = {"campaign": campaign.group, "db": db.group, "i18n": i18n.group, "templates": templates.group}


def do(words: Sequence[str]) -> None:
    """Does what was typed, and leaves with its exit code."""
    if (option := before_nothing(words)) is not None:
        remark(f"After {option} stands an empty text. Write there what you mean, or leave {option} out.")
        raise SystemExit(REFUSED)
    make_cli()(words, prog_name="sse-bot")


def before_nothing(words: Sequence[str]) -> str | None:
    """An option with an empty text after it: a script's variable that was never set, and not a wish."""
    for word, following in pairwise([*words, "--"]):
        name, equals, value = word.partition("=")
        if word == "--":
            return None
        if name.startswith("--") and not (value if equals else following).strip():
            return name
    return None


def make_cli() -> typer.Typer:
    """The whole command line, made anew each time."""
    cli = typer.Typer(
        help=ABOUT,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,  # a trace with local variables could show what learners wrote
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for command in COMMANDS:
        cli.command()(command)
    for name, group in GROUPS.items():
        cli.add_typer(group, name=name)
    return cli
