"""Opens the house: database, content, the door to the engine, and every platform that is configured."""

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import structlog

from bot.cards.album import Album
from bot.channels.console import ConsoleChannel
from bot.channels.web import WebChannel
from bot.content.catalogue import Catalogue
from bot.content.complaints import both
from bot.content.kept import kept
from bot.content.policies import BrakePolicy
from bot.content.printed import Printed, bound
from bot.delivery.brakes import Brakes, Weighing, must_be_said
from bot.delivery.purse import Purse
from bot.engine.beside import in_lesson
from bot.engine.course import Library
from bot.engine.events import Event
from bot.engine.turn import Turn
from bot.engine.window import Rules
from bot.key_check import same_key
from bot.metrics.figures import Metrics
from bot.own_data import Links
from bot.seal import Seal
from bot.service import Content, Service, Talker
from bot.settings import Settings
from bot.web.wake import Wakes
from bot.wiring.planning import cost
from bot.wiring.platform import Platform
from storage.engine import open_engine
from storage.rows import Handled
from storage.schema import prepare
from storage.store import Store

log = structlog.get_logger()

ROOT = Path(__file__).resolve().parents[2]
LESSONS, WORDS, POLICIES = ROOT / "lessons", ROOT / "i18n", ROOT / "policies"

A_DAY, NEVER = timedelta(days=1), datetime.min.replace(tzinfo=UTC)
CLEANED = "cleaned"  # under which name the database remembers when

SendingPolicies = tuple[Rules, BrakePolicy]  # which way messages may take, and how far the brakes let go


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
    channels: dict[str, Talker]
    campaigns: set[str]
    album: Album
    purse: Purse
    policies: SendingPolicies  # those that count, from the start on
    platforms: list[Platform] = field(default_factory=list)
    clock: Callable[[], datetime] = clock
    daily: dict[str, Any] = field(default_factory=dict)  # how the daily lessons went in the last day, for /readyz
    warned: dict[str, str] = field(default_factory=dict)  # country → the day its budget was warned of
    changed: asyncio.Event = field(default_factory=asyncio.Event)  # lessons were taken up anew

    @cached_property
    def links(self) -> Links:
        """Where learners find their own data."""
        return Links(self.seal, self.settings.public_url, self.clock)

    def library(self) -> Library:
        return self.content.library

    def catalogue(self) -> Catalogue:
        return self.content.catalogue

    def after_commit(self, handled: Sequence[Handled]) -> None:
        """Counts what was done, and wakes the pages and senders that have something new."""
        # A day that is held answers nobody.
        for channel, count in Counter(row.event.address.channel for row in handled if row.parts or row.lines).items():
            self.metrics.turns(channel, count)
        for row in handled:
            self.purse.add(row.spent)
        self.wakes.after_commit(handled)
        waiting = {part.channel for row in handled for part in row.parts}
        for platform in self.platforms:
            if platform.channel.name in waiting:
                platform.sender.wake()

    async def reload(self) -> None:
        """Takes changed lessons, words, ages and helplines up; broken ones raise ``Complained``, the old ones serve on.

        What stands in the budgets and brakes is looked through with them, but senders and planner hold what they began
        with: a change there is told of, and counts from the next start.
        """
        self.content, policies = await asyncio.to_thread(self._anew)
        self.changed.set()
        if policies != self.policies:
            log.warning("policies.from_next_start", files=["messages.yaml", "brakes.yaml"], cure="start the bot again")

    def _anew(self) -> tuple[Content, SendingPolicies]:
        pages, policies = both(
            partial(read_pages, self.settings, self.seal), partial(read_policies, self.settings, self.seal)
        )
        return served(pages, self.settings, self.campaigns, self.album), policies

    async def look_for_campaigns(self) -> None:
        """Campaigns made by a command while we serve count too."""
        self.campaigns.update(campaign.code for campaign in await self.store.campaigns())

    async def clean(self) -> None:
        """Guests whose day is over, and once a day what has been kept long enough."""
        now = self.clock()
        purged = await self.store.purge_guests(now)
        if not timedelta() <= now - await self._last_old_purged() < A_DAY:
            purged |= await self.store.purge_old(now)
            await self.store.remember(CLEANED, {"old": now.isoformat()})
        if any(purged.values()):
            log.info("cleaned", **purged)
        await self.store.vacuum()

    async def _last_old_purged(self) -> datetime:
        """The database knows: a process may live for less than a day."""
        known = (await self.store.recalled(CLEANED)).get("old")
        return datetime.fromisoformat(known) if known else NEVER


def read_content(
    settings: Settings, campaigns: set[str], album: Album | None = None, seal: Seal | None = None
) -> Content:
    """Lessons and words from their folders, with what the operator has set; their pictures go into the album.

    With a ``seal`` they are kept beside the data, so that the next start is quicker and smaller.
    """
    return served(_pages() if seal is None else read_pages(settings, seal), settings, campaigns, album)


def read_pages(settings: Settings, seal: Seal) -> Printed:
    """Lessons and words as they were kept, or read anew where they have changed."""
    return kept(settings.data_dir / "cache", "content", (LESSONS, WORDS, POLICIES), seal, _pages)


