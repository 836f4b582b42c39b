"""All files of an export, or none: written aside in the same folder, flushed to the disk, then renamed.

The main file is renamed last, so where it stands the others stand too; the table schema holds every file's hash.
What an export left that was killed is swept away by the next one; a lock tells it from one still at work. An export
takes the place of the whole one before it, also of one for other readers or in another form.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from bot.errors import ExportRefused

UNFINISHED = ".unfinished-export-"
LOCK = "lock"


@contextmanager
def staging(out: Path, names: Sequence[str] = ()) -> Iterator[Path]:
    """A folder inside ``out`` to write into, readable by its owner alone; gone at the end.

    Refuses at once, before any work, where one of the ``names`` that will be written is taken by a folder.
    """
    _no_folder_named(out, names)
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


def publish(aside: Path, out: Path, names: Sequence[str], mains: Sequence[str] = ()) -> tuple[Path, ...]:
    """Gives the files their names in ``out``, in this order, each whole and on the disk.

    ``mains`` are the names any export gives its main file: what stands under them is of an older one and goes.
    """
    _no_folder_named(out, names)
    for name in names:
        (aside / name).chmod(0o600)  # it is personal data
        _flush(aside / name)
    with _one_at_a_time(out):
        # Old main files go first, the one of the same name too: a break in the middle then leaves a folder without
        # answers, which misleads nobody and is mended by another export. The other way round it would leave answers
        # as they were typed beside a README that calls them counts for everybody.
        _remove(out, mains)
        for name in names:
            os.replace(aside / name, out / name)
        _flush(out)
    return tuple(out / name for name in names)


def _no_folder_named(out: Path, names: Sequence[str]) -> None:
    for name in names:
        if (out / name).is_dir() and not (out / name).is_symlink():  # a link is replaced, not what it points to
            raise ExportRefused(
                f"A folder stands where a file must be written: {out / name}.",
                "Move that folder away, or choose another --out. Nothing was replaced.",
            )


@contextmanager
def _one_at_a_time(out: Path) -> Iterator[None]:
    """Two exports into one folder must not mix their files."""
    handle = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _remove(out: Path, mains: Sequence[str]) -> None:
    for name in mains:
        if not (out / name).is_dir():  # a folder is none of ours
            (out / name).unlink(missing_ok=True)
    _flush(out)  # gone before anything new has its name, also where the power fails


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
