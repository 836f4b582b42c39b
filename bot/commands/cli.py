"""The command line. Each file holds one command or one group; whatever is slow to import is imported when it runs."""

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
