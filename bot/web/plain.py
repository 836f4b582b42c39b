"""Requests that ask for another protocol (h2c, WebSocket), read as if they did not: we speak no other.

RFC 9110 (7.8) lets us. The parser does not: it stops at such a head and takes the body for words of that protocol, so
that a platform's delivery would be acknowledged without it, and lost. Here the same request is read again from a head
without the wish.
"""

from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Deaf(HttpRequestParser):
    """A parser that never stops for another protocol. What it is told twice the connection hears once."""

    __slots__ = ("_connection",)

    def __init__(self, connection: HttpToolsProtocol) -> None:
        self._connection = connection
        self._begin()

    def _begin(self) -> None:
        super().__init__(self._connection)
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it

    def feed_data(self, data: Any) -> None:
        rest = data
        while True:
            try:
                super().feed_data(rest)
            except HttpParserUpgrade as stopped:
                rest = memoryview(rest)[stopped.args[0] :]  # no copy: many such requests may come at once
                self._read_again()
            else:
                return

    def _read_again(self) -> None:
        """From the start, for after some heads it would take no more."""
        method, version = self.get_method(), self.get_http_version()
        if method == b"CONNECT":
            raise HttpParserError("a tunnel is another protocol by itself")
        head = plain_head(method, self._connection.url, version, self._connection.headers)
        self._begin()
        super().feed_data(head)


def plain_head(method: bytes, target: bytes, version: str, headers: list[tuple[bytes, bytes]]) -> bytes:
    """The head of a request, without its wish for another protocol."""
    lines = [b"%b: %b" % line for line in headers if line[0] != b"upgrade"]
    return b"\r\n".join([b"%b %b HTTP/%b" % (method, target, version.encode()), *lines, b"", b""])


class Plain(HttpToolsProtocol):
    """One connection, in HTTP/1.1 to its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parser = Deaf(self)

    def on_headers_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()
