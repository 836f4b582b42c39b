"""Introduces the bot to Telegram in a process of its own: python-telegram-bot would stay with the bot for ever.

The process is started when something of the introduction has changed. It reads account and introduction from its
standard input (others may read a command line) and says in JSON how it went.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import orjson

from bot.channels.telegram.setup import Introduction, NotReady, introduce, open_bot
from bot.errors import PlatformRefused

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120.0  # seconds for some thirty calls, and the process itself


async def introduce_elsewhere(token: str, base: str, introduced: Iterable[Introduction]) -> None:
    """Raises ``PlatformRefused`` where Telegram will not have it, ``NotReady`` where that cannot be told."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.channels.telegram.introducing",
        stdin=PIPE, stdout=PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
    )  # fmt: skip
    task = orjson.dumps({"token": token, "base": base, "introduced": [asdict(one) for one in introduced]})
    try:
        async with asyncio.timeout(PATIENCE):
            told, _ = await child.communicate(task)
        said = orjson.loads(told)
    except (TimeoutError, ValueError) as silent:
        raise NotReady("no word of the introduction") from silent
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if refused := said.get("refused"):
        raise PlatformRefused(*refused)
    if trouble := said.get("trouble"):
        raise NotReady(trouble, said.get("after", 0.0))


async def _introduced(token: str, base: str, introduced: Iterable[Introduction]) -> dict[str, object]:
    """In the process of its own: how it went."""
    from telegram.error import RetryAfter

    try:
        async with open_bot(token, base) as bot:
            await introduce(bot, introduced)
    except PlatformRefused as refused:
        return {"refused": [refused.reason, refused.cure]}
    except RetryAfter as told:
        return {"trouble": "RetryAfter", "after": _seconds(told.retry_after)}
    except Exception as trouble:  # also what the library makes of an answer that it does not know
        return {"trouble": type(trouble).__name__}
    return {}


def _seconds(told: float | timedelta) -> float:
    """The library's word for a wait, which changes its type with a setting and the next version."""
    return told.total_seconds() if isinstance(told, timedelta) else told


def main() -> None:
    task = orjson.loads(sys.stdin.buffer.read())
    introduced = [Introduction(**one) for one in task["introduced"]]
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(_introduced(task["token"], task["base"], introduced))))


if __name__ == "__main__":
    main()
