"""The only file that knows everybody: opens the house, and serves what is configured."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette

from bot.channels.console import ConsoleChannel
from bot.channels.web import WebChannel
from bot.content.catalogue import Catalogue
from bot.content.load import load
from bot.engine.course import Library
from bot.errors import ConfigurationRefused, SseBotError
from bot.metrics import Metrics
from bot.seal import Seal
from bot.service import Content, Service, Talker
from bot.settings import Settings
from bot.web.app import make_app
from bot.web.wake import Wakes
from storage.engine import open_engine
from storage.schema import prepare
from storage.store import Store

log = structlog.get_logger()

ROOT = Path(__file__).resolve().parents[1]
LESSONS, WORDS, POLICIES = ROOT / "lessons", ROOT / "i18n", ROOT / "policies"

CLEANING = 10 * 60.0  # seconds between clean-ups: guests go within minutes of their 24 hours
COUNTING = 15.0  # seconds between looks at the books for /metrics


def clock() -> datetime:
    """Now. The one place in the project that asks."""
    return datetime.now(UTC)


def new_learner() -> tuple[str, int]:
    """A random id and a seed for the draws; neither says anything about a person."""
    return secrets.token_urlsafe(16), secrets.randbits(48)


@dataclass
class House:
    """Everything that is open: the store, what is taught, and the door to the engine."""

    settings: Settings
    store: Store
    seal: Seal
    service: Service
    content: Content
    metrics: Metrics
    wakes: Wakes
    channels: dict[str, Talker] = field(default_factory=dict)
    clock: Callable[[], datetime] = clock

    def library(self) -> Library:
        return self.content.library

    def catalogue(self) -> Catalogue:
        return self.content.catalogue

    async def reload(self) -> None:
        """Takes changed lessons and words up; broken ones raise ``ContentRefused`` and the old ones serve on."""
        campaigns = await self.store.campaigns()
        self.content = await asyncio.to_thread(read_content, self.settings, {campaign.code for campaign in campaigns})

    async def clean(self) -> None:
        """Guests whose day is over, and what has been kept long enough."""
        now = self.clock()
        for purge in (self.store.purge_guests, self.store.purge_old):
            purged = await purge(now)
            if any(purged.values()):
                log.info("cleaned", **purged)


def read_content(settings: Settings, campaigns: set[str]) -> Content:
    """Lessons and words from their folders, with what the operator has set."""
    loaded = load(LESSONS, WORDS, POLICIES)
    library = replace(
        loaded.library,
        organisation=settings.organisation,
        contact=settings.contact,
        privacy_url=settings.privacy_url,
        campaigns=campaigns.__contains__,
    )
    return Content(library, loaded.catalogue)


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Database and content, open; the service runs until the block ends."""
    engine = open_engine(settings.database_url)
    try:
        await prepare(engine)
        seal = Seal(settings.key())
        store = Store(engine, seal)
        campaigns = {campaign.code for campaign in await store.campaigns()}
        content = await asyncio.to_thread(read_content, settings, campaigns)
        metrics, wakes = Metrics(), Wakes()
        channels: dict[str, Talker] = {"web": WebChannel(), "console": ConsoleChannel()}
        service = Service(
            store,
            lambda: house.content,
            channels,
            clock=clock,
            new_id=new_learner,
            after_commit=wakes.after_commit,
            counted=metrics.batch,
        )
        house = House(settings, store, seal, service, content, metrics, wakes, channels)
        async with running(service.run()):
            yield house
    finally:
        await engine.dispose()


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """These works go on beside the block and are ended, and waited for, with it."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in reversed(tasks):
            task.cancel()
        for task in reversed(tasks):
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def again_and_again(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Does the work now and then again; a failure is logged and the next time comes."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("chore.failed", chore=getattr(work, "__name__", "?"))
        await asyncio.sleep(seconds)


async def serve(settings: Settings, roles: frozenset[str] = frozenset()) -> None:
    """Serves until cancelled; then takes nothing more, finishes what it holds and closes in reverse order.

    ``roles`` are ``web``, ``sender`` and ``planner``; none means all of them.
    """
    async with open_house(settings) as house:
        chores = [again_and_again(CLEANING, house.clean), again_and_again(COUNTING, partial(count, house))]
        async with running(*chores):
            if roles and "web" not in roles:
                await asyncio.Event().wait()
            await serve_pages(house, listening(settings))


async def count(house: House) -> None:
    """Shows the books and waiting rooms of the database on /metrics."""
    house.metrics.books(await house.store.counters())
    house.metrics.words_missing(sum(house.catalogue().misses.values()))


def listening(settings: Settings) -> socket.socket:
    """The socket that pages are served on, or one clear sentence why not."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as taken:
        raise ConfigurationRefused(
            f"{settings.host} port {settings.port} cannot be listened on ({taken.strerror or taken}).",
            "Stop the program that has it, or set another PORT in .env.",
        ) from taken


class Server(uvicorn.Server):
    """uvicorn in our loop: signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_pages(house: House, sock: socket.socket) -> None:
    """Serves pages and hooks until cancelled, then lets open answers end."""
    config = uvicorn.Config(
        pages(house), log_config=None, access_log=False, server_header=False, lifespan="off",
        proxy_headers=False, timeout_graceful_shutdown=5, h11_max_incomplete_event_size=16 * 1024,
    )  # fmt: skip
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    log.info("ready", address=house.settings.chat_url)
    print(f"Open {house.settings.chat_url}   (Ctrl+C ends it)", flush=True)
    try:
        await asyncio.shield(serving)
    finally:
        house.wakes.close()
        server.should_exit = True
        await serving


def pages(house: House) -> Starlette:
    """Every page and hook that is configured."""
    return make_app(
        service=house.service,
        store=house.store,
        library=house.library,
        catalogue=house.catalogue,
        settings=house.settings,
        ready=partial(ready, house),
        metrics=house.metrics.page,
        wakes=house.wakes,
    )


async def ready(house: House) -> dict[str, Any]:
    """Whether learners can be served. A platform's outage is told, and does not make the process unready."""
    try:
        await house.store.counters()
        database = "ok"
    except SseBotError as trouble:
        database = trouble.reason
    channels = {name: "ok" for name in house.channels if name != "console"}
    return {"database": database, "content": "ok", "channels": channels}
