"""The reader of requests, with an end to its patience: a head that comes too slowly or grows too long is cut off.

uvicorn bounds neither, so silent connections and endless headers would take sockets and memory from everybody else.
Bodies have bounds of their own where they are read.
"""

import asyncio

from bot.web.plain import Plain

SLOWEST = 10.0  # seconds from the connection, or from a request's first byte, to the end of its head
LARGEST = 32 * 1024  # bytes of a head: browsers send two or three thousand, proxies some more


class TooLong(Exception):
    """The parser turns it into a 400."""


class Patient(Plain):
    """One connection. What is waited for is a head; between answers uvicorn's own keep-alive time holds."""

    _timer: asyncio.TimerHandle | None = None
    _unread = 0  # bytes of a head that is not whole yet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waited()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._timer is not None:
            self._unread += len(data)
            if self._unread > LARGEST:
                self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._timer is None:
            self._wait()

    def on_headers_complete(self) -> None:
        self._checked()
        super().on_headers_complete()

    def _checked(self) -> None:
        """The head is whole, and must not be too long."""
        self._waited()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST:
            raise TooLong  # it came at once, faster than it was counted

    def _wait(self) -> None:
        self._unread = 0
        self._timer = self.loop.call_later(SLOWEST, self.transport.abort)

    def _waited(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
