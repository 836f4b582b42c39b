"""What a page posts → a value we trust, or a refusal with its status. Everything odd ends here."""

import asyncio
import re
from functools import cache
from hashlib import sha256
from typing import Any, NoReturn
from urllib.parse import parse_qsl
from zoneinfo import available_timezones

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from bot.engine.fixed import fixed

LETTERS = 2000  # of one message; a page with its script lets nobody send more
LONGEST = 8 * 1024  # bytes of a post that a script makes
LONGEST_FORM = 64 * 1024  # of a form, whose letters take up to twelve; what is too long comes back to be made shorter
FIELDS = 8  # of a form; ours has four
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


@fixed(frozen=True, slots=True)
class Filled:
    """A form that was sent: which ``page`` it stood on, which ``talk`` that showed, and what was typed or tapped."""

    page: str
    talk: str
    opening: bool
    text: str
    data: str | None

    def saying(self, language: str | None, campaign: str | None) -> Saying:
        """As the script would have posted it. The same answer on the same page is the same post, however often."""
        said = self.data or self.text
        return Saying(
            id=sha256(f"{self.page}|{said}".encode()).hexdigest()[:32],
            text=None if self.data else self.text,
            data=self.data,
            start=_start({"campaign": campaign}) if self.opening else None,
            language=language if language and LANGUAGE.fullmatch(language) else None,
            zone=None,
            after=0,
        )


async def saying(request: Request) -> Saying:
    """The post, read and checked."""
    raw = await _body(request, "application/json", LONGEST)
    try:
        given = orjson.loads(raw)
    except ValueError:
        raise refuse(400) from None
    if not isinstance(given, dict):
        raise refuse(400)
    return _saying(given)


async def filled(request: Request) -> Filled:
    """The form of a page, read and checked."""
    raw = await _body(request, "application/x-www-form-urlencoded", LONGEST_FORM)
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        raise refuse(400) from None
    given = dict(pairs)
    if len(given) < len(pairs):
        raise refuse(400)
    return Filled(
        page=_matching(ID, given.get("page")) or _missing(),
        talk=given.get("talk", ""),
        opening="opening" in given,
        text=CONTROL.sub("", given.get("text", "")).strip(),
        data=_matching(DATA, given.get("data")),
    )


async def _body(request: Request, wanted: str, longest: int) -> bytes:
    """The body of a post of the wanted kind, in time and no longer than that."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != wanted or "content-encoding" in request.headers:
        raise refuse(415)
    try:
        async with asyncio.timeout(SLOWEST):
            return await _read(request, longest)
    except TimeoutError:
        raise refuse(408) from None
    except ClientDisconnect:  # nobody is there to read the answer
        raise refuse(400) from None


async def _read(request: Request, longest: int) -> bytes:
    """The body, cut off as soon as it is too long, whatever its length claims."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > longest:
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
