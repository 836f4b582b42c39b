"""One secret, many uses: recognises and hides addresses, signs links.

From ``SECRET_KEY`` a key of its own is derived for each purpose (HKDF, RFC 5869), so that what one use shows
tells nothing about another. Addresses are looked up by keyed hash and sent to by unsealing (law 5): a stolen
database without the key tells no address. What is not sealed (answers and their words, age band, country, the web
talk) stands in it in clear, and may say who somebody is.
"""

import base64
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import ConfigurationRefused, DatabaseRefused

VERSION = "1."  # of the sealed format, so that another cipher can follow
NONCE = 12  # bytes, the size AES-GCM is specified for
SIGNATURE = 16  # bytes: 128 bits are enough where each guess is a request


class Seal:
    """Everything that needs the secret key; the key itself leaves it never."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ConfigurationRefused("SECRET_KEY is empty.", "Set it to at least 32 random characters.")
        self._root = hmac.digest(b"sse-bot", secret.encode(), "sha256")
        self._hash_key = self._key("address hash")
        self._cipher = AESGCM(self._key("address seal"))
        self._sign_key = lru_cache(maxsize=32)(lambda purpose: self._key(f"sign {purpose}"))

    def __repr__(self) -> str:
        return "Seal(…)"

    def _key(self, purpose: str) -> bytes:
        """HKDF-Expand for one block: 32 bytes that serve this purpose only."""
        return hmac.digest(self._root, purpose.encode() + b"\x01", "sha256")

    def hash(self, channel: str, address: str) -> str:
        """The same for the same address, meaningless without the key."""
        return _text(hmac.digest(self._hash_key, f"{channel}\0{address}".encode(), "sha256"))

    def seal(self, text: str) -> str:
        """The text encrypted and protected against change; twice the same text looks different."""
        nonce = os.urandom(NONCE)
        return VERSION + _text(nonce + self._cipher.encrypt(nonce, text.encode(), None))

    def unseal(self, sealed: str) -> str:
        """The text again. Refuses what another key has sealed."""
        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(VERSION) + "==")
            return self._cipher.decrypt(raw[:NONCE], raw[NONCE:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise DatabaseRefused(
                "Something in the database was sealed with another SECRET_KEY, or was changed.",
                "Set SECRET_KEY to the value that was in use when it was written.",
            ) from error

    def sign(self, purpose: str, text: str) -> str:
        """A short signature for links that come back to us."""
        return _text(hmac.digest(self._sign_key(purpose), text.encode(), "sha256")[:SIGNATURE])

    def signed(self, purpose: str, text: str, signature: str) -> bool:
        """Whether the signature is ours; takes the same time for every wrong one."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode("utf-8", "replace"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
