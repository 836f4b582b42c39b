"""What Twilio tells us: inbound messages, and what became of ours.

Every request is verified over PUBLIC_URL + path + raw query and all its fields before anything else is looked at.
A forged one is answered 403 and leaves no trace; an authentic one we cannot use is kept and answered 200.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.whatsapp import codes
from bot.channels.whatsapp.client import Account
from bot.channels.whatsapp.parse import Unusable, parse, single
from bot.channels.whatsapp.signature import verified
from bot.engine.events import Event
from storage.rows import Tell

log = structlog.get_logger()

LARGEST = 256 * 1024  # bytes of a form; Twilio's own are a few kilobytes
MOST_FIELDS = 500
SLOWEST = 10.0  # seconds for the whole body
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

# A failed part is told so by the last word of Twilio; what lies between changes nothing for us.
MEANS = {"sent": "sent", "delivered": "sent", "read": "sent", "failed": "failed", "undelivered": "failed"}


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the two hooks need of the house."""

    account: Account
    public_url: str
    handle: Callable[[Event], Awaitable[object]]
    unusable: Callable[[str, str, str, str], Awaitable[None]]
    told: Callable[[Sequence[Tell], datetime], Awaitable[None]]
    left: Callable[[int, str], Awaitable[None]]
    signed: Callable[[str, str], bool]
    clock: Callable[[], datetime]
    refused: Callable[[str, str], None]

    def routes(self) -> list[Route]:
        return [
            Route("/webhooks/twilio", self.inbound, methods=["POST"]),
            Route("/webhooks/twilio/status", self.status, methods=["POST"]),
        ]

    async def inbound(self, request: Request) -> Response:
        """A message of a learner. Answered 2xx only after it is stored."""
        fields = await self._authentic(request)
        if isinstance(fields, Response):
            return fields
        try:
            named = single(fields)
        except ValueError:
            return self._no("malleable", 403)
        if named.get("AccountSid") != self.account.sid or named.get("To") != self.account.sender:
            return self._no("not ours", 403)
        if named.get("From") == self.account.sender:
            return Response(EMPTY, media_type="text/xml")  # two bots must not talk to each other
        now = self.clock()
        try:
            event = parse(named, now)
        except Unusable as why:
            sid = named.get("MessageSid", "")[:64] or "none"
            payload = orjson.dumps(dict(named)).decode()
            await self.unusable("whatsapp", f"whatsapp:{sid}", str(why), payload)
        else:
            await self.handle(event)
        return Response(EMPTY, media_type="text/xml")

    async def status(self, request: Request) -> Response:
        """What became of a message of ours, in any order, also before Twilio's answer to us."""
        fields = await self._authentic(request)
        if isinstance(fields, Response):
            return fields
        part, sign = request.query_params.get("part", ""), request.query_params.get("sign", "")
        if not (part.isascii() and part.isdigit() and len(part) < 19 and self.signed(part, sign)):
            log.info("status.not_ours")
            return Response(status_code=200)
        told = dict(fields)
        await self._settle(int(part), told)
        return Response(status_code=200)

    async def _settle(self, part: int, told: dict[str, str]) -> None:
        status = told.get("MessageStatus", "")[:32]
        code = told.get("ErrorCode", "")
        known = codes.CODES.get(int(code)) if code.isascii() and code.isdigit() and len(code) < 7 else None
        reason = codes.told(int(code), later=True) if known else (f"twilio {code[:8]}" if code else None)
        means = MEANS.get(status, "nothing")
        tell = Tell(part, told.get("MessageSid", "")[:64], status, means, reason)  # type: ignore[arg-type]
        await self.told([tell], self.clock())
        if means == "failed" and known and known.meaning in (codes.Meaning.GONE, codes.Meaning.STOPPED):
            await self.left(part, known.reason)

    async def _authentic(self, request: Request) -> list[tuple[str, str]] | Response:
        """The fields of a request that Twilio signed, or the refusal."""
        headers = request.headers
        if "content-encoding" in headers:
            return self._no("encoding", 415)
        if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return self._no("type", 415)
        try:
            async with asyncio.timeout(SLOWEST):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return self._no("slow", 408)
        if body is None:
            return self._no("size", 413)
        try:
            fields = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=MOST_FIELDS,
                errors="strict",
            )  # fmt: skip
        except ValueError:
            return self._no("form", 403)
        given = headers.getlist("x-twilio-signature")
        if len(given) != 1 or not verified(self.account.token, self._url(request), fields, given[0]):
            return self._no("signature", 403)
        return fields

    def _url(self, request: Request) -> str:
        """The URL as Twilio knows it: our own setting, never the request's headers; the query as it was sent."""
        raw = request.scope.get("raw_path") or request.url.path.encode()
        query = request.scope.get("query_string", b"")
        path = raw.decode("latin-1").partition("?")[0] + (f"?{query.decode('latin-1')}" if query else "")
        return self.public_url + path

    def _no(self, why: str, status: int) -> Response:
        self.refused("whatsapp", why)
        return Response(status_code=status)


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is too long, whatever its length claims."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > LARGEST:
            return None
    return bytes(raw)
