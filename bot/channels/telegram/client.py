"""Calls to the Bot API: lean, on kept connections, with time-outs of our own. Nothing here knows what is said.

python-telegram-bot stays for set-up calls; tests hold these requests to the same meaning as its own.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from bot.channels.clean import clean_text
from bot.channels.line import CONNECT, Lines, Lost, NotSent
from bot.channels.telegram.reading import Unreadable, part, read, whole_number
from bot.engine.fixed import fixed
from bot.outcomes import LONGEST_WAIT

__all__ = ["PUBLIC", "Client", "Lost", "NotSent", "Reply", "reply"]

PUBLIC = "https://api.telegram.org"
TIMEOUT = 10.0  # seconds for a call; the platform answers in well under one


@fixed(frozen=True, slots=True)
class Reply:
    """What the platform answered. ``status`` is its error code, or HTTP's where the answer is none of its own.

    ``unread`` is what came as a success and cannot be read.
    """

    status: int
    result: Any = None
    description: str = ""
    retry_after: float | None = None
    migrate_to: int | None = None
    unread: bytes = b""

    @property
    def ok(self) -> bool:
        return self.status == 200


class Client:
    """The Bot API. Close it when done; the token stays out of ``repr`` and errors."""

    def __init__(self, token: str, base: str = PUBLIC) -> None:
        self._base = f"{base}/bot{token}"
        self._lines = Lines(self._base)
        self._head = cache(lambda method: self._lines.head(method, "application/json"))

    def __repr__(self) -> str:
        return "Client(…)"

    async def call(self, method: str, args: Mapping[str, object], *, timeout: float = TIMEOUT) -> Reply:  # noqa: ASYNC109
        """One call. Raises ``NotSent`` or ``Lost`` where no answer came."""
        answer = await self._lines.post(self._head(method), orjson.dumps(args), timeout)
        return reply(answer.status, answer.body)

    async def tell(self, method: str, args: Mapping[str, object]) -> Reply:
        """A call to a chat; again where the chat has moved."""
        reply = await self.call(method, args)
        if reply.migrate_to is None:
            return reply
        return await self.call(method, {**args, "chat_id": reply.migrate_to})

    async def upload(self, method: str, args: Mapping[str, object], field: str, name: str, content: bytes) -> Reply:
        """A call that carries a file: rare, as a picture is uploaded once, so aiohttp builds its form."""
        import aiohttp  # 8 MiB and 70 ms, for pictures that are not at the platform yet

        form = aiohttp.FormData()
        for key, value in args.items():
            form.add_field(key, value if isinstance(value, str) else orjson.dumps(value).decode())
        form.add_field(field, content, filename=name)
        limit = aiohttp.ClientTimeout(total=UPLOAD, sock_connect=CONNECT)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(f"{self._base}/{method}", data=form, allow_redirects=False) as response,
            ):
                return reply(response.status, await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as never:
            raise NotSent(type(never).__name__) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as gone:
            raise Lost(type(gone).__name__) from None

    async def close(self) -> None:
        self._lines.close()


BAD_GATEWAY = 502  # for what answers in no way that we know: it is tried again


def _wait(told: object) -> float | None:
    """The seconds we are told to wait, as far as they make sense."""
    seconds = whole_number(told)
    return None if seconds is None or seconds < 0 else min(float(seconds), LONGEST_WAIT)


def _refusal(code: object, status: int) -> int:
    """The code of a refusal, which is never one of success: its own, else HTTP's, else that of a fault on the way."""
    own = whole_number(code)
    return next((told for told in (own, status) if told is not None and 400 <= told <= 599), BAD_GATEWAY)


UPLOAD = 30.0  # seconds: a picture may be a few hundred kilobytes on a slow line


def reply(status: int, raw: bytes) -> Reply:
    """The platform's answer.

    One that is not its own JSON (a gateway's page, or cut off) tells nothing of chat or message, whatever its status.
    """
    unread = b""
    try:
        body = read(raw)
    except Unreadable:
        body, unread = {}, raw if status == 200 else b""
    if not isinstance(body.get("ok"), bool):
        code = status if status == 429 or status >= 500 else BAD_GATEWAY
        return Reply(code, description=f"no answer of the Bot API ({status})", unread=unread)
    if body["ok"]:
        return Reply(200, body.get("result"))
    told, description = part(body, "parameters"), body.get("description")
    return Reply(
        _refusal(body.get("error_code"), status),
        None,
        clean_text(description) if isinstance(description, str) else "",  # it is written down
        _wait(told.get("retry_after")),
        whole_number(told.get("migrate_to_chat_id")),
    )
