"""What a setting must look like, as small rules that answer with what is wrong and its cure."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit


class Fault(NamedTuple):
    """A setting that cannot be used."""

    name: str
    what: str
    cure: str


# Other drivers block the loop or are not installed; saying so here is kinder than SQLAlchemy's own message.
DATABASES = ("sqlite+aiosqlite", "postgresql+asyncpg")
_MEANT = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}


def database_fault(url: str) -> Fault | None:
    """The database is one of the two we know, through the driver we use."""
    scheme, found, _ = url.partition("://")
    if found and scheme in DATABASES:
        return None
    meant = _MEANT.get(scheme.partition("+")[0])
    cure = f"Begin it with {meant}://." if meant else f"Use {' or '.join(f'{known}://…' for known in DATABASES)}."
    return Fault("DATABASE_URL", "names no database we can use", cure)


def origin_fault(name: str, url: str | None, *, path: bool = False) -> Fault | None:
    """An address begins with http(s) and a host, and carries no secret, query or (unless allowed) path."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return Fault(name, "is no address", "Write it like https://bot.example.org.")
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s\\]", url):
        return Fault(name, "is no address", "Write it like https://bot.example.org.")
    if parts.username is not None or parts.query or parts.fragment:
        return Fault(name, "carries more than an address", "Leave out user, password, query and fragment.")
    if parts.path not in ("", "/") and not path:
        return Fault(name, "has a path", f"Leave only {parts.scheme}://{parts.netloc}.")
    return None


def is_loopback(url: str | None) -> bool:
    """The address is this machine's own: a platform played by a test or a developer."""
    return url is not None and urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
