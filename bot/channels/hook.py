"""What a platform posts to us, and how it is answered: the same whether it came the short way or that of the pages.

A hook is a function from ``Posted`` to ``Reply``. ``bot.web.hooked`` calls it as soon as a small body is there;
whatever comes slowly, in pieces or in another form takes the way of the pages, through ``Hook``'s endpoint.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import field
from http import HTTPStatus

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.engine.fixed import fixed
from bot.errors import Unavailable

log = structlog.get_logger()

# Bytes of a body. What platforms post is a few kilobytes; but Telegram keeps updates up to 524,288 bytes (a rich
# message of 32,768 emoji, each written as 12), and holds back what follows one we do not take. (tdlib, TQueue.cpp)
LARGEST = 768 * 1024
SLOWEST = 10.0  # seconds for the whole body
COME_AGAIN = (b"retry-after", b"2")  # seconds; Telegram honours it

Headers = list[tuple[bytes, bytes]]


class NotTaken(Exception):
    """The request is not taken, with this status. ``why`` is counted, and told nobody outside."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(status, why)
        self.status, self.why = status, why


@fixed(frozen=True, slots=True)
class Posted:
    """A POST: headers with names in small letters, path and query as they were sent, and the body when asked for.

    ``body`` raises ``NotTaken`` for one that is too long or too slow, or whose sender has gone.
    """

    headers: Headers
    path: bytes
    query: bytes
    body: Callable[[], Awaitable[bytes]]

    def all(self, name: bytes) -> list[bytes]:
        """Every value given for a header."""
        return [value for given, value in self.headers if given == name]

    def one(self, name: bytes, otherwise: bytes = b"") -> bytes:
        """The first value given for a header."""
        return next((value for given, value in self.headers if given == name), otherwise)


@fixed(frozen=True, slots=True)
class Reply:
    status: int = HTTPStatus.OK
    body: bytes = b""
    kind: bytes = b""  # the type of the body
    more: Headers = field(default_factory=list)


TAKEN = Reply()
Handle = Callable[[Posted], Awaitable[Reply]]


class Hook(Route):
    """A hook at its path. ``answer`` never fails: what nobody planned is a bare 500."""

    def __init__(self, path: str, handle: Handle) -> None:
        super().__init__(path, self._asked, methods=["POST"])
        self._handle = handle

    async def answer(self, posted: Posted) -> Reply:
        try:
            return await self._handle(posted)
        except Unavailable:
            log.warning("hook.not_taken", path=self.path, why="database")
            return said(503, [COME_AGAIN])
        except Exception:
            log.exception("hook.failed", path=self.path)
            return said(500)

    async def _asked(self, request: Request) -> Response:
        async def body() -> bytes:
            return await whole(request)

        scope = request.scope
        path = scope.get("raw_path") or request.url.path.encode()
        reply = await self.answer(Posted(request.headers.raw, path, scope.get("query_string", b""), body))
        response = Response(reply.body, reply.status)
        response.raw_headers += [(b"content-type", reply.kind)] * bool(reply.kind) + reply.more
        return response


def said(status: int, more: Headers | None = None) -> Reply:
    """A trouble of ours, told by its number as the pages tell it."""
    return Reply(status, b'{"status":%d}' % status, b"application/json", more or [])


async def whole(request: Request) -> bytes:
    """The body, cut off as soon as it is too long or too slow, whatever its length claims; but it is no shorter."""
    raw = bytearray()
    try:
        async with asyncio.timeout(SLOWEST):
            async for piece in request.stream():
                raw += piece
                if len(raw) > LARGEST:
                    raise NotTaken(413, "size")
    except TimeoutError:
        raise NotTaken(408, "slow") from None
    except ClientDisconnect:
        raise NotTaken(400, "gone") from None
    if len(raw) < _claimed(request):  # what we lost would never come again, were this taken
        raise NotTaken(400, "short")
    return bytes(raw)


def _claimed(request: Request) -> int:
    """The length that a body is said to have; nine digits are more than any we take."""
    length = request.headers.get("content-length", "")
    return int(length[:9]) if length.isdecimal() else 0
