"""Kept connections to one server: a request out, its answer in, as little as possible between.

aiohttp's client costs three times as much for each call (0.17 ms against 0.05), which was a fifth of all a turn
costs. What it does for us elsewhere (forms, cookies, redirects, proxies, compression) no call here needs.
"""

import asyncio
import socket
import ssl
from functools import cache, cached_property
from typing import NamedTuple, cast
from urllib.parse import SplitResult, urlsplit

import aiohappyeyeballs
import httptools

CONNECT = 5.0  # seconds
IDLE = 30.0  # seconds after which a kept connection is not trusted any more: the other end may be closing it
LARGEST = 16 * 1024 * 1024  # bytes of an answer
TOLD = frozenset({b"content-length", b"transfer-encoding", b"retry-after"})  # the headers that mean something to us
OTHER_FAMILY = 0.25  # seconds of silence after which IPv4 is tried beside IPv6, or the other way round


class NotSent(Exception):
    """The request never reached the platform."""


class Lost(Exception):
    """The request went out and no answer came: it may have been done."""


class Answer(NamedTuple):
    """What came back. ``wait`` is what its Retry-After header says: the one header that a call of ours heeds."""

    status: int
    body: bytes
    wait: str = ""


@cache
def _trusting() -> ssl.SSLContext:
    """One for all servers: each reads the machine's certificates, which takes 20 ms and 1 MiB."""
    return ssl.create_default_context()


class Line(asyncio.Protocol):
    """One connection, with at most one request under way."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._status = 0
        self._told: dict[bytes, bytes] = {}
        self._answered: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self._out_of_time: asyncio.TimerHandle | None = None
        self.used = 0.0  # when it last answered
        self.usable = True

    async def ask(self, request: bytes, seconds: float) -> Answer:
        """The answer; raises ``Lost`` where none comes in time."""
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()
        self._answered = answered
        self._status = 0
        self._body.clear()
        self._transport.write(request)
        self._out_of_time = loop.call_later(seconds, self._fail, "TimeoutError")
        try:
            return await answered
        finally:
            self._out_of_time.cancel()
            if not self.usable or not answered.done() or answered.cancelled():
                self.close()
            self.used = loop.time()

    def close(self) -> None:
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, why: str) -> None:
        self.usable = False
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(Lost(why))

    # --- what the connection tells ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is none by name

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as garbled:
            self._fail(type(garbled).__name__)

    def connection_lost(self, error: Exception | None) -> None:
        # A gateway may say what is wrong and hang up: its status counts, however little else came.
        # An answer without a length ends where its connection does.
        ended = self._status >= 200 and error is None and self._told.keys() <= {b"retry-after"}
        if (ended or self._status >= 300) and self._answered is not None and not self._answered.done():
            self._answered.set_result(self._answer())
        self._fail(type(error).__name__ if error else "ServerDisconnectedError")

    # --- what the parser tells --------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._told.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        if (header := name.lower()) in TOLD:
            self._told[header] = value

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > LARGEST:
            self._fail("an answer without end")

    def on_message_complete(self) -> None:
        if self._status < 200:  # "go on"
            return
        self.usable = self.usable and self._parser.should_keep_alive()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(self._answer())

    def _answer(self) -> Answer:
        return Answer(self._status, bytes(self._body), self._told.get(b"retry-after", b"").decode("latin-1"))


class Lines:
    """Connections to the server of an address, as many as are in use at once."""

    def __init__(self, base: str) -> None:
        self._base = base  # carries the token: only its parts are ever used
        self._free: list[Line] = []

    @cached_property
    def _url(self) -> SplitResult:
        return urlsplit(self._base)

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        return _trusting() if self._url.scheme == "https" else None

    @cached_property
    def port(self) -> int:
        return self._url.port or (443 if self._tls else 80)

    def head(self, method: str, content_type: str, more: str = "") -> bytes:
        """The head of POSTs to a method below the address, up to the length of the body; ``more`` are whole lines."""
        host = self._url.netloc.rpartition("@")[2]
        return (
            f"POST {self._url.path}/{method} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n{more}"
            f"Content-Type: {content_type}\r\nContent-Length: "
        ).encode()

    def request(self, method: str, target: str, more: str = "", body: bytes = b"") -> bytes:
        """Any other request, whole: ``target`` is path and query, ``more`` are whole lines."""
        host = self._url.netloc.rpartition("@")[2]
        head = (
            f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def post(self, head: bytes, body: bytes, seconds: float) -> Answer:
        """Raises ``NotSent`` or ``Lost`` where no answer came."""
        return await self.ask(b"%b%d\r\n\r\n%b" % (head, len(body), body), seconds)

    async def ask(self, request: bytes, seconds: float) -> Answer:
        """The answer to a whole request; raises ``NotSent`` or ``Lost`` where none came."""
        line = self._kept() or await self._opened()
        answer = await line.ask(request, seconds)
        if line.usable:
            self._free.append(line)
        return answer

    def close(self) -> None:
        for line in self._free:
            line.close()
        self._free.clear()

    def _kept(self) -> Line | None:
        """The one used last, unless it is gone or has been idle for long."""
        newest = asyncio.get_running_loop().time() - IDLE
        while self._free:
            line = self._free.pop()
            if line.usable and line.used > newest:
                return line
            line.close()
        return None

    async def _opened(self) -> Line:
        try:
            async with asyncio.timeout(CONNECT):
                return await self._connected()
        except (OSError, TimeoutError) as never:  # names that are not found, and TLS refused, are OSErrors too
            raise NotSent(type(never).__name__) from None

    async def _connected(self) -> Line:
        loop = asyncio.get_running_loop()
        host = self._url.hostname or ""
        found = await loop.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        sock = await aiohappyeyeballs.start_connection(found, happy_eyeballs_delay=OTHER_FAMILY)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, line = await loop.create_connection(
                Line, sock=sock, ssl=self._tls, server_hostname=host if self._tls else None
            )
        except BaseException:
            sock.close()
            raise
        return line
