"""Calls to Twilio: lean, on kept connections, with time-outs of our own.

``twilio``'s own async client ignores its time-out and repeats POSTs, and cannot create Content templates, so the
calls we need are made here; the library keeps the semantics of signatures, which tests hold us to. All go over bare
lines: aiohttp would be 8 MiB of a bot at rest.
"""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from bot.channels.line import Lines, Lost, NotSent
from bot.channels.whatsapp.parse import MESSAGE_SID
from bot.engine.fixed import fixed

__all__ = ["Account", "Client", "Lost", "NotSent", "NotTold", "Reply", "TemplateRefused", "read_date"]

ANSWER = 10.0  # seconds
SHORTEST, LONGEST = 1.0, 3600.0  # seconds that anybody is kept waiting on Twilio's word; it is asked again then
FORM = "application/x-www-form-urlencoded"
JSON = "Content-Type: application/json\r\n"


@fixed(frozen=True, slots=True)
class Account:
    """Whose messages: the account, its sender (``whatsapp:+…``) and where Twilio lives."""

    sid: str
    token: str
    sender: str
    service: str | None = None
    base: str | None = None

    @property
    def api(self) -> str:
        return f"{self.base or 'https://api.twilio.com'}/2010-04-01/Accounts/{self.sid}"

    @property
    def messaging(self) -> str:
        return f"{self.base or 'https://messaging.twilio.com'}/v1"

    @property
    def content(self) -> str:
        return f"{self.base or 'https://content.twilio.com'}/v1/Content"


@fixed(frozen=True, slots=True)
class Reply:
    """What Twilio answered; ``retry_after`` is that header, as it stands."""

    status: int
    body: Mapping[str, Any]
    retry_after: str = ""

    @property
    def code(self) -> int | None:
        code = self.body.get("code")
        return code if isinstance(code, int) and not isinstance(code, bool) else None

    @property
    def taken(self) -> str | None:
        """The id of the message that Twilio has taken. Whatever else answers 2xx (a gateway's page) has taken none."""
        sid = self.body.get("sid")
        return sid if self.status in (200, 201) and isinstance(sid, str) and MESSAGE_SID.fullmatch(sid) else None

    def wait(self, now: datetime) -> float | None:
        """The seconds that a 429 tells us to wait, which come as a number or as a date; None where it tells none."""
        told = self.retry_after.strip() if self.status == 429 else ""
        if told.isascii() and told.isdigit():
            seconds = float(told[:9])
        elif (until := read_date(told)) is not None:
            seconds = (until - now).total_seconds()
        else:
            return None
        return min(max(seconds, SHORTEST), LONGEST)


def read_date(told: str) -> datetime | None:
    """A date as HTTP and Twilio write them; None where it is none."""
    try:
        date = parsedate_to_datetime(told)
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


