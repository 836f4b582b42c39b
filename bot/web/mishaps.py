"""What nobody planned, at the edge: written down for the operator, told to the browser as a bare number."""

import structlog
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()


class Mishaps:
    """Catches what no page has caught. An answer that has begun can only be broken off."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception:
            if begun or scope["type"] != "http":
                raise
            log.exception("page.failed", method=scope["method"])
            await JSONResponse({"status": 500}, 500)(scope, receive, send)
