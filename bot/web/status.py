"""How the process is, for machines: alive, able to serve, its figures, and whom to tell about a hole."""

import hmac
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.web.peer import is_local
from bot.web.site import Site

METRICS = "text/plain; version=0.0.4; charset=utf-8"
FRESH = {"Cache-Control": "no-store"}
NEEDED = ("database", "content")
OK = "ok"


class Status:
    """Pages without words for learners."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def healthz(self, request: Request) -> Response:
        """The process answers; nothing else is looked at, so no database can make a platform restart it."""
        return JSONResponse({"status": OK}, headers=FRESH)

    async def readyz(self, request: Request) -> Response:
        """200 when learners can be served; a platform's outage is told, but does not make us unready."""
        state = await self.site.ready()
        able = all(state.get(part) == OK for part in NEEDED)
        return JSONResponse(dict(state), 200 if able else 503, headers=FRESH)

    async def metrics(self, request: Request) -> Response:
        """For this machine, or whoever has the token; nobody else learns that it is here."""
        if not (is_local(request) or self._has_token(request)):
            raise HTTPException(404)
        return Response(self.site.metrics(), media_type=METRICS, headers=FRESH)

    def _has_token(self, request: Request) -> bool:
        token = self.site.settings.metrics_token
        if token is None:
            return False
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode())

    async def security_txt(self, request: Request) -> Response:
        """Where to report a hole; without a contact there is nothing to tell."""
        contact = self.site.settings.contact.strip()
        if not contact:
            raise HTTPException(404)
        where = contact if contact.startswith(("https://", "http://", "mailto:")) else f"mailto:{contact}"
        until = (self.site.service.clock() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
        lines = (f"Contact: {where}", f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en")
        return PlainTextResponse("\n".join(lines) + "\n")
