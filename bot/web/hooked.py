"""The short way in for what platforms post: from the parser to the hook and back, without what only pages need.

A page passes through uvicorn's cycle and five layers (errors, headers, mishaps, exceptions, the table of routes),
which together cost a webhook more than storing its turn does. A small POST to a hook, here in one piece or nearly so,
is answered by the connection itself, with the same headers. Everything else goes the way of the pages, who know the
hooks' paths too: other methods, long bodies, slow ones, HTTP/1.0, and what is sent behind an answer still owed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.routing import BaseRoute

from bot.channels.hook import Headers, Hook, Posted, Reply
from bot.web.headers import always
from bot.web.patience import Patient

SMALL = 64 * 1024  # bytes of a body that is waited for here
SOON = 1.0  # seconds it may take


class Owed:
    """An answer on its way, as uvicorn knows one: what comes behind it waits."""

    def __init__(self, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.response_complete = self.disconnected = False
        self.message_event = asyncio.Event()


class Hooked(Patient):
    """One connection. ``hooks`` are by path, ``added`` are the lines that every answer carries."""

    def __init__(self, *args: Any, hooks: Mapping[bytes, Hook], added: bytes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._hooks, self._added = hooks, added
        self._hook: Hook | None = None  # whose request is being read
        self._read = bytearray()
        self._soon: asyncio.TimerHandle | None = None

    def on_headers_complete(self) -> None:
        path = self.url.partition(b"?")[0]
        if path in self._hooks and self._ordinary():
            self._checked()
            self._hook = self._hooks[path]
            self._read.clear()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._hook is None:
            super().on_body(body)
            return
        self._read += body
        if len(self._read) > SMALL:
            self._the_long_way()

    def on_message_complete(self) -> None:
        if self._hook is None:
            super().on_message_complete()
            return
        hook, self._hook = self._hook, None
        self._no_longer_soon()
        path, _, query = self.url.partition(b"?")
        self._begin(hook, Posted(self.headers, path, query, _there(bytes(self._read))))

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._hook is not None and self._soon is None:
            self._soon = self.loop.call_later(SOON, self._the_long_way)

    def connection_lost(self, exc: Exception | None) -> None:
        self._hook = None
        self._no_longer_soon()
        super().connection_lost(exc)

    def _ordinary(self) -> bool:
        """A plain POST, with nobody in front of it still owed an answer."""
        owed = self.flow.write_paused or (self.cycle is not None and not self.cycle.response_complete)
        plain = self.parser.get_method() == b"POST" and self.parser.get_http_version() == "1.1"
        return plain and not (owed or self.expect_100_continue or self.parser.should_upgrade())

    def _the_long_way(self) -> None:
        """What has been read so far, as uvicorn reads it."""
        self._hook = None
        self._no_longer_soon()
        super().on_headers_complete()
        super().on_body(bytes(self._read))

    def _no_longer_soon(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None

    def _begin(self, hook: Hook, posted: Posted) -> None:
        self.cycle = owed = Owed(self.parser.should_keep_alive())  # type: ignore[assignment]  # as much as it asks of one
        task = self.loop.create_task(self._answer(hook, posted, owed))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _answer(self, hook: Hook, posted: Posted, owed: Owed) -> None:
        reply = await hook.answer(posted)
        owed.response_complete = True
        if owed.disconnected:
            return
        self.transport.write(written(reply, self._added, self.server_state.default_headers, owed.keep_alive))
        if not owed.keep_alive:
            self.transport.close()
        self.on_response_complete()


def by_path(routes: Sequence[BaseRoute]) -> dict[bytes, Hook]:
    """The hooks among these routes."""
    return {route.path.encode(): route for route in routes if isinstance(route, Hook)}


def lines(secure: bool) -> bytes:
    """What every answer carries, as it is sent; ``secure`` where the public address is https."""
    return b"".join(_line(name.lower().encode(), value.encode()) for name, value in always(secure).items())


def written(reply: Reply, added: bytes, also: Headers, keep_alive: bool) -> bytes:
    """A reply as bytes; ``also`` are the server's own headers (the date)."""
    more = [_line(name, value) for name, value in (*also, *reply.more)]
    if reply.kind:
        more.append(_line(b"content-type", reply.kind))
    if not keep_alive:
        more.append(b"connection: close\r\n")
    head = b"HTTP/1.1 %d %b\r\ncontent-length: %d\r\n" % (reply.status, _phrase(reply.status), len(reply.body))
    return b"".join((head, *more, added, b"\r\n", reply.body))


def _line(name: bytes, value: bytes) -> bytes:
    return b"%b: %b\r\n" % (name, value)


def _phrase(status: int) -> bytes:
    return HTTPStatus(status).phrase.encode()


def _there(body: bytes) -> Any:
    """A body that is there already."""

    async def at_once() -> bytes:
        return body

    return at_once
