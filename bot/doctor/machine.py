"""Checks of what is around the bot: settings, key, disk, clock."""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from bot.doctor.finding import Finding, Patient, bad, better, well
from bot.keys import KEY_FILE, in_data_dir
from bot.places import folder_fault, let_in, nearest
from bot.settings import Settings
from storage.engine import parsed

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
    for name in dotenv_values(file, encoding="utf-8-sig"):
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
        return
    with in_data_dir(patient.settings.data_dir):
        if file.exists() and _readable_by_others(file):
            yield bad("key", f"{file} can be read by others", f"chmod 600 {file}")


def disk(patient: Patient) -> Iterator[Finding]:
    """There is room to write, and we may: in ``DATA_DIR``, and where ``DATABASE_URL`` leads to."""
    places = _folders(patient.settings)
    faults = {name: fault for name, folder in places.items() if (fault := folder_fault(folder))}
    for name, fault in faults.items():
        yield bad(name, fault, f"{let_in()}, or set {name} to another place.")
    if not faults:
        yield _room(min(shutil.disk_usage(nearest(folder)).free for folder in places.values()))


def _folders(settings: Settings) -> dict[str, Path]:
    """Where the bot writes, by the setting that says so."""
    folders = {"DATA_DIR": settings.data_dir}
    address = parsed(settings.database_url)
    if address.get_backend_name() == "sqlite":
        folders["DATABASE_URL"] = Path(str(address.database)).parent
    return folders


def _room(free: int) -> Finding:
    seen = f"{free / (1 << 30):.1f} GB free"
    if free < SCARCE:
        return bad("disk", seen, "Make room: answers can soon not be stored.")
    if free < ENOUGH:
        return better("disk", seen, "Make room before it is needed.")
    return well("disk", seen)


def clock(patient: Patient) -> Iterator[Finding]:
    """The clock was set, and is not behind the code it runs."""
    written = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if patient.now < FIRST_DAY or patient.now + AHEAD < written:
        yield bad("clock", f"it says {patient.now:%Y-%m-%d %H:%M} UTC", "Set the clock, and let NTP keep it.")
    else:
        yield well("clock", f"{patient.now:%Y-%m-%d %H:%M} UTC")


def _readable_by_others(file: Path) -> bool:
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)
