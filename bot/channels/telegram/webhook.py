"""Telegram's way in: the secret first, then size and form, then stored, and only then 200.

Whoever lacks the secret learns nothing: one answer for every wrong value, in the same time. Whatever carries it is
taken; what we cannot use is kept as unusable and acknowledged, as a refused update would come again and again and
hold back those behind it.
"""

import hmac
from collections.abc import Callable
from hashlib import blake2b

import orjson
import structlog

from bot.channels.hook import LARGEST, TAKEN, Hook, NotTaken, Posted, Reply
from bot.channels.telegram.door import Door, Method

log = structlog.get_logger()

PATH = "/webhooks/telegram"
HEADER = b"x-telegram-bot-api-secret-token"

TurnedAway = Callable[[str, str], None]


def hook(door: Door, secret: str, turned_away: TurnedAway) -> Hook:
    """The hook. ``turned_away`` is told channel and reason of every refusal."""
    expected = _hashed(secret.encode())

    async def taken(posted: Posted) -> Reply:
        try:
            _check(posted, expected)
            answer = await door.take(await posted.body())
        except NotTaken as refused:
            turned_away("telegram", refused.why)
            return Reply(refused.status)
        return TAKEN if answer is None else _answered(answer)

    return Hook(PATH, taken)


def _answered(answer: Method) -> Reply:
    """Best effort: what is stored is acknowledged, also where the call beside it cannot be written."""
    try:
        return Reply(body=orjson.dumps(answer), kind=b"application/json")
    except TypeError as unwritable:
        log.error("telegram.not_answered", error=type(unwritable).__name__)
        return TAKEN


def _check(posted: Posted, expected: bytes) -> None:
    """Everything that can be known before the body is read."""
    given = posted.all(HEADER)
    right = hmac.compare_digest(_hashed(given[0] if given else b""), expected)
    if not right or len(given) != 1:
        raise NotTaken(403, "secret")
    if posted.all(b"content-encoding"):
        raise NotTaken(415, "encoding")
    if posted.one(b"content-type").lower().startswith(b"multipart/"):
        raise NotTaken(415, "form")
    length = posted.one(b"content-length", b"0")
    if not length.isdigit() or int(length[:9]) > LARGEST or len(length) > 9:
        raise NotTaken(413, "size")


def _hashed(value: bytes) -> bytes:
    """All values compare in the same time, whatever their length."""
    return blake2b(value, digest_size=32).digest()
