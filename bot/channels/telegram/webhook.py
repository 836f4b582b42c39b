"""Telegram's way in: the secret first, then size and form, then stored, and only then 200.

Whoever lacks the secret learns nothing: one answer for every wrong value, in the same time. Whatever carries it is
taken; what we cannot use is kept as unusable and acknowledged, as a refused update would come again and again and
hold back those behind it.
"""

import asyncio
import hmac
from collections.abc import Callable
from hashlib import blake2b

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.door import Door
from bot.errors import Unavailable

log = structlog.get_logger()

PATH = "/webhooks/telegram"
HEADER = b"x-telegram-bot-api-secret-token"
LARGEST = 256 * 1024  # bytes: the longest message with everything around it is far smaller
SLOWEST = 10.0  # seconds for the whole body
COME_AGAIN = "2"  # seconds; Telegram honours Retry-After

TurnedAway = Callable[[str, str], None]


class Refused(Exception):
    """The request is not taken, with this status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(status, why)
        self.status, self.why = status, why


def hook(door: Door, secret: str, turned_away: TurnedAway) -> Route:
    """The route. ``turned_away`` is told channel and reason of every refusal."""
    expected = _hashed(secret.encode())

    async def taken(request: Request) -> Response:
        try:
            _check(request, expected)
            raw = await _body(request)
            answer = await door.take(raw)
        except Refused as refused:
            turned_away("telegram", refused.why)
            return Response(status_code=refused.status)
        except Unavailable:
            log.warning("telegram.not_taken", why="database")
            return Response(status_code=503, headers={"Retry-After": COME_AGAIN})
        if answer is None:
            return Response(status_code=200)
        return Response(orjson.dumps(answer), media_type="application/json")

    return Route(PATH, taken, methods=["POST"])


def _check(request: Request, expected: bytes) -> None:
    """Everything that can be known before the body is read."""
    given = [value for name, value in request.headers.raw if name == HEADER]
    right = hmac.compare_digest(_hashed(given[0] if given else b""), expected)
    if not right or len(given) != 1:
        raise Refused(403, "secret")
    if "content-encoding" in request.headers:
        raise Refused(415, "encoding")
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise Refused(415, "form")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:9]) > LARGEST or len(length) > 9:
        raise Refused(413, "size")


def _hashed(value: bytes) -> bytes:
    """All values compare in the same time, whatever their length."""
    return blake2b(value, digest_size=32).digest()


async def _body(request: Request) -> bytes:
    """The body, cut off as soon as it is too long or too slow, whatever its length claims."""
    raw = bytearray()
    try:
        async with asyncio.timeout(SLOWEST):
            async for piece in request.stream():
                raw += piece
                if len(raw) > LARGEST:
                    raise Refused(413, "size")
    except TimeoutError:
        raise Refused(408, "slow") from None
    except ClientDisconnect:
        raise Refused(400, "gone") from None
    return bytes(raw)
