"""Reads a file without waiting: a pipe among the lessons would keep its reader until somebody writes into it."""

import os
import stat
from pathlib import Path

MISSING = "put the file there and make it readable"
NO_FILE = "take it away, or put the file itself there"


class NotRead(Exception):
    """What keeps a file from being read, and the cure."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what, self.cure = what, cure


def content(path: Path, most: int = -1) -> bytes:
    """The first ``most`` bytes of a file, or all; raises ``NotRead``."""
    try:
        with open(path, "rb", opener=_at_once) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise NotRead("cannot be read: a pipe or a device and no file", NO_FILE)
            return opened.read(most)
    except OSError as error:
        raise NotRead(f"cannot be read: {error.strerror}", MISSING) from error


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
