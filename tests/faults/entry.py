"""``sse-bot run`` as it is, but for what the environment asks for: an end at a named step, a planted bug.

DIE_AT=step:n   the process kills itself when it comes to this step for the n-th time
BUG=name        one of the bugs that the harness must catch
LEASE=seconds   a lease that runs out sooner, so that nobody waits a quarter of a minute for its end
CONTENT=folder  lessons, words and policies from there

At SIGUSR1 it will freeze itself as soon as it has claimed parts and not sent them yet: the worst moment there is.
SIGUSR2 calls that off, also when both come at once.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.door import Door
from bot.commands import process
from bot.delivery import lease
from bot.delivery.bookkeeping import Bookkeeping
from bot.delivery.following import Following
from bot.delivery.sender import Sender
from bot.wiring import house, serving
from bot.wiring.house import House
from storage.transaction import Transaction
from tests.faults import planted

SLOW = 120  # seconds

# Step → what is stepped into or out of.
STEPS: dict[str, tuple[type, str, str]] = {
    "arrived": (Door, "take", "before"),
    "decided": (Transaction, "save", "before"),
    "written": (Transaction, "write_books", "after"),
    "committed": (House, "after_commit", "before"),
    "claimed": (Sender, "_start", "before"),
    "sending": (TelegramChannel, "send", "before"),
    "sent": (TelegramChannel, "send", "after"),
    "marked": (Bookkeeping, "kept", "before"),
}


# Steps that are come to only where a platform refuses something, so not in every life.
RARE: dict[str, tuple[type, str, str]] = {"following": (Following, "_taken", "before")}


class Fuse:
    """Ends the process when it has burnt down."""

    def __init__(self, length: int) -> None:
        self.left = length

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Frost:
    """Freezes the process when it next comes by, each time that it was asked for."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGUSR1, self._ask)
        signal.signal(signal.SIGUSR2, self._call_off)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def _call_off(self, *_: object) -> None:
        self.asked = False

    def burn(self) -> None:
        if self.asked:
            self.asked = False
            os.kill(os.getpid(), signal.SIGSTOP)


def lay(step: str, fuse: Fuse | Frost) -> None:
    """Lays a fuse at a step."""
    owner, name, side = (STEPS | RARE)[step]
    setattr(owner, name, _fused(getattr(owner, name), fuse, side))


def _fused(original: Callable[..., Any], fuse: Fuse | Frost, side: str) -> Callable[..., Any]:
    if not asyncio.iscoroutinefunction(original):

        @wraps(original)
        def burning(*args: Any, **kwargs: Any) -> Any:
            fuse.burn()
            return original(*args, **kwargs)

        return burning

    @wraps(original)
    async def burning_too(*args: Any, **kwargs: Any) -> Any:
        if side == "before":
            fuse.burn()
        result = await original(*args, **kwargs)
        if side == "after" and result != []:  # an empty look at the outbox is no step
            fuse.burn()
        return result

    return burning_too


async def _no_pictures(*_: object) -> None:
    """Drawing them takes a minute of a core and is no part of what is tried here."""
    await asyncio.Event().wait()


def prepare(env: dict[str, str]) -> None:
    serving.draw = _no_pictures
    process.until_told.__kwdefaults__["patience"] = SLOW  # a busy machine is no reason to give up
    Sender.__init__.__kwdefaults__["ending"] = SLOW / 2
    if "DIE_AT" in env:
        step, _, length = env["DIE_AT"].partition(":")
        lay(step, Fuse(int(length)))
    lay("claimed", Frost())
    if "BUG" in env:
        planted.BUGS[env["BUG"]]()
    if "LEASE" in env:
        lease.Lease.__init__.__defaults__ = (float(env["LEASE"]),)
    if "CONTENT" in env:
        root = Path(env["CONTENT"])
        house.LESSONS, house.WORDS, house.POLICIES = (root / name for name in ("lessons", "i18n", "policies"))


if __name__ == "__main__":
    prepare(dict(os.environ))
    from bot.__main__ import main

    sys.argv = ["sse-bot", "run"]
    main()
