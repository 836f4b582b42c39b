"""Hooks in front of the pages: answered alike, however they are reached."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.errors import Unavailable
from bot.web.app import later
from bot.web.front import Front
from bot.web.headers import Headers
from bot.web.mishaps import Mishaps


async def hook(request: Request) -> Response:
    match await request.body():
        case b"bug":
            raise LookupError("nobody planned this")
        case b"down":
            raise Unavailable("The database is away.", "Wait.")
        case body:
            return PlainTextResponse(body)


ROUTES = [Route("/webhooks/one", hook, methods=["POST"])]
PAGES = Starlette(
    routes=ROUTES,
    middleware=[Middleware(Headers, secure=True), Middleware(Mishaps)],
    exception_handlers={Unavailable: later},
)


async def asked(app: ASGIApp, method: str, path: str, body: bytes) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        return await client.request(method, path, content=body)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/webhooks/one", b"hello", 200),
        ("POST", "/webhooks/one", b"bug", 500),
        ("POST", "/webhooks/one", b"down", 503),
        ("GET", "/webhooks/one", b"", 405),
        ("POST", "/webhooks/two", b"", 404),
    ],
)
async def test_a_hook_answers_as_it_would_behind_the_pages(method: str, path: str, body: bytes, status: int) -> None:
    front = await asked(Front(PAGES, ROUTES, secure=True), method, path, body)
    behind = await asked(PAGES, method, path, body)
    assert front.status_code == behind.status_code == status
    assert front.content == behind.content
    assert sorted(front.headers.multi_items()) == sorted(behind.headers.multi_items())
