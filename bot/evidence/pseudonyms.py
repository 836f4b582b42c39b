"""Codes instead of people: the same learner, the same code, for as long as the export key is the same.

A key is made for one export and forgotten with it. A named key is kept, on purpose: exports made with it can be
joined, and the ledger says that it was used. Codes begin with a letter, so that no spreadsheet reads a number in them.
"""

import os
import re
import secrets
import stat
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.errors import DatabaseRefused, ExportRefused
from bot.evidence.remembered import Remembered
from bot.keys import in_data_dir
from bot.seal import Seal

KEYS = "export-keys"  # the folder in DATA_DIR
KEY_BYTES = 32
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
LEARNER_DIGITS, RESPONSE_DIGITS = 16, 20  # hexadecimal: no two alike among millions
REMEMBERED = 8_192  # codes kept at hand: what a few pages need, in bounded memory
BLOCK, BLOCK_OF_AES = 64, 16  # bytes; the first is that of SHA-256


class Pseudonyms:
    """The codes of one export; ``learner`` gives that of a learner.

    Ids of answers stay inside too: they would join exports that must not be joined. Every row needs one, so the
    codes of a page come from one call: AES permutes the numbers of the rows, which takes no more than to copy them.
    """

    def __init__(self, key: bytes) -> None:
        of_learner = keyed(b"learner" + key)
        permutation = sha256(b"answers" + key).digest()
        # ECB is no mode for messages; each block here is a number of its own, and the blocks are the codes.
        self._permuted = Cipher(algorithms.AES(permutation), modes.ECB()).encryptor()  # noqa: S305

        def learner(learner_id: bytes) -> bytes:
            return b"L" + of_learner(learner_id)[:LEARNER_DIGITS].encode() if learner_id else b""

        self.learner: Callable[[bytes], bytes] = Remembered(learner, REMEMBERED).__getitem__

    def __repr__(self) -> str:
        return "Pseudonyms(…)"

    def responses(self, ids: Sequence[bytes]) -> list[bytes]:
        """The codes of answers, by the numbers of their rows."""
        blocks = struct.pack(">" + "8xQ" * len(ids), *map(int, ids))
        codes = self._permuted.update(blocks).hex(" ", BLOCK_OF_AES).encode().split()
        return [b"R" + code[:RESPONSE_DIGITS] for code in codes]


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


def new_key() -> bytes:
    """A key for one export."""
    return secrets.token_bytes(KEY_BYTES)


def kept_key(data_dir: Path, name: str, seal: Seal) -> bytes:
    """The key kept under a name; made, readable by its owner alone, when it is not there yet.

    It is kept sealed: whoever finds the folder, but not ``SECRET_KEY``, can lead no code back to a learner.
    """
    if not NAME.fullmatch(name):
        raise ExportRefused(f"{name!r} cannot name a key.", "Use small letters, digits and dashes, at most 41 of them.")
    path = data_dir / KEYS / name
    with in_data_dir(data_dir):
        if not path.exists():
            _make(path, seal.seal(new_key().hex()))
        return _read(path, seal)


def _make(path: Path, sealed: str) -> None:
    """Written whole, then linked: of two exports at once the first wins and both read the same key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(sealed + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path, seal: Seal) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ExportRefused(f"{path} can be read by others.", f"chmod 600 {path}")
    try:
        return bytes.fromhex(seal.unseal(path.read_text("ascii").strip()))
    except (ValueError, DatabaseRefused) as error:
        raise ExportRefused(
            f"{path} holds no key that SECRET_KEY opens.", "Restore both as they were, or use another --key."
        ) from error
