"""Did Twilio send this? HMAC-SHA1 over our public URL and every field, as Twilio documents it.

The same verdicts as ``twilio.request_validator`` (a test compares them), without its traps: a missing header is a
plain no, the comparison takes the same time for every wrong value, an empty token can verify nothing.
A valid signature proves the bytes, not where a field ends: callers check MessageSid, AccountSid, From and To too.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha1
from urllib.parse import urlsplit

Fields = Sequence[tuple[str, str]]


def verified(token: str, url: str, fields: Fields, given: str | None) -> bool:
    """Whether ``given`` (the X-Twilio-Signature header) signs this URL with these fields under this token.

    ``url`` is PUBLIC_URL + path + raw query, never put together from the request's own headers. Twilio signs
    with or without the scheme's own port, so both count.
    """
    if not token or not given:
        return False
    right = [hmac.compare_digest(signed(token, form, fields), given.encode()) for form in _ports(url)]
    return any(right)


def signed(token: str, url: str, fields: Fields) -> bytes:
    """The signature Twilio puts on a request."""
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    text = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    mac = hmac.new(token.encode(), text.encode("utf-8", "surrogatepass"), sha1)
    return b64encode(mac.digest())


def _ports(url: str) -> tuple[str, str]:
    """The URL with and without a port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    bare = f"[{host}]" if ":" in host else host
    port = parts.port or (443 if parts.scheme == "https" else 80)
    rest = url.split(parts.netloc, 1)[1]
    return f"{parts.scheme}://{bare}{rest}", f"{parts.scheme}://{bare}:{port}{rest}"
