"""The talk as server-sent events: every line from the page's cursor on, as soon as it is stored.

The page's browser reconnects by itself and brings the id of its last line, so a closed laptop, a tunnel or a
restart of ours costs nothing but a moment.
"""

import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.engine.learner import Learner
from bot.errors import SseBotError
from bot.web.around import around, ideas
from bot.web.lines import shown
from bot.web.pictures import is_light
from bot.web.site import Site
from bot.web.wake import woken

log = structlog.get_logger()

RETRY = 2000  # milliseconds until a browser tries again
PING = 15.0  # seconds; proxies close what is silent for 30 to 60, and a page takes 45 for a dead line
# Another process may have stored a line: look often while the talk is lively, seldom when it rests.
SOON, SELDOM, SLOWER = 1.0, 10.0, 1.25
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Stream(StreamingResponse):
    """A stream that keeps its seat exactly as long as it is open, even when it never began."""

    def __init__(self, content: AsyncIterator[bytes], seat: AbstractContextManager[None]) -> None:
        super().__init__(content, media_type="text/event-stream", headers=HEADERS)
        self.seat = seat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.seat:
            await super().__call__(scope, receive, send)


def told(event: str, value: object, line: int | None = None) -> bytes:
    """One server-sent event. JSON has no line breaks of its own, so nothing in it can end the event."""
    mark = b"" if line is None else b"id: %d\n" % line
    return mark + b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(value))


def stopped(reason: str) -> AsyncIterator[bytes]:
    """A stream that says one thing and ends."""

    async def once() -> AsyncIterator[bytes]:
        yield told(reason, None)

    return once()


async def talk(site: Site, learner_id: str, after: int, saving: bool) -> AsyncIterator[bytes]:
    """Lines, and the words around them when they change, until the page or the server goes."""
    yield b"retry: %d\n\n" % RETRY
    try:
        with site.wakes.listen(learner_id) as event:
            said, pause, look_up, pinged, light = b"", SOON, True, time.monotonic(), saving
            while not site.wakes.closed:
                event.clear()
                lines = await site.store.chat_lines(learner_id, after)
                if look_up or lines:
                    learner = await site.learner(learner_id)
                    if learner is None:
                        yield told("gone", None)
                        return
                    light = is_light(learner, saving)
                    before, said = said, _around(site, learner)
                    if said != before:
                        yield said
                for line in lines:
                    after, pause = line.id, SOON
                    yield told("line", site.pictures.hung(shown(line), light=light), line.id)
                look_up = await woken(event, pause)
                pause = min(SELDOM, pause * SLOWER)
                if time.monotonic() - pinged >= PING:
                    pinged, look_up = time.monotonic(), True
                    yield told("ping", None)
    except (SQLAlchemyError, SseBotError) as trouble:
        # The page comes back by itself; until then it says that it is connecting.
        log.warning("stream.ended", error=type(trouble).__name__)


def _around(site: Site, learner: Learner) -> bytes:
    catalogue = site.catalogue()
    return told("language", around(learner.language, catalogue)) + told("ideas", ideas(learner, catalogue))
