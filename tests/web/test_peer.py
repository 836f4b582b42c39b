"""Who is at the other end: behind proxies of ours, behind one IPv6 line, or on this machine."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest
from starlette.requests import HTTPConnection

from bot.web.peer import household, own_origin, peer

OURS = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def request(near: str | None, **headers: str | Sequence[str]) -> HTTPConnection:
    pairs = [
        (name.replace("_", "-").encode(), value.encode())
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    return HTTPConnection({"type": "http", "headers": pairs, "client": (near, 1) if near else None})


@pytest.mark.parametrize(
    ("near", "passed_on", "found"),
    [
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),  # no proxy of ours: the header is anybody's claim
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),  # the first one is made up
        ("10.0.0.1", "198.51.100.7, nonsense", None),
        ("10.0.0.1", "", None),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("unix", "198.51.100.7", None),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours(near: str, passed_on: str, found: str | None) -> None:
    expected = ip_address(found) if found else None
    assert peer(request(near, x_forwarded_for=passed_on), OURS) == expected


def test_several_headers_are_read_as_one_list() -> None:
    assert peer(request("10.0.0.1", x_forwarded_for=["192.0.2.1", "198.51.100.7, 10.0.0.3"]), OURS) == ip_address(
        "198.51.100.7"
    )


def test_an_ipv6_customer_counts_once_whatever_address_is_used() -> None:
    first, second = ip_address("2001:db8:1:2::a"), ip_address("2001:db8:1:2:ffff::1")
    assert household(first) == household(second)
    assert household(first) != household(ip_address("2001:db8:1:3::a"))
    assert household(ip_address("198.51.100.7")) != household(ip_address("198.51.100.8"))


@pytest.mark.parametrize(
    ("public", "origin", "ours"),
    [
        ("https://learn.example.org", "https://learn.example.org", True),
        ("https://learn.example.org", "https://LEARN.example.org", True),
        ("https://learn.example.org:443", "https://learn.example.org", True),
        ("https://learn.example.org", "http://learn.example.org", False),
        ("https://learn.example.org", "https://learn.example.org.evil.example", False),
        ("https://learn.example.org", "http://127.0.0.1:8000", False),  # only while the public address is local too
        ("http://[::1]:8000", "http://[::1]:8000", True),
    ],
)
def test_only_the_public_address_is_our_own(public: str, origin: str, ours: bool) -> None:
    assert own_origin(request("198.51.100.7", origin=origin, host="127.0.0.1:8000"), public) is ours


@pytest.mark.parametrize("host", ["[", "[v1]", "a]b", ""])
def test_a_host_that_is_no_name_is_not_our_own(host: str) -> None:
    assert not own_origin(request("127.0.0.1", origin=f"http://{host}", host=host), "http://127.0.0.1:8000")
