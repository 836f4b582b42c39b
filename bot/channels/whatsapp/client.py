"""Calls to Twilio: lean, on kept connections, with time-outs of our own.

``twilio``'s own async client ignores its time-out and repeats POSTs, and cannot create Content templates, so the
calls we need are made here; the library keeps the semantics of signatures, which tests hold us to. All go over bare
lines: aiohttp would be 8 MiB of a bot at rest.
"""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from bot.channels.line import Lines, Lost, NotSent
from bot.engine.fixed import fixed

__all__ = ["Account", "Client", "Lost", "NotSent", "NotTold", "Reply", "TemplateRefused"]

ANSWER = 10.0  # seconds
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
    """What Twilio answered; ``status`` 0 means the request never went out."""

    status: int
    body: Mapping[str, Any]

    @property
    def code(self) -> int | None:
        code = self.body.get("code")
        return code if isinstance(code, int) and not isinstance(code, bool) else None


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
        status, raw = await self._lines.post(self._head, urlencode(form).encode(), ANSWER)
        return Reply(status, _json(raw))

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
            if reply.status != 200:
                raise TemplateRefused(_why(reply))
            for content in reply.body.get("contents", ()):
                known.setdefault(content["friendly_name"], content["sid"])
            url = (reply.body.get("meta") or {}).get("next_page_url") or ""
        return known

    async def create_template(self, body: dict[str, object]) -> str:
        """Makes a Content template and tells its id."""
        reply = await self._call("POST", self.account.content, orjson.dumps(body))
        if reply.status not in (200, 201):
            raise TemplateRefused(_why(reply))
        return str(reply.body["sid"])

    async def judged_templates(self) -> list[Mapping[str, Any]]:
        """Content templates at Twilio with Meta's judgement on each; all of them, or ``TemplateRefused``."""
        found: list[Mapping[str, Any]] = []
        url = f"{self.account.content}AndApprovals?PageSize=500"
        while url:
            reply = await self._call("GET", url)
            if reply.status != 200:
                raise TemplateRefused(_why(reply))
            found += reply.body.get("contents", ())
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
        status, raw = await lines.ask(lines.request(method, target, more, body), ANSWER)
        return Reply(status, _json(raw))


class NotTold(Exception):
    """Twilio did not tell what we asked for; it can be asked again."""


class TemplateRefused(Exception):
    """Twilio would not make a Content template, submit it, or tell of it."""


def _why(reply: Reply) -> str:
    return f"Twilio answered {reply.status} (code {reply.code}): {reply.body.get('message', '')}"


def _json(raw: bytes) -> Mapping[str, Any]:
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
