"""What is not here: a bare number for programs, a small page with the way to the talk for people."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.engine.turn import Phrase
from bot.web.around import spoken_here
from bot.web.headers import PAGE_POLICY
from bot.web.sheets import sheet
from bot.web.site import Site
from bot.web.tongues import wished

# Met by people who follow an old link or mistype one. Every other refusal only a script of ours can meet.
MISSED = (404, 405)
HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language", "Content-Security-Policy": PAGE_POLICY}
WORDS = ("name", "lost", "to_talk")


class Refusals:
    """A refusal says its number and nothing of what was sent."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def __call__(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, HTTPException)
        if refusal.status_code in MISSED and _is_read_by_people(request):
            return self._page(request, refusal)
        return JSONResponse({"status": refusal.status_code}, refusal.status_code, headers=refusal.headers)

    def _page(self, request: Request, refusal: HTTPException) -> Response:
        catalogue = self.site.catalogue()
        spoken = catalogue.language(spoken_here(wished(request), self.site.library()))
        html = sheet("lost.html").render(
            code=spoken.code,
            dir="rtl" if spoken.rtl else "ltr",
            t={word: catalogue.label(Phrase(f"web.{word}"), spoken.code) for word in WORDS},
            url=self.site.assets.url,
        )
        return HTMLResponse(html, refusal.status_code, headers={**(refusal.headers or {}), **HEADERS})


def _is_read_by_people(request: Request) -> bool:
    """Only a browser that shows a page asks for one by name."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
