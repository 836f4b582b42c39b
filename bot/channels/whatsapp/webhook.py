"""What Twilio tells us: inbound messages, and what became of ours.

Every request is verified over PUBLIC_URL + path + raw query and all its fields before anything else is looked at.
A forged one is answered 403 and leaves no trace; an authentic one we cannot use is kept and answered 200.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

import orjson
import structlog

from bot.channels.hook import TAKEN, Handle, Hook, NotTaken, Posted, Reply
from bot.channels.whatsapp import codes
from bot.channels.whatsapp.client import Account
from bot.channels.whatsapp.parse import MESSAGE_SID, Unusable, parse, single
from bot.channels.whatsapp.signature import verified
from bot.engine.events import Event
from bot.engine.fixed import fixed
from storage.rows import Tell

log = structlog.get_logger()

FORM = b"application/x-www-form-urlencoded"
MOST_FIELDS = 500
EMPTY = Reply(body=b'<?xml version="1.0" encoding="UTF-8"?><Response/>', kind=b"text/xml; charset=utf-8")

# A failed part is told so by the last word of Twilio; what lies between changes nothing for us.
MEANS = {"sent": "sent", "delivered": "sent", "read": "sent", "failed": "failed", "undelivered": "failed"}


Fields = list[tuple[str, str]]


@fixed(frozen=True, slots=True)
class Hooks:
    """What the two hooks need of the house."""

    account: Account
    public_url: str
    handle: Callable[[Event], Awaitable[object]]
    unusable: Callable[[str, str, str, str], Awaitable[None]]
    told: Callable[[Sequence[Tell], datetime], Awaitable[None]]
    signed: Callable[[str, str], bool]
    clock: Callable[[], datetime]
    refused: Callable[[str, str], None]

    def routes(self) -> list[Hook]:
        return [
            Hook("/webhooks/twilio", self._verified(self.inbound)),
            Hook("/webhooks/twilio/status", self._verified(self.status)),
        ]

    async def inbound(self, posted: Posted, fields: Fields) -> Reply:
        """A message of a learner. Answered 2xx only after it is stored."""
        named = _single(fields)
        if named.get("AccountSid") != self.account.sid or named.get("To") != self.account.sender:
            raise NotTaken(403, "not ours")
        if named.get("From") == self.account.sender:
            return EMPTY  # two bots must not talk to each other
        now = self.clock()
        try:
            event = parse(named, now)
        except Unusable as why:
            sid = named.get("MessageSid", "")[:64] or "none"
            payload = orjson.dumps(dict(named)).decode()
            await self.unusable("whatsapp", f"whatsapp:{sid}", str(why), payload)
        else:
            await self.handle(event)
        return EMPTY

    async def status(self, posted: Posted, fields: Fields) -> Reply:
        """What became of a message of ours, in any order, also before Twilio's answer to us."""
        named = _single(fields)
        asked = dict(parse_qsl(posted.query.decode("latin-1"), keep_blank_values=True))
        part, sign = asked.get("part", ""), asked.get("sign", "")
        a_part = part.isascii() and part.isdigit() and len(part) < 19 and self.signed(part, sign)
        if not (a_part and self._is_of_ours(named)):
            log.info("status.not_ours")
            return TAKEN
        await self._settle(int(part), named)
        return TAKEN

    def _is_of_ours(self, told: Mapping[str, str]) -> bool:
        """Whether it is about a message that this account has sent; its sender is looked at where it is told."""
        sender = told.get("From", self.account.sender)
        named = MESSAGE_SID.fullmatch(told.get("MessageSid", ""))
        return bool(named) and told.get("AccountSid") == self.account.sid and sender == self.account.sender

    async def _settle(self, part: int, told: Mapping[str, str]) -> None:
        status = told.get("MessageStatus", "")[:32]
        code = told.get("ErrorCode", "")
        known = codes.CODES.get(int(code)) if code.isascii() and code.isdigit() and len(code) < 7 else None
        reason = codes.told(int(code), later=True) if known else (f"twilio {code[:8]}" if code else None)
        means = MEANS.get(status, "nothing")
        gone = means == "failed" and known is not None and known.meaning in (codes.Meaning.GONE, codes.Meaning.STOPPED)
        tell = Tell(part, told.get("MessageSid", "")[:64], status, means, reason, gone)  # type: ignore[arg-type]
        await self.told([tell], self.clock())

    def _verified(self, then: Callable[[Posted, Fields], Awaitable[Reply]]) -> Handle:
        """Nothing is looked at before the signature was; refusals are counted and leave no trace."""

        async def handle(posted: Posted) -> Reply:
            try:
                return await then(posted, await self._authentic(posted))
            except NotTaken as refused:
                self.refused("whatsapp", refused.why)
                return Reply(refused.status)

        return handle

    async def _authentic(self, posted: Posted) -> Fields:
        """The fields of a request that Twilio signed."""
        if posted.all(b"content-encoding"):
            raise NotTaken(415, "encoding")
        if posted.one(b"content-type").partition(b";")[0].strip().lower() != FORM:
            raise NotTaken(415, "type")
        body = await posted.body()
        try:
            fields = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=MOST_FIELDS,
                errors="strict",
            )  # fmt: skip
        except ValueError:
            raise NotTaken(403, "form") from None
        given = posted.all(b"x-twilio-signature")
        signature = given[0].decode("latin-1") if len(given) == 1 else ""
        if not verified(self.account.token, self._url(posted), fields, signature):
            raise NotTaken(403, "signature")
        return fields

    def _url(self, posted: Posted) -> str:
        """The URL as Twilio knows it: our own setting, never the request's headers; the query as it was sent."""
        query = f"?{posted.query.decode('latin-1')}" if posted.query else ""
        return self.public_url + posted.path.decode("latin-1").partition("?")[0] + query


def _single(fields: Fields) -> Mapping[str, str]:
    try:
        return single(fields)
    except ValueError:
        raise NotTaken(403, "malleable") from None
