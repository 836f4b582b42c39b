"""The process that serves, as ``sse-bot run`` starts it: its words, its loop, its end.

The command line (typer, and pydantic for its options) would stay with a bot for as long as it serves: 15 MiB and a
fifth of the start. So a plain ``run`` is understood here; help, mistakes and all else are the command line's.
"""

import asyncio
import gc
import os
import signal
from collections.abc import Coroutine, Sequence

import structlog

from bot.commands.frame import begin, remark

log = structlog.get_logger()

ROLES = ("web", "sender", "planner")
DRAIN_SECONDS = 10  # what container platforms wait at least between SIGTERM and SIGKILL


def plain_run(words: Sequence[str]) -> tuple[frozenset[str], bool] | None:
    """The roles of a ``run``, and whether it watches; None for whatever else was typed."""
    if words[:1] != ["run"]:
        return None
    roles, watch, rest = set(), False, iter(words[1:])
    for word in rest:
        role = next(rest, "") if word == "--role" else ""
        if word != "--watch" and role not in ROLES:
            return None
        roles |= {role} - {""}
        watch = watch or word == "--watch"
    return frozenset(roles), watch


def serve_here(roles: frozenset[str], *, watch: bool) -> None:
    """Serves in this process until it is told to stop."""
    gc.disable()  # until we serve: nothing of what a start makes is garbage, and looking cost a fifth of its time
    settings = begin()
    from bot.wiring import serve

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
        if not await _ended(task, patience):
            return False
    if not task.cancelled():
        task.result()
    log.info("stopped")
    return True


async def _ended(task: asyncio.Future[None], patience: float) -> bool:
    """Whether the task ends in time, and its threads: a file on a disk that does not answer keeps its reader."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    await asyncio.wait({task}, timeout=patience)
    threads = asyncio.ensure_future(loop.shutdown_default_executor())
    await asyncio.wait({threads}, timeout=max(0.0, until - loop.time()))
    return task.done() and threads.done()


def _on_the_fastest_loop(work: Coroutine[object, object, None]) -> None:
    """Runs on uvloop where it is installed: the same loop, less time a turn."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        asyncio.run(work)
        return
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(work)
