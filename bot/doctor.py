"""Is everything in order? Each check answers with findings: well, could be better, must be mended, each with its cure.

A check never changes anything and never takes the others down: one that fails itself is a finding too. Channels bring
checks of their own, which the wiring adds to the list.
"""

import os
import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import Enum
from pathlib import Path

from dotenv import dotenv_values

from bot.content.check import check as check_content
from bot.errors import SseBotError
from bot.keys import KEY_FILE
from bot.metrics import imbalances
from bot.settings import Settings
from storage.store import Store


class Health(Enum):
    WELL = "✓"
    BETTER = "!"
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, what was seen, and what to do about it."""

    health: Health
    name: str
    seen: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at. ``store`` is missing when the database could not be opened, for the reason in ``trouble``."""

    settings: Settings
    root: Path
    now: datetime
    store: Store | None = None
    trouble: str = ""


Check = Callable[[Patient], Awaitable[Sequence[Finding]]]

ENOUGH, SCARCE = 1 << 30, 100 << 20  # bytes free: below the second a commit may soon fail
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before it was never set
AHEAD = timedelta(minutes=5)  # what two well-set clocks may differ at most


def well(name: str, seen: str) -> Finding:
    return Finding(Health.WELL, name, seen)


def better(name: str, seen: str, cure: str) -> Finding:
    return Finding(Health.BETTER, name, seen, cure)


def bad(name: str, seen: str, cure: str) -> Finding:
    return Finding(Health.BAD, name, seen, cure)


async def examine(patient: Patient, checks: Sequence[Check] = ()) -> AsyncIterator[Finding]:
    """Every finding of our own checks and of those that are given, in order."""
    for check in (*CHECKS, *checks):
        try:
            findings = await check(patient)
        except Exception as error:  # a check that fails is a finding, and no reason to skip the rest
            seen = error.reason if isinstance(error, SseBotError) else type(error).__name__
            findings = [bad(check.__name__, f"the check itself failed: {seen}", getattr(error, "cure", ""))]
        for finding in findings:
            yield finding


async def settings(patient: Patient) -> list[Finding]:
    """What works but ought to be different, and names in .env that mean nothing."""
    findings = [better(notice.name, notice.what, notice.cure) for notice in patient.settings.notices()]
    known = [name.upper() for name in type(patient.settings).model_fields]
    file = Path(".env")
    for name in dotenv_values(file) if file.is_file() else ():
        if name.upper() not in known:
            near = get_close_matches(name.upper(), known, 1)
            findings.append(
                better(name, "stands in .env and means nothing", f"Did you mean {near[0]}?" if near else "")
            )
    if file.is_file() and _readable_by_others(file):
        findings.append(better(".env", "can be read by others on this machine", "chmod 600 .env"))
    return findings or [well("settings", "every one is set")]


async def channels(patient: Patient) -> list[Finding]:
    """Which channels are switched on."""
    on = ["web chat", *(["Telegram"] if patient.settings.telegram else ())]
    on += ["WhatsApp"] if patient.settings.whatsapp else ()
    return [well("channels", ", ".join(on))]


async def secrets(patient: Patient) -> list[Finding]:
    """The key kept in the data folder is for its owner alone."""
    if patient.settings.secret_key is not None:
        return [well("key", "set outside")]
    file = patient.settings.data_dir / KEY_FILE
    if file.exists() and _readable_by_others(file):
        return [bad("key", f"{file} can be read by others", f"chmod 600 {file}")]
    return []


async def database(patient: Patient) -> list[Finding]:
    """The database opens, is ours, has the right schema, and was sealed with our key."""
    if patient.store is None:
        return [bad("database", patient.trouble, "")]
    people = await patient.store.counters()
    return [well("database", f"{patient.store.dialect}, {people.get('received', 0)} deliveries so far")]


async def books(patient: Patient) -> list[Finding]:
    """What came in and went out adds up."""
    if patient.store is None:
        return []
    counters, depth = await patient.store.counters(), await patient.store.depth()
    wrong = list(imbalances(counters, waiting=sum(depth.values())))
    cure = "Something was lost or done twice: please report it with this output."
    return [bad("books", line, cure) for line in wrong] or [well("books", "they add up")]


async def inbox(patient: Patient) -> list[Finding]:
    """Nothing lies about that somebody should look at."""
    if patient.store is None:
        return []
    rows = await patient.store.inbox(limit=1000)
    parked = sum(row.state == "parked" for row in rows)
    findings = [well("inbox", f"{len(rows) - parked} not understood")] if not parked else []
    cure = "See: sse-bot inbox"
    return findings or [better("inbox", f"{parked} deliveries failed in our code", cure)]


async def content(patient: Patient) -> list[Finding]:
    """Lessons and words can be served; each language is whole."""
    report = check_content(patient.root)
    cure = "See: sse-bot check"
    findings = [bad("lessons", f"{len(report.errors)} errors", cure)] if report.errors else []
    if report.warnings:
        findings.append(better("lessons", f"{len(report.warnings)} warnings", cure))
    lessons = sum(course["lessons"] for course in report.stats["courses"].values())
    return [*findings, *([] if findings else [well("lessons", f"{lessons} in order")]), *_languages(report.stats)]


def _languages(stats: dict[str, dict[str, dict[str, int]]]) -> list[Finding]:
    findings = []
    for code, words in stats["languages"].items():
        share = 100 * words["translated"] // max(1, words["words"])
        whole = words["translated"] >= words["words"]
        cure = f"See: sse-bot check; translate i18n/{code}"
        findings.append(well(code, "whole") if whole else better(code, f"{share} % of the words are there", cure))
    return findings


async def disk(patient: Patient) -> list[Finding]:
    """There is room to write, and we may."""
    folder = _existing(patient.settings.data_dir)
    if not os.access(folder, os.W_OK):
        return [bad("disk", f"{folder} cannot be written to", "Give the folder to the user the bot runs as.")]
    free = shutil.disk_usage(folder).free
    seen = f"{free / (1 << 30):.1f} GB free"
    if free < SCARCE:
        return [bad("disk", seen, "Make room: answers can soon not be stored.")]
    return [better("disk", seen, "Make room before it is needed.") if free < ENOUGH else well("disk", seen)]


async def clock(patient: Patient) -> list[Finding]:
    """The clock was set, and is not behind what has been written already."""
    cure = "Set the clock; let NTP keep it."
    if patient.now < FIRST_DAY:
        return [bad("clock", f"it says {patient.now:%Y-%m-%d}", cure)]
    code = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if code > patient.now + AHEAD:
        return [bad("clock", "it is behind the time these files were written", cure)]
    return [well("clock", f"{patient.now:%Y-%m-%d %H:%M} UTC")]


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: it is made at the first start."""
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())


def _readable_by_others(file: Path) -> bool:
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


CHECKS: tuple[Check, ...] = (settings, channels, secrets, database, books, inbox, content, disk, clock)
