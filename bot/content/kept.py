"""The content as it was read last time, kept beside the data: a start takes it up instead of reading it all again.

It is taken up only if nothing it was made of has changed (lessons, words, policies, and the code that reads them) and
only if it carries our own signature: unpickling is for what we wrote ourselves.
"""

import pickle
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import structlog

from bot.seal import Seal

log = structlog.get_logger()

CODE = Path(__file__).resolve().parents[1]
READERS = ("content", "delivery", "engine")
SUFFIXES = {".yaml", ".po", ".csv", ".py"}
PURPOSE = "kept content"

T = TypeVar("T")


def kept(folder: Path, what: str, sources: tuple[Path, ...], seal: Seal, read: Callable[[], T]) -> T:
    """What ``read`` gives, from ``folder`` where it was kept for exactly these sources, else read and kept."""
    name = mark(sources)
    file = folder / f"{what}-{name[:24]}.bin"
    known: T | None = _taken_up(file, name, seal)
    if known is None:
        known = read()
        _keep(file, name, known, seal)
    return known


def mark(sources: tuple[Path, ...]) -> str:
    """Changes when anything the content is made of does."""
    digest = sha256(sys.version.encode())
    for place, file in _files(sources):
        digest.update(f"{place}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _files(sources: tuple[Path, ...]) -> Iterator[tuple[Path, Path]]:
    """Every file with its place: a course's folder is its name, so a renamed folder counts as a change."""
    for folder in (*sources, *(CODE / room for room in READERS)):
        for file in sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES and file.is_file()):
            yield file.relative_to(folder), file


def _taken_up(file: Path, name: str, seal: Seal) -> Any:
    try:
        with file.open("rb") as stream:
            signature, body = stream.readline(), stream.read()
    except OSError:
        return None
    if not seal.signed(PURPOSE, _told(name, body), signature.rstrip(b"\n").decode("latin-1")):
        log.warning("content.kept_copy_refused")
        return None
    return pickle.loads(body)  # noqa: S301 (signed by ourselves, see above)


def _keep(file: Path, name: str, content: Any, seal: Seal) -> None:
    """Whole or not at all; a folder that cannot be written only costs time at the next start."""
    body = pickle.dumps(content, protocol=5)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for old in file.parent.glob(f"{file.name.partition('-')[0]}-*.bin"):
            old.unlink(missing_ok=True)
        half = file.with_suffix(".half")
        half.write_bytes(seal.sign(PURPOSE, _told(name, body)).encode() + b"\n" + body)
        half.chmod(0o600)
        half.replace(file)
    except OSError as trouble:
        log.warning("content.not_kept", error=type(trouble).__name__)


def _told(name: str, body: bytes) -> str:
    return f"{name} {sha256(body).hexdigest()}"