class Client:
    """Twilio's API for one account. Close it when done."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._lines = Lines(account.api)
        self._others: dict[str, Lines] = {}  # by scheme and host
        self._auth = "Basic " + b64encode(f"{account.sid}:{account.token}".encode()).decode()

    @cached_property
    def _head(self) -> bytes:
        return self._lines.head("Messages.json", FORM, f"Authorization: {self._auth}\r\n")

    async def close(self) -> None:
        for lines in (self._lines, *self._others.values()):
            lines.close()

    async def create_message(self, to: str, fields: Mapping[str, str]) -> Reply:
        """Hands one message over. Raises ``NotSent`` or ``Lost`` where no answer came."""
        sender = {"MessagingServiceSid": self.account.service} if self.account.service else {}
        form = {"To": to, "From": self.account.sender, **sender, **fields}
        answer = await self._lines.post(self._head, urlencode(form).encode(), ANSWER)
        return Reply(answer.status, _json(answer.body), answer.wait)

    async def message(self, sid: str) -> Reply:
        """One message of ours as Twilio knows it now."""
        return await self._call("GET", f"{self.account.api}/Messages/{sid}.json")

    async def messages(self, since: datetime, **where: str) -> AsyncIterator[Mapping[str, Any]]:
        """The account's messages since a time, newest first, page by page.

        Raises ``NotTold`` where Twilio does not tell them: that is not the same as having none.
        """
        asked = urlencode({**where, "DateSent>": f"{since:%Y-%m-%dT%H:%M:%SZ}", "PageSize": "200"})
        url = f"{self.account.api}/Messages.json?{asked}"
        while url:
            reply = await self._call("GET", url)
            messages = reply.body.get("messages")
            if reply.status != 200 or not isinstance(messages, list):
                raise NotTold(_why(reply))
            for message in messages:
                yield message
            following = reply.body.get("next_page_uri")
            root = self.account.api.partition("/2010-04-01")[0]
            url = f"{root}{following}" if following else ""

    async def sender_webhook(self) -> tuple[int, str]:
        """The status Twilio answers for our account, and the inbound URL of the Messaging Service, if one is set."""
        reply = await self._call("GET", f"{self.account.api}.json")
        if reply.status != 200 or not self.account.service:
            return reply.status, ""
        service = await self._call("GET", f"{self.account.messaging}/Services/{self.account.service}")
        return service.status, str(service.body.get("inbound_request_url") or "")

    async def templates(self) -> dict[str, str]:
        """Content templates at Twilio: name → id; all of them, or ``TemplateRefused``."""
        known: dict[str, str] = {}
        url = f"{self.account.content}?PageSize=500"
        while url:
            reply = await self._call("GET", url)
            for content in _contents(reply):
                known.setdefault(content["friendly_name"], content["sid"])
            url = (reply.body.get("meta") or {}).get("next_page_url") or ""
        return known

    async def create_template(self, body: dict[str, object]) -> str:
        """Makes a Content template and tells its id."""
        reply = await self._call("POST", self.account.content, orjson.dumps(body))
        if reply.status not in (200, 201) or not reply.body.get("sid"):
            raise TemplateRefused(_why(reply))
        return str(reply.body["sid"])

    async def judged_templates(self) -> list[Mapping[str, Any]]:
        """Content templates at Twilio with Meta's judgement on each; all of them, or ``TemplateRefused``."""
        found: list[Mapping[str, Any]] = []
        url = f"{self.account.content}AndApprovals?PageSize=500"
        while url:
            reply = await self._call("GET", url)
            found += _contents(reply)
            url = (reply.body.get("meta") or {}).get("next_page_url") or ""
        return found

    async def submit_template(self, sid: str, name: str, category: str) -> Mapping[str, Any]:
        """Asks Meta to approve a template, and tells how it stands then."""
        url = f"{self.account.content}/{sid}/ApprovalRequests/whatsapp"
        reply = await self._call("POST", url, orjson.dumps({"name": name, "category": category}))
        if reply.status not in (200, 201):
            raise TemplateRefused(_why(reply))
        return reply.body

    async def _call(self, method: str, url: str, body: bytes = b"") -> Reply:
        """A rare call, its body JSON. Raises ``NotSent`` or ``Lost`` where no answer came."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        lines = self._others.setdefault(origin, Lines(origin))
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        more = f"Authorization: {self._auth}\r\n{JSON if body else ''}"
        answer = await lines.ask(lines.request(method, target, more, body), ANSWER)
        return Reply(answer.status, _json(answer.body), answer.wait)


class NotTold(Exception):
    """Twilio did not tell what we asked for; it can be asked again."""


class TemplateRefused(Exception):
    """Twilio would not make a Content template, submit it, or tell of it."""


def _contents(reply: Reply) -> list[Mapping[str, Any]]:
    """One page of Content templates. A page of anything else is no word that there are none."""
    contents = reply.body.get("contents")
    if reply.status != 200 or not isinstance(contents, list):
        raise TemplateRefused(_why(reply))
    return contents


def _why(reply: Reply) -> str:
    return f"Twilio answered {reply.status} (code {reply.code}): {reply.body.get('message', '')}"


def _json(raw: bytes) -> Mapping[str, Any]:
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
