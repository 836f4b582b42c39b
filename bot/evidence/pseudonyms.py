"""Codes instead of people: the same learner, the same code, for as long as the export key is the same.

A key is made for one export and forgotten with it. A named key is kept, on purpose: exports made with it can be
joined, and the ledger says that it was used. Codes begin with a letter, so that no spreadsheet reads a number in them.
"""

import os
import re
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from bot.errors import ExportRefused

KEYS = "export-keys"  # the folder in DATA_DIR
KEY_BYTES = 32
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
LEARNER_DIGITS, RESPONSE_DIGITS = 16, 20  # hexadecimal: no two alike among millions
REMEMBERED = 8_192  # codes kept at hand: what a few pages need, in bounded memory
BLOCK = 64  # bytes, of SHA-256


class Pseudonyms:
    """The codes of one export. ``learner`` and ``response`` take an id and give its code.

    Stored answer ids stay inside too: they would join exports that must not be joined.
    """

    def __init__(self, key: bytes) -> None:
        of_learner, of_response = keyed(b"learner" + key), keyed(b"response" + key)

        @lru_cache(maxsize=REMEMBERED)
        def learner(learner_id: str) -> str:
            return f"L{of_learner(learner_id.encode())[:LEARNER_DIGITS]}" if learner_id else ""

        self.learner: Callable[[str], str] = learner
        self.response: Callable[[str], str] = lambda id_: f"R{of_response(id_.encode())[:RESPONSE_DIGITS]}"

    def __repr__(self) -> str:
        return "Pseudonyms(…)"


def keyed(key: bytes) -> Callable[[bytes], str]:
    """HMAC-SHA256 with this key (RFC 2104), begun once: a third of the price of beginning anew for each row."""
    block = (sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner, outer = (sha256(bytes(byte ^ pad for byte in block)).copy for pad in (0x36, 0x5C))

    def mac(text: bytes) -> str:
        within, around = inner(), outer()
        within.update(text)
        around.update(within.digest())
        return around.hexdigest()

    return mac


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
