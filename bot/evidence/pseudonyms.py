"""Codes instead of people: the same learner, the same code, for as long as the export key is the same.

A key is made for one export and forgotten with it. A named key is kept, on purpose: exports made with it can be
joined, and the ledger says that it was used. Codes are letters only, so that no spreadsheet reads a number in them.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from bot.errors import ExportRefused

KEYS = "export-keys"  # the folder in DATA_DIR
KEY_BYTES = 32
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
LEARNER_BYTES = 8  # no two alike among millions of learners
RESPONSE_BYTES = 10
REMEMBERED = 8_192  # codes kept at hand: what a few pages need, in bounded memory
LETTERS = str.maketrans("0123456789abcdef", "abcdefghijkmnopq")  # no l: it looks like a 1


class Pseudonyms:
    """The codes of one export."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")
        self._answers_key = hmac.digest(key, b"answers", "sha256")
        self.learner = lru_cache(maxsize=REMEMBERED)(self._learner)

    def __repr__(self) -> str:
        return "Pseudonyms(…)"

    def _learner(self, learner_id: str) -> str:
        if not learner_id:
            return ""
        code = self._keyed.copy()  # half the price of beginning anew with the key
        code.update(learner_id.encode())
        return code.hexdigest()[: 2 * LEARNER_BYTES].translate(LETTERS)

    def response(self, response_id: str) -> str:
        """The answer's code. Stored ids stay inside: they would join exports that must not be joined.

        BLAKE2b with a key, as it is made for: this is needed for every row, and costs a third of an HMAC.
        """
        code = hashlib.blake2b(response_id.encode(), key=self._answers_key, digest_size=RESPONSE_BYTES)
        return code.hexdigest().translate(LETTERS)


def export_key(data_dir: Path, name: str | None) -> bytes:
    """A new key, or the one kept under a name; made, readable by its owner alone, when it is not there yet."""
    if name is None:
        return secrets.token_bytes(KEY_BYTES)
    if not NAME.fullmatch(name):
        raise ExportRefused(
            f"{name!r} cannot name a key.", "Use small letters, digits and dashes, at most 41 of them."
        )
    path = data_dir / KEYS / name
    with suppress(FileNotFoundError):
        return _read(path)
    _make(path)
    return _read(path)


def _make(path: Path) -> None:
    """Written whole, then linked: of two exports at once the first wins and both read the same key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ExportRefused(f"{path} can be read by others.", f"chmod 600 {path}")
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ExportRefused(f"{path} holds no whole key.", "Restore it from your copy, or use another --key.")
    return key
