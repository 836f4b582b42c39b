"""What a page posts → a value we trust, or a refusal with its status. Everything odd ends here."""

import asyncio
import re
from functools import cache
from typing import Any, NoReturn
from zoneinfo import available_timezones

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from bot.engine.fixed import fixed

LONGEST = 8 * 1024  # bytes: a page lets nobody type more than 2,000 letters
SLOWEST = 10.0  # seconds for those few bytes
ID = re.compile(r"[A-Za-z0-9-]{16,64}", re.ASCII)
DATA = re.compile(r"[a-z]{1,3}:[A-Za-z0-9_-]{1,48}", re.ASCII)
CAMPAIGN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
# Neither database keeps NUL; the other control characters only harm terminals and logs.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
LARGEST = 2**63 - 1


@fixed(frozen=True, slots=True)
class Start:
    """The opening stands on the page; ``campaign`` is the code of the link that led there."""

    campaign: str | None = None


@fixed(frozen=True, slots=True)
class Saying:
    """One post: words or a tap. ``id`` is the page's own; ``after`` the last line it shows."""

    id: str
    text: str | None
    data: str | None
    start: Start | None
    language: str | None
    zone: str | None
    after: int


def refuse(status: int, **headers: str) -> HTTPException:
    return HTTPException(status, headers=headers or None)


async def saying(request: Request) -> Saying:
    """The post, read and checked."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or "content-encoding" in request.headers:
        raise refuse(415)
    try:
        async with asyncio.timeout(SLOWEST):
            raw = await _read(request)
    except TimeoutError:
        raise refuse(408) from None
    except ClientDisconnect:  # nobody is there to read the answer
        raise refuse(400) from None
    try:
        given = orjson.loads(raw)
    except ValueError:
        raise refuse(400) from None
    if not isinstance(given, dict):
        raise refuse(400)
    return _saying(given)


async def _read(request: Request) -> bytes:
    """The body, cut off as soon as it is too long, whatever its length claims."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > LONGEST:
            raise refuse(413)
    return bytes(raw)


def _saying(given: dict[str, Any]) -> Saying:
    text, data = given.get("text"), _matching(DATA, given.get("data"))
    if (text is None) == (data is None):
        raise refuse(400)
    if text is not None:
        text = _clean(text)
    start = given.get("start")
    return Saying(
        id=_matching(ID, given.get("id")) or _missing(),
        text=text,
        data=data,
        start=None if start is None else _start(start),
        language=_matching(LANGUAGE, given.get("language")),
        zone=_zone(given.get("zone")),
        after=_number(given.get("after", 0)),
    )


def _clean(text: object) -> str:
    if not isinstance(text, str):
        raise refuse(400)
    return CONTROL.sub("", text).strip() or _missing()


def _start(start: object) -> Start:
    """A campaign that is no code is left out: an odd link still opens the talk."""
    if not isinstance(start, dict):
        raise refuse(400)
    campaign = start.get("campaign")
    return Start(campaign if isinstance(campaign, str) and CAMPAIGN.fullmatch(campaign) else None)


def _zone(zone: object) -> str | None:
    """A zone that nobody knows is left out too: browsers may be ahead of our list."""
    return zone if isinstance(zone, str) and zone in zones() else None


@cache
def zones() -> frozenset[str]:
    """Every time zone there is; asking walks a folder, so it is asked once."""
    return frozenset(available_timezones())


def _matching(pattern: re.Pattern[str], value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise refuse(400)
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise refuse(400)
    return value


def _missing() -> NoReturn:
    raise refuse(400)


def cursor(request: Request) -> int:
    """The last line that a page has: what its browser remembers, else what its address says."""
    text = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise refuse(400)
    return int(text)
