"""Pictures on the page: shown with the lesson's opening, fetched by a name that says what is in them."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.cards.album import Album
from bot.cards.press import HEIGHT, WIDTH
from bot.content.catalogue import Catalogue
from bot.engine.learner import Learner
from bot.engine.turn import Words
from bot.web.assets import FOR_EVER

FOLDER = "/media"


def saves_data(request: Request) -> bool:
    """Whether the browser asks for less to load."""
    return request.headers.get("save-data", "").strip().lower() == "on"


def is_light(learner: Learner | None, saving: bool) -> bool:
    """Without pictures: as the learner has said, else as their browser asks."""
    return saving if learner is None or learner.light is None else learner.light


class Pictures:
    """The album as the page sees it. Without one, lessons are words only."""

    def __init__(self, album: Album | None, catalogue: Callable[[], Catalogue]) -> None:
        self.album, self.catalogue = album, catalogue

    def hung(self, line: dict[str, Any], *, light: bool) -> dict[str, Any]:
        """A line with its picture in the place of its picture's name; without one where there is none to show."""
        if line["picture"] is None:
            return line
        return line | {"picture": None if light else self._picture(line["picture"], line["lang"])}

    def _picture(self, lesson: str, language: str) -> dict[str, Any] | None:
        name = self.album.name(lesson, language) if self.album else None
        if name is None:
            return None
        alt = self.catalogue().label(Words(f"{lesson}/picture.alt"), language)
        return {"src": f"{FOLDER}/{name}", "alt": alt, "width": WIDTH, "height": HEIGHT}

    async def serve(self, request: Request) -> Response:
        """A picture by its name, drawn now if it has to be. No other file is reachable here."""
        name = request.path_params["name"]
        path = await asyncio.to_thread(self.album.file, name) if self.album else None
        if path is None:
            raise HTTPException(404)
        drawn = await asyncio.to_thread(path.read_bytes)
        return Response(drawn, media_type="image/png", headers={"Cache-Control": FOR_EVER})
