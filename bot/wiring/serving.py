"""Serves the house: pages, hooks and senders, until told to stop."""

import asyncio
import contextlib
import errno
import gc
import socket
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import structlog
from starlette.routing import BaseRoute
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import Server as Uvicorn

from bot.errors import ConfigurationRefused, SseBotError
from bot.settings import Settings
from bot.web.app import make_app
from bot.web.hooked import Hooked, by_path, lines
from bot.wiring.drawing import draw
from bot.wiring.house import LESSONS, POLICIES, WORDS, House, open_house, running
from bot.wiring.planning import open_planner, tell
from bot.wiring.platform import Work
from bot.wiring.reloading import Watch, at_hang_up, stay_fresh

log = structlog.get_logger()

CLEANING = 10 * 60.0  # seconds between clean-ups: guests go within minutes of their 24 hours, the rest once a day
TELLING = 60.0  # seconds between looks at how the daily lessons went: that reads a whole day's decisions
YOUNG = 20_000  # new objects between looks at the young ones: 700 means several looks a turn, which find nothing
FREEING = 5.0  # seconds between looks for processes that stand still with rows in their hands
COUNTING = 15.0  # seconds between looks at the books for /metrics


async def again_and_again(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Does the work now and then again; a failure is logged and the next time comes."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("chore.failed")
        await asyncio.sleep(seconds)


async def kept_going(work: Work, pauses: tuple[float, ...] = (1.0, 5.0, 30.0)) -> None:
    """Begins the work again when it ends by an error: no platform falls silent for good."""
    failures = 0
    while True:
        try:
            await work()
        except Exception:
            pause = pauses[min(failures, len(pauses) - 1)]
            failures += 1
            log.exception("work.begins_again", seconds=pause)
            await asyncio.sleep(pause)
        else:
            return


async def serve(settings: Settings, roles: frozenset[str] = frozenset(), *, watch: bool = False) -> None:
    """Serves until cancelled; then takes nothing more, finishes what it holds and closes in reverse order.

    ``roles`` are ``web``, ``sender`` and ``planner``; none means all. SIGHUP takes changed content up;
    with ``watch`` a changed file does.
    """
    async with open_house(settings) as house:
        # What is there now stays: the collector need not walk through lessons and libraries again and again, and
        # not even once (a tenth of a second, for two thousand small objects that imports have left).
        gc.freeze()
        gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
        gc.enable()
        pages_too = not roles or "web" in roles
        sock = listening(settings) if pages_too else None
        told = asyncio.Event()
        fresh = stay_fresh(house, told, Watch(LESSONS, WORDS, POLICIES) if watch else None)
        with at_hang_up(told.set):
            async with running(*_works(house, roles), fresh):
                await _serve(house, roles, sock)


async def _serve(house: House, roles: frozenset[str], sock: socket.socket | None) -> None:
    if sock is None:
        log.info("working", roles=sorted(roles))
        await asyncio.Event().wait()
    else:
        await serve_pages(house, sock)


def _works(house: House, roles: frozenset[str]) -> list[Coroutine[Any, Any, None]]:
    """What goes on beside the pages."""
    works = [again_and_again(COUNTING, partial(count, house)), again_and_again(CLEANING, house.clean)]
    works.append(again_and_again(TELLING, partial(tell, house)))
    works.append(again_and_again(FREEING, partial(free, house)))
    works.append(draw(house.album, house.changed))
    if not roles or "web" in roles:
        works += [kept_going(work) for platform in house.platforms for work in platform.ears]
    if not roles or "sender" in roles:
        works += [kept_going(work) for platform in house.platforms for work in platform.works]
    works += [kept_going(work) for platform in house.platforms for work in platform.watches]
    if not roles or "planner" in roles:
        works.append(kept_going(open_planner(house).run))
    return works


async def free(house: House) -> None:
    """Another process of ours may have been frozen with rows in its hands."""
    if ended := await house.store.end_frozen():
        log.warning("database.frozen_sessions_ended", sessions=ended)


async def count(house: House) -> None:
    """Shows the books of the database on /metrics, and hears of new campaigns."""
    await house.look_for_campaigns()
    house.metrics.books(await house.store.books())
    house.metrics.words_missing(sum(house.catalogue().misses.values()))
    house.purse.take_up(await house.store.spent(house.purse.today()))
    for channel, (parts, oldest) in (await house.store.waiting(house.clock())).items():
        house.metrics.waiting(channel, parts, oldest)


def listening(settings: Settings) -> socket.socket:
    """The socket that pages are served on, or one clear sentence why not."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as taken:
        raise ConfigurationRefused(
            f"{settings.host} port {settings.port} cannot be listened on ({taken.strerror or taken}).", _cure(taken)
        ) from taken


def _cure(error: OSError) -> str:
    # A name that leads nowhere comes as a number of getaddrinfo's, below 0.
    if error.errno == errno.EADDRNOTAVAIL or (error.errno or 0) < 0:
        return "Set HOST in .env to an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them."
    if error.errno == errno.EACCES:
        return "Set a PORT of 1024 or more in .env."
    return "Stop the program that has it, or set another PORT in .env."


def opened_at(settings: Settings, sock: socket.socket) -> str:
    """Where the chat opens. With PORT=0 the system chooses the port, and only the socket knows it."""
    if settings.port == 0 and settings.public_url == Settings().public_url:
        return f"http://127.0.0.1:{sock.getsockname()[1]}/chat"
    return settings.chat_url


class Server(Uvicorn):
    """uvicorn in our loop: signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_pages(house: House, sock: socket.socket) -> None:
    """Serves pages and hooks until cancelled, then lets open answers end."""
    connection = partial(Hooked, hooks=by_path(hooks(house)), added=lines(house.settings.secure))
    config = Config(
        pages(house), log_config=None, access_log=False, server_header=False, lifespan="off", ws="none",
        proxy_headers=False, timeout_graceful_shutdown=5, http=connection,  # type: ignore[arg-type]  # it makes one
    )  # fmt: skip
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    url = opened_at(house.settings, sock)
    log.info("ready", url=url)
    print(f"Open {url}   (Ctrl+C ends it)", flush=True)
    try:
        await asyncio.shield(serving)
    finally:
        house.wakes.close()
        server.should_exit = True
        await serving


def hooks(house: House) -> list[BaseRoute]:
    return [route for platform in house.platforms for route in platform.hooks]


def pages(house: House) -> ASGIApp:
    """Every page, and the hooks for what does not come the short way."""
    return make_app(
        service=house.service,
        store=house.store,
        library=house.library,
        catalogue=house.catalogue,
        settings=house.settings,
        ready=partial(ready, house),
        metrics=house.metrics.page,
        wakes=house.wakes,
        links=house.links,
        album=house.album,
        hooks=hooks(house),
    )


async def ready(house: House) -> dict[str, Any]:
    """Whether learners can be served. A platform's outage is told, and does not make the process unready."""
    try:
        await house.store.counters()
        if house.store.not_writing is not None:  # a full disk can still be read: whether it is over only a write tells
            await house.store.remember("ready", {"asked": house.clock().isoformat()})
        database = "ok"
    except SseBotError as trouble:
        database = trouble.reason
    channels = {"web": "ok"} | {platform.channel.name: platform.state() for platform in house.platforms}
    return {"database": database, "content": "ok", "channels": channels, "daily": house.daily}
