"""``sse-bot run``: everything that is configured, in one process or split by role."""

from enum import StrEnum
from typing import Annotated

import typer

from bot.commands.process import serve_here


class Role(StrEnum):
    """A share of the work; all of them in one process unless named."""

    WEB = "web"
    SENDER = "sender"
    PLANNER = "planner"


Roles = Annotated[
    list[Role] | None,
    typer.Option("--role", metavar="ROLE", help="Only web, only sender, or only planner.", show_default="all"),
]


Watch = Annotated[bool, typer.Option("--watch", help="Take lessons and words up as soon as their files change.")]


def run(role: Roles = None, watch: Watch = False) -> None:
    """Serve everything that is configured, until Ctrl+C.

    The web chat always; Telegram when it has a token; WhatsApp when it has its Twilio settings.
    Split over several processes by role, on PostgreSQL. SIGHUP takes changed lessons and words up;
    broken ones are told of in the log and change nothing.

    \b
    sse-bot run
    PORT=8080 sse-bot run
    sse-bot run --role web
    sse-bot run --watch
    """
    serve_here(frozenset(chosen.value for chosen in role or ()), watch=watch)
