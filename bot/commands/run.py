"""``sse-bot run``: everything that is configured, in one process or split by role."""

import asyncio
import gc
import os
import signal
from collections.abc import Coroutine
from enum import StrEnum
from typing import Annotated

import structlog
import typer

from bot.commands.frame import begin, remark

log = structlog.get_logger()

DRAIN_SECONDS = 10  # what container platforms wait at least between SIGTERM and SIGKILL


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
    gc.disable()  # until we serve: nothing of what a start makes is garbage, and looking cost a fifth of its time
    settings = begin()
    from bot.wiring import serve

    roles = frozenset(chosen.value for chosen in role or ())
    _on_the_fastest_loop(_supervised(serve(settings, roles, watch=watch)))


async def _supervised(work: Coroutine[object, object, None]) -> None:
    if not await until_told(work):
        remark("Not everything ended in time; what is left stands in the database and goes on at the next start.")
        os._exit(1)  # a task that does not end would keep the process


async def until_told(work: Coroutine[object, object, None], *, patience: float = DRAIN_SECONDS) -> bool:
    """Works until SIGTERM or SIGINT, then lets it finish what it holds; False when that took too long."""
    task = asyncio.ensure_future(work)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.set)
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if told.is_set() and not task.done():
        log.info("stopping", seconds=patience)
        task.cancel()
        await asyncio.wait({task}, timeout=patience)
        if not task.done():
            return False
    if not task.cancelled():
        task.result()
    log.info("stopped")
    return True


def _on_the_fastest_loop(work: Coroutine[object, object, None]) -> None:
    """Runs on uvloop where it is installed: the same loop, less time a turn."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        asyncio.run(work)
        return
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(work)
