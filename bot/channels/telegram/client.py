"""Calls to the Bot API: lean, on one pooled session, with time-outs of our own. Nothing here knows what is said.

python-telegram-bot stays for set-up calls; tests hold these requests to the same meaning as its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import aiohttp
import orjson
from yarl import URL

from bot.channels.telegram.reading import Unreadable, part, read, whole_number

PUBLIC = "https://api.telegram.org"
TIMEOUT = 10.0  # seconds for a call; the platform answers in well under one
CONNECT = 5.0
SOCKETS = 128  # as many calls as the sender ever has under way, with room for answers to taps


@dataclass(frozen=True, slots=True)
class Reply:
    """What the platform answered. ``status`` is its error code, or HTTP's where the answer is none of its own."""

    status: int
    result: Any = None
    description: str = ""
    retry_after: float | None = None
    migrate_to: int | None = None

    @property
    def ok(self) -> bool:
        return self.status == 200


class NotSent(Exception):
    """The request never reached the platform."""


class Lost(Exception):
    """The request went out and no answer came: it may have been done."""


class Client:
    """One session to the Bot API. Close it when done; the token stays out of ``repr`` and errors."""

    def __init__(self, token: str, base: str = PUBLIC) -> None:
        # Reading an address costs more than sending to it, so each method's is read once.
        self._address = cache(lambda method: URL(f"{base}/bot{token}/{method}"))
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return "Client(…)"

    async def call(self, method: str, args: Mapping[str, object], *, timeout: float = TIMEOUT) -> Reply:  # noqa: ASYNC109
        """One call. Raises ``NotSent`` or ``Lost`` where no answer came."""
        return await self._post(method, timeout, data=orjson.dumps(args), headers=JSON)

    async def upload(self, method: str, args: Mapping[str, object], field: str, name: str, content: bytes) -> Reply:
        """A call that carries a file."""
        form = aiohttp.FormData()
        for key, value in args.items():
            form.add_field(key, value if isinstance(value, str) else orjson.dumps(value).decode())
        form.add_field(field, content, filename=name)
        return await self._post(method, UPLOAD, data=form)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=SOCKETS, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False, auto_decompress=True)
        return self._session

    async def _post(self, method: str, seconds: float, **how: Any) -> Reply:
        limit, address = patience(seconds), self._address(method)
        try:
            async with self.session.post(address, timeout=limit, allow_redirects=False, **how) as response:
                return reply(response.status, await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as never:
            raise NotSent(type(never).__name__) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as gone:
            raise Lost(type(gone).__name__) from None


@cache
def patience(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT)


JSON = {"Content-Type": "application/json"}
UPLOAD = 30.0  # seconds: a picture may be a few hundred kilobytes on a slow line


def reply(status: int, raw: bytes) -> Reply:
    """The platform's answer; one that is not its own JSON (a gateway's page) counts by its HTTP status."""
    try:
        body = read(raw)
    except Unreadable:
        body = {}
    if not isinstance(body.get("ok"), bool):
        return Reply(502 if status == 200 else status, description="no answer of the Bot API")
    if body["ok"]:
        return Reply(200, body.get("result"))
    told = part(body, "parameters")
    code, description = body.get("error_code"), str(body.get("description", ""))
    return Reply(
        code if isinstance(code, int) else status,
        None,
        description,
        whole_number(told.get("retry_after")),
        whole_number(told.get("migrate_to_chat_id")),
    )
