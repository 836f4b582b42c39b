"""What is stored about a learner, as a file to take home: for whoever holds the cookie or a link of ours."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.own_data import FILE, written
from bot.web.site import Site

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": f'attachment; filename="{FILE}"',
    "X-Robots-Tag": "noindex",
}


class OwnData:
    """The page behind a link, for chats that cannot hand over a file."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def linked(self, request: Request) -> Response:
        asked = request.query_params
        learner_id = self.site.links.read(asked.get("of", ""), asked.get("sign", ""), asked.get("until", ""))
        return await own_data(self.site, learner_id)


async def own_data(site: Site, learner_id: str | None) -> Response:
    """The file; nothing where nobody is meant, or everything about them was deleted."""
    if learner_id is None or await site.learner(learner_id) is None:
        raise HTTPException(404)
    everything = await site.store.everything_of(learner_id)
    return Response(await asyncio.to_thread(written, everything), media_type="application/json", headers=HEADERS)
