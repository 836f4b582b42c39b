"""HTTP/1.1 as far as a bench needs it: cheap enough that the bot on the other end is what is measured."""

import asyncio
from collections.abc import Callable

SEPARATOR = b"\r\n\r\n"


class Message:
    """Bytes of one direction, cut into messages of head and body."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, more: bytes) -> list[tuple[bytes, bytes]]:
        """Every message that is complete now."""
        self._bytes += more
        found = []
        while (one := self._next()) is not None:
            found.append(one)
        return found

    def _next(self) -> tuple[bytes, bytes] | None:
        end = self._bytes.find(SEPARATOR)
        if end < 0:
            return None
        head = bytes(self._bytes[:end])
        start = end + len(SEPARATOR)
        if b"chunked" in head and header(head, b"transfer-encoding") == b"chunked":
            return self._chunked(head, start)
        length = int(header(head, b"content-length") or 0)
        if len(self._bytes) < start + length:
            return None
        body = bytes(self._bytes[start : start + length])
        del self._bytes[: start + length]
        return head, body

    def _chunked(self, head: bytes, at: int) -> tuple[bytes, bytes] | None:
        body = bytearray()
        while True:
            line = self._bytes.find(b"\r\n", at)
            if line < 0:
                return None
            size, at = int(bytes(self._bytes[at:line]), 16), line + 2
            if len(self._bytes) < at + size + 2:
                return None
            body += self._bytes[at : at + size]
            at += size + 2
            if not size:
                del self._bytes[:at]
                return head, bytes(body)


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header; names are compared in small letters."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""


Taken = Callable[[bytes, bytes, bytes], bytes]
"""From a request's path, content type and body to the JSON that answers it."""


class Serving(asyncio.Protocol):
    """One connection of a server that answers JSON, after ``delay`` seconds."""

    def __init__(self, taken: Taken, delay: float = 0.0, status: bytes = b"200 OK") -> None:
        self._taken, self._delay, self._status = taken, delay, status
        self._in = Message()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for head, body in self._in.feed(data):
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._answer, head, body)
            else:
                self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1]
        json = self._taken(path, header(head, b"content-type"), body)
        if not self._transport.is_closing():
            self._transport.write(  # type: ignore[attr-defined]
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (self._status, len(json), json)
            )


class Asking(asyncio.Protocol):
    """One kept connection of a client; one request under way at a time."""

    def __init__(self) -> None:
        self._in = Message()
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for head, body in self._in.feed(data):
            if self._answered is not None and not self._answered.done():
                self._answered.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionResetError())

    @property
    def open(self) -> bool:
        return not self._transport.is_closing()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)  # type: ignore[attr-defined]
        return await self._answered


class Pool:
    """Kept connections to one server, as many as are asked for at once."""

    def __init__(self, port: int, head: bytes) -> None:
        self._port, self._head = port, head
        self._free: list[Asking] = []

    async def post(self, body: bytes, more: bytes = b"") -> tuple[int, bytes]:
        """One POST; ``more`` are further header lines. Raises ``OSError`` where the server is not there."""
        while self._free and not self._free[-1].open:
            self._free.pop()
        asking = self._free.pop() if self._free else await self._opened()
        answer = await asking.ask(b"%b%bContent-Length: %d\r\n\r\n%b" % (self._head, more, len(body), body))
        self._free.append(asking)
        return answer

    async def _opened(self) -> Asking:
        _, asking = await asyncio.get_running_loop().create_connection(Asking, "127.0.0.1", self._port)
        return asking


def posting(path: str, content_type: str, **headers: str) -> bytes:
    """The head of requests to one address, but for their length."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n").encode()
