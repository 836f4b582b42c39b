"""The HTTP edge as one ASGI app: routes in a table, refusals without traces."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.cards.album import Album
from bot.content.catalogue import Catalogue
from bot.engine.course import Library
from bot.errors import Unavailable
from bot.own_data import PATH, Links
from bot.settings import Settings
from bot.web import brakes
from bot.web.assets import Assets
from bot.web.chat import Chat
from bot.web.form import Form
from bot.web.headers import Headers
from bot.web.lost import Refusals
from bot.web.mishaps import Mishaps
from bot.web.own_data import OwnData
from bot.web.pictures import FOLDER, Pictures
from bot.web.site import Service, Site, Talks
from bot.web.status import Status
from bot.web.wake import Wakes


def make_app(
    *,
    service: Service,
    store: Talks,
    library: Callable[[], Library],
    catalogue: Callable[[], Catalogue],
    settings: Settings,
    ready: Callable[[], Awaitable[Mapping[str, Any]]],
    metrics: Callable[[], bytes],
    wakes: Wakes,
    links: Links,
    album: Album | None = None,
    hooks: Sequence[BaseRoute] = (),
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    """The app. ``wakes.after_commit`` must be the service's ``after_commit``; ``wakes.close()`` ends every stream."""
    site = Site(
        service=service,
        store=store,
        library=library,
        catalogue=catalogue,
        settings=settings,
        ready=ready,
        metrics=metrics,
        wakes=wakes,
        links=links,
        assets=Assets(),
        pictures=Pictures(album, catalogue),
        new_talks=brakes.new_talks(monotonic),
        posts=brakes.posts(monotonic),
    )
    app = Starlette(
        routes=[*_routes(site), *hooks],
        middleware=[Middleware(Headers, secure=settings.secure), Middleware(Mishaps)],
        exception_handlers={HTTPException: Refusals(site), Unavailable: later},
    )
    # It would lead to the host that the request names, which anybody may write; and hooks have one address.
    app.router.redirect_slashes = False
    return app


def _routes(site: Site) -> list[BaseRoute]:
    chat, status = Chat(site), Status(site)
    form = Form(chat)
    return [
        Route("/", chat.home),
        Route("/chat", form.look),
        Route("/chat", form.say, methods=["POST"]),
        Route("/chat/", chat.home),  # typed by people
        Route("/chat/say", chat.say, methods=["POST"]),
        Route("/chat/events", chat.listen),
        Route("/chat/mydata", chat.my_data),
        Route(PATH, OwnData(site).linked),
        Route("/static/{name}", site.assets.serve),
        Route(f"{FOLDER}/{{name}}", site.pictures.serve),
        Route("/healthz", status.healthz),
        Route("/readyz", status.readyz),
        Route("/metrics", status.metrics),
        Route("/.well-known/security.txt", status.security_txt),
    ]


async def later(request: Request, trouble: Exception) -> Response:
    """The database cannot take it now; whoever sent it tries again."""
    return JSONResponse({"status": 503}, 503, headers={"Retry-After": "2"})
