"""In front of the pages: platforms' hooks are answered without what only pages need.

A page passes through five layers (errors, headers, mishaps, exceptions, the table of routes), which together cost a
webhook more than storing its turn does. A hook is one path, posted to; its answer gets the same headers, and what
nobody planned becomes the same bare 500. Everything else, other methods included, goes to the pages, which know the
hooks' paths too.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.errors import Unavailable
from bot.web.app import later
from bot.web.headers import always

log = structlog.get_logger()

Endpoint = Callable[[Request], Awaitable[Response]]


class Front:
    def __init__(self, pages: ASGIApp, hooks: Sequence[BaseRoute], *, secure: bool) -> None:
        self._pages = pages
        self._hooks: dict[str, Endpoint] = {hook.path: hook.endpoint for hook in hooks if isinstance(hook, Route)}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in always(secure).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hook = self._hooks.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if hook is None:
            await self._pages(scope, receive, send)
            return
        response = await _answered(hook, Request(scope, receive))
        response.raw_headers += self._headers
        await response(scope, receive, send)


async def _answered(hook: Endpoint, request: Request) -> Response:
    try:
        return await hook(request)
    except Unavailable as trouble:
        return await later(request, trouble)
    except Exception:
        log.exception("page.failed", method="POST")
        return JSONResponse({"status": 500}, 500)
