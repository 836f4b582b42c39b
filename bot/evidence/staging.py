"""All files of an export, or none: written aside in the same folder, flushed to the disk, then renamed.

The main file is renamed last, so where it stands the others stand too; the table schema holds every file's hash.
What an export left that was killed is swept away by the next one; a lock tells it from one still at work.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from bot.errors import ExportRefused

UNFINISHED = ".unfinished-export-"
LOCK = "lock"


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder inside ``out`` to write into, readable by its owner alone; gone at the end."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        aside = Path(mkdtemp(prefix=UNFINISHED, dir=out))
        lock = os.open(aside / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise _refusal(out, error) from error
    try:
        yield aside
    except OSError as error:
        raise _refusal(out, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(lock)


def publish(aside: Path, out: Path, names: list[str]) -> tuple[Path, ...]:
    """Gives the files their names in ``out``, in this order, each whole and on the disk."""
    for name in names:
        (aside / name).chmod(0o600)  # it is personal data
        _flush(aside / name)
    for name in names:
        os.replace(aside / name, out / name)
    _flush(out)
    return tuple(out / name for name in names)


def _sweep(out: Path) -> None:
    for left in out.glob(f"{UNFINISHED}*"):
        with suppress(OSError):
            lock = os.open(left / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: still at work
                shutil.rmtree(left)
            finally:
                os.close(lock)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refusal(out: Path, error: OSError) -> ExportRefused:
    return ExportRefused(
        f"The export cannot be written to {out}: {error.strerror or error}.", "Choose another --out, or make room."
    )