def served(pages: Printed, settings: Settings, campaigns: set[str], album: Album | None = None) -> Content:
    """What was read, as it is taught here."""
    loaded = bound(pages)
    if album is not None:
        album.take_up(loaded)
    library = replace(
        loaded.library,
        organisation=settings.organisation,
        contact=settings.contact,
        privacy_url=settings.privacy_url,
        campaigns=campaigns.__contains__,
    )
    return Content(library, loaded.catalogue)


def read_policies(settings: Settings, seal: Seal) -> SendingPolicies:
    """Which way messages may take, and how far the brakes let go; kept like lessons."""
    return kept(settings.data_dir / "cache", "policies", (POLICIES,), seal, _policies)


# What reads and checks files (pydantic, YAML, a model for each) is 15 MiB and 0.1 s: loaded only where they are new.


def _pages() -> Printed:
    from bot.content.load import read_pages

    return read_pages(LESSONS, WORDS, POLICIES)


def _policies() -> SendingPolicies:
    from bot.content.brake_policy import read_brakes
    from bot.content.message_policy import read_rules

    return both(partial(read_rules, POLICIES), partial(read_brakes, POLICIES))


def braked(settings: Settings) -> frozenset[str]:
    """Channels with brakes; a rate of 0 lifts a channel's limits and brakes together."""
    rates = {"telegram": settings.telegram_sends_per_second, "whatsapp": settings.whatsapp_sends_per_second}
    return frozenset(name for name, rate in rates.items() if rate)


class BrakedReplies:
    """Which replies of a transaction go out on these channels; pages have brakes of their own."""

    def __init__(self, brakes: Brakes, purse: Purse, channels: frozenset[str]) -> None:
        self._weighing, self._purse, self._channels = Weighing(brakes), purse, channels

    def may_go(self, event: Event, turn: Turn, learning: bool) -> bool:
        """Past a budget only who is in a lesson is answered."""
        if event.address.channel not in self._channels:
            return True
        begun = turn.learner.place.serial > 1 and (learning or in_lesson(turn.learner))
        if not (begun or must_be_said(turn)) and not self._purse.has_for(event.address.channel, turn.learner.country):
            return False
        return self._weighing.weigh(event, turn, learning).reply

    def committed(self) -> None:
        self._weighing.count()


@asynccontextmanager
async def open_house(settings: Settings, clock: Callable[[], datetime] = clock) -> AsyncIterator[House]:
    """Database and content, open; the service runs until the block ends. ``clock`` is another one in tests."""
    seal = Seal(settings.key())
    store = Store(open_engine(settings.database_url), seal)
    try:
        await prepare(store.engine)
        await same_key(store)
        house = await _furnished(settings, store, seal, clock)
        house.platforms = await open_platforms(house)
        house.channels |= {platform.channel.name: platform.channel for platform in house.platforms}
        try:
            async with running(house.service.run()):
                yield house
        finally:
            for platform in house.platforms:
                await platform.close()
    finally:
        await store.close()


async def _furnished(settings: Settings, store: Store, seal: Seal, clock: Callable[[], datetime]) -> House:
    """Everything but the platforms; nothing runs yet."""
    campaigns = {campaign.code for campaign in await store.campaigns()}
    album = Album(settings.data_dir / "cards")
    # Here and in no thread: nobody waits yet, and a thread would keep 3 MiB of its own.
    content = read_content(settings, campaigns, album, seal)
    metrics, wakes = Metrics(), Wakes()
    channels: dict[str, Talker] = {"web": WebChannel(f"{settings.chat_url}/mydata"), "console": ConsoleChannel()}
    policies = rules, brake_policy = read_policies(settings, seal)
    purse = Purse(rules, clock)
    purse.take_up(await store.spent(purse.today()))
    service = Service(
        store,
        lambda: house.content,
        channels,
        clock=clock,
        new_id=new_learner,
        after_commit=lambda handled: house.after_commit(handled),
        counted=metrics.batch,
        parked=metrics.parked,
        replies=partial(BrakedReplies, Brakes(brake_policy, time.monotonic), purse, braked(settings)),
        cost=partial(cost, rules),
    )
    house = House(
        settings, store, seal, service, content, metrics, wakes, channels, campaigns, album, purse, policies,
        clock=clock,
    )  # fmt: skip
    return house


async def open_platforms(house: House) -> list[Platform]:
    """What is configured; nothing else is imported."""
    platforms = []
    if house.settings.telegram:
        from bot.wiring.telegram import open_telegram

        platforms.append(await open_telegram(house))
    if house.settings.whatsapp:
        from bot.wiring.whatsapp import open_whatsapp

        platforms.append(await open_whatsapp(house))
    return platforms


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """These works go on beside the block and are ended, and waited for, with it."""
    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        for task in reversed(tasks):
            task.cancel()
        for task in reversed(tasks):
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _tell(task: asyncio.Task[None]) -> None:
    """A work that ends by an error is told at once, not at the end of the day."""
    if not task.cancelled() and task.exception() is not None:
        log.error("work.ended", exc_info=task.exception())
