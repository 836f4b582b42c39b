"""A Twilio on loopback, with real sockets: it refuses what Twilio refuses, loses answers when told to, calls back.

async with FakeTwilio() as twilio:  …  twilio.url, twilio.messages, twilio.contents
"""

import asyncio
import json
import re
import secrets
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.whatsapp.signature import signed

SID = "AC" + "0" * 32
TOKEN = "a token of a fake account, 32+ characters"
SENDER = "whatsapp:+14155238886"
ADDRESS = re.compile(r"^whatsapp:(\+[1-9]\d{5,14}|[A-Z]{2}\.[A-Za-z0-9]{1,128})$")
VARIABLE = re.compile(r"\{\{(\d+)\}\}")
NAME = re.compile(r"^[a-z0-9_]{1,512}$")
LANGUAGE = re.compile(r"^[a-z]{2,3}(_[A-Z]{2})?$")
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
SESSION_ONLY = {"twilio/list-picker", "twilio/location"}
PAGE = "<html>somebody between you and Twilio</html>"
UNUSABLE = {"rejected": 63040, "paused": 63041, "disabled": 63042}
ALLOWED = {"To", "From", "Body", "ContentSid", "ContentVariables", "StatusCallback", "MessagingServiceSid", "MediaUrl"}


class Wrong(Exception):
    """A request that Twilio would answer with this code."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass
class FakeTwilio:
    """``faults``, one a message: a status (429, 500), ``cut`` (taken, the answer lost), ``error`` (taken, answered
    by a gateway's 502), ``page`` (not taken, answered 200 by somebody else), ``drop`` (lost on its way, and nobody
    knows), ``hang``, or an error code. ``retry_after`` is told with a 429.

    ``closed`` are the addresses whose 24-hour window is over: what may not go there is taken, and fails afterwards,
    as at the real one; the message's ``error_code`` tells why. ``ailing`` is the status that every question is answered
    with, while messages are taken.
    """

    faults: list[str | int] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    calls: int = 0
    callback: bool = False
    closed: set[str] = field(default_factory=set)
    ailing: int | None = None
    asked: int = 0  # for the list of messages
    retry_after: str | None = None
    unsorted: bool = False  # the list has messages to others too

    async def __aenter__(self) -> "FakeTwilio":
        app = web.Application(middlewares=[_answered])
        app.add_routes(
            [
                web.post("/2010-04-01/Accounts/{account}/Messages.json", self._create),
                web.get("/2010-04-01/Accounts/{account}/Messages.json", self._list),
                web.get("/2010-04-01/Accounts/{account}/Messages/{sid}.json", self._one),
                web.get("/2010-04-01/Accounts/{account}.json", self._account),
                web.post("/v1/Content", self._make_content),
                web.get("/v1/Content", self._contents),
                web.get("/v1/ContentAndApprovals", self._judged),
                web.post("/v1/Content/{sid}/ApprovalRequests/whatsapp", self._submit),
                web.get("/v1/Content/{sid}/ApprovalRequests", self._approval),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def sent_to(self, address: str) -> list[dict[str, Any]]:
        return [m for m in self.messages if m["to"] == address and m["direction"] != "inbound"]

    def received(self, sender: str, body: str, **more: Any) -> dict[str, Any]:
        """A message somebody sent to us, as the list has it."""
        message = {"sid": _sid("SM"), "from": sender, "to": SENDER, "body": body, "num_media": "0"}
        self.messages.append({**message, "direction": "inbound", "status": "received", **more})
        return self.messages[-1]

    def judge(self, name: str, status: str, category: str = "UTILITY", reason: str = "") -> None:
        """Meta's word on every template whose name begins like this."""
        judged = [c for c in self.contents.values() if c["friendly_name"].startswith(name) and "approval" in c]
        assert judged, f"no template {name} was submitted"
        for content in judged:
            content["approval"] |= {"status": status, "category": category, "rejection_reason": reason}

    # --- what is asked of it -----------------------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.calls += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "drop":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault == "page":
            return web.Response(text=PAGE, content_type="text/html")
        if isinstance(fault, int) and fault in (429, 500, 502, 503):
            told = {"Retry-After": self.retry_after} if self.retry_after and fault == 429 else None
            return _error(20429 if fault == 429 else 20500, "fault", fault, told)
        form = {str(key): str(value) for key, value in (await request.post()).items()}
        try:
            self._authorised(request)
            message = self._taken(form)
            if isinstance(fault, int):
                raise Wrong(fault, "fault")
        except Wrong as wrong:
            if not isinstance(fault, int):
                self.refused.append(f"{wrong.code} {wrong.message}: {form}")
            return _error(wrong.code, wrong.message, wrong.status)
        self.messages.append(message)
        if self.callback and message["error_code"] is None:
            await self.tell(message, "sent")
        if fault == "cut":
            assert request.transport is not None
            request.transport.close()
        if fault == "error":
            return web.Response(text=PAGE, content_type="text/html", status=502)
        return web.json_response(message, status=201)

    async def tell(self, message: dict[str, Any], status: str, code: int | None = None) -> int:
        """Calls back what became of a message; the status the hook answered."""
        url = message["callback"]
        fields = [("MessageSid", message["sid"]), ("MessageStatus", status), ("AccountSid", SID)]
        fields += [("From", message["from"]), ("To", message["to"])]
        fields += [("ErrorCode", str(code))] if code else []
        headers = {"X-Twilio-Signature": signed(TOKEN, url, fields).decode()}
        async with aiohttp.ClientSession() as session, session.post(url, data=fields, headers=headers) as answer:
            return answer.status

    def _taken(self, form: dict[str, str]) -> dict[str, Any]:
        if unknown := set(form) - ALLOWED:
            raise Wrong(20001, f"unknown fields {unknown}")
        if not ADDRESS.match(form.get("To", "")):
            raise Wrong(21211, "To is no address")
        if form.get("From") != SENDER:
            raise Wrong(21606, "From is not ours")
        body = self._rendered(form) if "ContentSid" in form else self._text(form)
        message = {"sid": _sid("SM"), "to": form["To"], "from": SENDER, "body": body, "status": "queued"}
        more = {"form": form, "callback": form.get("StatusCallback"), "error_code": self._fate(form)}
        return {**message, "direction": "outbound-api", **more}

    def _fate(self, form: dict[str, str]) -> int | None:
        """The code a message to somebody whose window is closed will fail with; None if it arrives."""
        if form["To"] not in self.closed:
            return None
        approval = self.contents.get(form.get("ContentSid", ""), {}).get("approval", {})
        if approval.get("status") != "approved":
            return 63016
        # Within the United States Meta delivers no marketing.
        return 63049 if approval["category"] == "MARKETING" and form["To"].startswith("whatsapp:+1") else None

    @staticmethod
    def _text(form: dict[str, str]) -> str:
        if "ContentVariables" in form:
            raise Wrong(21654, "variables without a template")
        body = form.get("Body", "")
        if not body.strip():
            raise Wrong(21619, "no body")
        if len(body.encode("utf-16-le")) // 2 > 1600:
            raise Wrong(21617, "body too long")
        return body

    def _rendered(self, form: dict[str, str]) -> str:
        if form.keys() & {"Body", "MediaUrl"}:
            raise Wrong(63016, "a template stands alone")
        content = self.contents.get(form["ContentSid"])
        if content is None:
            raise Wrong(20404, "no such content", 404)
        status = content.get("approval", {}).get("status")
        if form["To"] in self.closed and status in UNUSABLE:
            raise Wrong(UNUSABLE[status], f"the template is {status}")
        try:
            given = json.loads(form.get("ContentVariables", "{}"))
        except json.JSONDecodeError:
            raise Wrong(21656, "the variables are no JSON") from None
        if not isinstance(given, dict) or any(len(key) > 16 for key in given):
            raise Wrong(21656, "the variables are no object of short names")
        if any(not isinstance(value, str) or not value or len(value) > 1600 for value in given.values()):
            raise Wrong(21656, "a variable is null, empty or too long")
        variables = content["variables"] | given
        if set(given) - set(content["variables"]):
            raise Wrong(21656, "a variable that the template does not have")

        def filled(text: str) -> str:
            return VARIABLE.sub(lambda match: variables[match[1]], text)

        (kind, what), *_ = content["types"].items()
        body = filled(what["body"])
        if len(body.encode("utf-16-le")) // 2 > 1024:
            raise Wrong(63021, "body too long")
        if kind in ("twilio/quick-reply", "twilio/card"):
            self._short([filled(a["title"]) for a in what["actions"]], 20, [filled(a["id"]) for a in what["actions"]])
        else:
            self._short([filled(i["item"]) for i in what["items"]], 24, [filled(i["id"]) for i in what["items"]])
            self._short([filled(i["description"]) for i in what["items"] if "description" in i], 72, [])
            self._short([filled(what["button"])], 20, [])
        return body

    @staticmethod
    def _short(labels: list[str], limit: int, ids: list[str]) -> None:
        if any(not label.strip() or len(label.encode("utf-16-le")) // 2 > limit for label in labels):
            raise Wrong(63021, f"a label is empty or over {limit}: {labels}")
        if len(set(ids)) != len(ids) or any(len(id_) > 200 for id_ in ids):
            raise Wrong(63005, f"ids are doubled or too long: {ids}")
        if ids and len(set(labels)) != len(labels):
            raise Wrong(63005, f"labels are doubled: {labels}")

    async def _list(self, request: web.Request) -> web.Response:
        self.asked += 1
        self._well(request)
        found = [m for m in reversed(self.messages) if self.unsorted or request.query.get("To", m["to"]) == m["to"]]
        page, size = int(request.query.get("Page", 0)), 2  # small, so that paging is really used
        following = f"{request.path}?Page={page + 1}" + (
            f"&To={request.query['To']}".replace("+", "%2B") if "To" in request.query else ""
        )
        more = len(found) > (page + 1) * size
        body = {"messages": found[page * size : (page + 1) * size], "next_page_uri": following if more else None}
        return web.json_response(body)

    async def _one(self, request: web.Request) -> web.Response:
        self._authorised(request)
        found = [m for m in self.messages if m["sid"] == request.match_info["sid"]]
        return web.json_response(found[0]) if found else _error(20404, "not found", 404)

    async def _account(self, request: web.Request) -> web.Response:
        self._authorised(request)
        return web.json_response({"sid": SID, "status": "active"})

    async def _make_content(self, request: web.Request) -> web.Response:
        self._authorised(request)
        if request.content_type != "application/json":
            return _error(20001, "JSON is wanted", 400)
        body = await request.json()
        if problem := content_problem(body):
            self.refused.append(f"content: {problem}")
            return _error(20001, problem, 400)
        sid = _sid("HX")
        self.contents[sid] = {**body, "sid": sid}
        return web.json_response(self.contents[sid], status=201)

    async def _contents(self, request: web.Request) -> web.Response:
        self._well(request)
        contents = [{key: value for key, value in c.items() if key != "approval"} for c in self.contents.values()]
        return web.json_response({"contents": contents, "meta": {"next_page_url": None}})

    async def _judged(self, request: web.Request) -> web.Response:
        """Contents with Meta's word, a few a page, so that paging is really used."""
        self._authorised(request)
        page, size = int(request.query.get("Page", 0)), 5
        told = [
            {**content, "approval_requests": _approval(content)}
            for content in list(self.contents.values())[page * size : (page + 1) * size]
        ]
        more = len(self.contents) > (page + 1) * size
        following = f"{self.url}{request.path}?PageSize={size}&Page={page + 1}" if more else None
        return web.json_response({"contents": told, "meta": {"next_page_url": following, "key": "contents"}})

    async def _submit(self, request: web.Request) -> web.Response:
        try:
            self._authorised(request)
            content = self._submittable(request)
            wish = await request.json()
            if set(wish) != {"name", "category"} or wish["category"] not in CATEGORIES:
                raise Wrong(20001, f"a name and a category of Meta are wanted: {wish}")
            if not NAME.match(wish["name"]):
                raise Wrong(20001, f"{wish['name']} is no name")
        except Wrong as wrong:
            self.refused.append(f"approval: {wrong.message}")
            return _error(wrong.code, wrong.message, wrong.status)
        (kind, _), *_ = content["types"].items()
        content["approval"] = {**wish, "content_type": kind, "status": "received", "rejection_reason": ""}
        return web.json_response(_approval(content), status=201)

    def _submittable(self, request: web.Request) -> dict[str, Any]:
        content = self.contents.get(request.match_info["sid"])
        if content is None:
            raise Wrong(20404, "no such content", 404)
        if "approval" in content:
            raise Wrong(20001, "it was submitted before")
        if SESSION_ONLY & set(content["types"]):
            raise Wrong(20001, "this type is for sessions only")
        if request.content_type != "application/json":
            raise Wrong(20001, "JSON is wanted")
        return content

    async def _approval(self, request: web.Request) -> web.Response:
        self._authorised(request)
        content = self.contents.get(request.match_info["sid"])
        if content is None:
            return _error(20404, "not found", 404)
        told = {"sid": content["sid"], "account_sid": SID, "whatsapp": {"type": "whatsapp", **_approval(content)}}
        return web.json_response(told)

    def _well(self, request: web.Request) -> None:
        self._authorised(request)
        if self.ailing is not None:
            raise Wrong(20503, "not now", self.ailing)

    @staticmethod
    def _authorised(request: web.Request) -> None:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind != "Basic" or b64decode(given).decode() != f"{SID}:{TOKEN}":
            raise Wrong(20003, "authenticate", 401)


def content_problem(body: dict[str, Any]) -> str | None:
    """What is wrong with a Content template, by Twilio's rules; None if nothing is."""
    if set(body) != {"friendly_name", "language", "variables", "types"}:
        return f"fields are {sorted(body)}"
    variables = body["variables"]
    if not LANGUAGE.match(body["language"]):
        return f"{body['language']} is no language of Meta's"
    if len(variables) > 100 or any(not value for value in variables.values()):
        return "too many variables, or a sample is empty"
    (kind, what), *_ = body["types"].items()
    text = what["body"]
    if re.match(r"^\s*\{\{", text) or re.search(r"\}\}\s*$", text) or re.search(r"\}\}\s*\{\{", text):
        return "a body may not begin or end with a variable"
    used = set(VARIABLE.findall(json.dumps(what)))
    if used != set(variables):
        return f"variables used {sorted(used)}, samples {sorted(variables)}"
    media = what.get("media", [])
    if (kind == "twilio/card") != (len(media) == 1) or any(not url.startswith("https://") for url in media):
        return "a card has one picture, from a public https address; nothing else has any"
    count = len(what["items"] if kind == "twilio/list-picker" else what["actions"])
    most = {"twilio/quick-reply": 3, "twilio/card": 3, "twilio/list-picker": 10}.get(kind, 0)
    return None if 1 <= count <= most else f"{count} choices in {kind}"


@web.middleware
async def _answered(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except Wrong as wrong:
        return _error(wrong.code, wrong.message, wrong.status)


def _approval(content: dict[str, Any]) -> dict[str, Any]:
    none = {"name": "", "category": "", "content_type": "", "status": "unsubmitted", "rejection_reason": ""}
    return {**none, "allow_category_change": True, **content.get("approval", {})}


def _sid(kind: str) -> str:
    return kind + secrets.token_hex(16)


def _error(code: int, message: str, status: int, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"code": code, "message": message, "status": status}, status=status, headers=headers)
