"""The cookie that holds a talk together: 128 random bits, readable by nobody but the server.

It is made at the first tap, never by looking, and stands in no address, page or log.
"""

import re
import secrets
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web import NAME
from bot.engine.events import Address

DAYS = 30
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def new_token() -> str:
    return secrets.token_urlsafe(16)


def address(token: str) -> Address:
    return Address(NAME, token)


def name(secure: bool) -> str:
    """``__Host-`` binds the cookie to this very host; browsers take that over https only."""
    return "__Host-talk" if secure else "talk"


def token_of(request: Request, secure: bool) -> str | None:
    """The token that came with the request, if it looks like one of ours."""
    token = request.cookies.get(name(secure), "")
    return token if TOKEN.fullmatch(token) else None


def hand_out(response: Response, token: str, secure: bool) -> None:
    response.set_cookie(
        name(secure), token, max_age=DAYS * 24 * 3600, path="/", secure=secure, httponly=True, samesite="lax"
    )


def take_back(response: Response, secure: bool) -> None:
    response.delete_cookie(name(secure), path="/", secure=secure, httponly=True, samesite="lax")


def mark(learner_id: str) -> str:
    """Tells a page whether the talk it shows is still the one that is kept. Says nothing about who it is."""
    return sha256(f"talk|{learner_id}".encode()).hexdigest()[:16]


def event_id(token: str, said: str) -> str:
    """The id of a post: the page's own, made unique to this talk, so that a repeat is known and no other is hit."""
    return sha256(f"{token}|{said}".encode()).hexdigest()[:40]
