"""What the doctor looks at and what it says."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from enum import Enum
from pathlib import Path

from bot.engine.fixed import fixed
from bot.settings import Settings
from storage.store import Store


class Health(Enum):
    WELL = "✓"
    BETTER = "!"
    BAD = "✗"


@fixed(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was seen, and what to do about it."""

    health: Health
    name: str
    seen: str
    cure: str = ""


@fixed(frozen=True, slots=True)
class Patient:
    """What is looked at. ``store`` is there only if the database could be opened; ``opening`` tells how that went."""

    settings: Settings
    root: Path
    now: datetime
    store: Store | None
    opening: Finding


# A check changes nothing. It may be plain or awaited; channels bring checks of their own.
Check = Callable[[Patient], Iterable[Finding] | Awaitable[Iterable[Finding]]]


def well(name: str, seen: str) -> Finding:
    return Finding(Health.WELL, name, seen)


def better(name: str, seen: str, cure: str = "") -> Finding:
    return Finding(Health.BETTER, name, seen, cure)


def bad(name: str, seen: str, cure: str = "") -> Finding:
    return Finding(Health.BAD, name, seen, cure)
