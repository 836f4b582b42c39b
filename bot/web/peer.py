"""Who is at the other end of a request: the address behind trusted proxies, and whether it comes from our own page."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from bot.settings import Network

Peer = IPv4Address | IPv6Address

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Any of these means that somebody stands between the peer and us.
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


def peer(connection: HTTPConnection, trusted: Sequence[Network]) -> Peer | None:
    """The client's address: the nearest one that is no proxy of ours."""
    near = _parsed(connection.client.host if connection.client else "")
    hops = [hop.strip() for line in connection.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    while near is not None and hops and any(near in network for network in trusted):
        near = _parsed(hops.pop())
    return near


def _parsed(text: str) -> Peer | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def household(address: Peer | None) -> str:
    """What shares a limit: an IPv4 address, or the /64 that an IPv6 customer has."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address)


def is_local(connection: HTTPConnection) -> bool:
    """The request was made on this machine and passed on by nobody."""
    near = _parsed(connection.client.host if connection.client else "")
    return near is not None and near.is_loopback and not any(name in connection.headers for name in FORWARDED)


def own_origin(connection: HTTPConnection, public_url: str) -> bool:
    """The page that posts is ours: at the public address, or at this machine's own while that one is local too."""
    origins = connection.headers.getlist("origin")
    return len(origins) == 1 and _is_ours(origins[0].lower(), connection, public_url)


def own_form(connection: HTTPConnection, public_url: str) -> bool:
    """The same for a form: old browsers name no origin with it, but the page it stands on."""
    if "origin" in connection.headers:
        return own_origin(connection, public_url)
    pages = connection.headers.getlist("referer")
    try:
        return len(pages) == 1 and _is_ours(_origin(pages[0]), connection, public_url)
    except ValueError:  # an address that is none
        return False


def _is_ours(origin: str, connection: HTTPConnection, public_url: str) -> bool:
    if origin == _origin(public_url):
        return True
    host = connection.headers.get("host", "").lower()
    local = _hostname(host) in LOOPBACK and urlsplit(public_url).hostname in LOOPBACK
    return local and origin == f"http://{host}"


def _hostname(host: str) -> str | None:
    """The name in a Host header, which anybody may write; None when it is no name."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # an open bracket, say
        return None


def _origin(url: str) -> str:
    parts = urlsplit(url.lower())
    port = "" if parts.port == {"http": 80, "https": 443}.get(parts.scheme) else f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"
