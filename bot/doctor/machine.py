"""Checks of what is around the bot: settings, key, disk, clock."""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from bot.doctor.finding import Finding, Patient, bad, better, well
from bot.keys import KEY_FILE

ENOUGH, SCARCE = 1 << 30, 100 << 20  # bytes free: below the second a commit may soon fail
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before it was never set
AHEAD = timedelta(minutes=5)  # what two well-set clocks may differ at most


def settings(patient: Patient) -> Iterator[Finding]:
    """What works but ought to be different."""
    notices = [better(notice.name, notice.what, notice.cure) for notice in patient.settings.notices()]
    yield from notices or [well("settings", "every one is set")]


def env_file(patient: Patient) -> Iterator[Finding]:
    """Names in .env that mean nothing, and who may read it."""
    file = Path(".env")
    if not file.is_file():
        return
    known = [one.name.upper() for one in fields(patient.settings)]
    for name in dotenv_values(file):
        if name.upper() not in known:
            near = get_close_matches(name.upper(), known, 1)
            yield better(name, "stands in .env and means nothing", f"Did you mean {near[0]}?" if near else "")
    if _readable_by_others(file):
        yield better(".env", "can be read by others on this machine", "chmod 600 .env")


def channels(patient: Patient) -> Iterator[Finding]:
    """Which channels are switched on."""
    switched = {"web chat": True, "Telegram": patient.settings.telegram, "WhatsApp": patient.settings.whatsapp}
    yield well("channels", ", ".join(name for name, on in switched.items() if on))


def key(patient: Patient) -> Iterator[Finding]:
    """The key is for its owner alone."""
    file = patient.settings.data_dir / KEY_FILE
    if patient.settings.secret_key is not None:
        yield well("key", "set outside")
    elif file.exists() and _readable_by_others(file):
        yield bad("key", f"{file} can be read by others", f"chmod 600 {file}")


def disk(patient: Patient) -> Iterator[Finding]:
    """There is room to write, and we may."""
    folder = _existing(patient.settings.data_dir)
    if not os.access(folder, os.W_OK):
        yield bad("disk", f"{folder} cannot be written to", "Give the folder to the user the bot runs as.")
        return
    free = shutil.disk_usage(folder).free
    seen = f"{free / (1 << 30):.1f} GB free"
    if free < SCARCE:
        yield bad("disk", seen, "Make room: answers can soon not be stored.")
    elif free < ENOUGH:
        yield better("disk", seen, "Make room before it is needed.")
    else:
        yield well("disk", seen)


def clock(patient: Patient) -> Iterator[Finding]:
    """The clock was set, and is not behind the code it runs."""
    written = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if patient.now < FIRST_DAY or patient.now + AHEAD < written:
        yield bad("clock", f"it says {patient.now:%Y-%m-%d %H:%M} UTC", "Set the clock, and let NTP keep it.")
    else:
        yield well("clock", f"{patient.now:%Y-%m-%d %H:%M} UTC")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: it is made at the first start."""
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())


def _readable_by_others(file: Path) -> bool:
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)
