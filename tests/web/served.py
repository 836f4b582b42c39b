"""A whole web chat for tests: the real lessons and words, a real database in a folder, a clock that the test moves."""

import asyncio
import json
import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.cards.album import Album
from bot.channels.web import WebChannel
from bot.content.load import load
from bot.content.printed import Loaded
from bot.engine.turn import Words
from bot.own_data import Links
from bot.seal import Seal
from bot.service import Content, Service
from bot.settings import Settings, load_settings
from bot.web.app import make_app
from bot.web.wake import Wakes
from storage.engine import open_engine
from storage.schema import prepare
from storage.store import Store
from storage.tables import metadata

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TABLES = [table for table in metadata.sorted_tables if table.name not in ("schema_info", "alembic_version")]
PEER = ("203.0.113.9", 50_000)


@cache
def content() -> Loaded:
    return load(ROOT / "lessons", ROOT / "i18n", ROOT / "policies")


HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);\\n"

"""

# A few words are enough to see a page turned round; what is missing is said in English.
ARABIC = {
    "web.name": "الاقتصاد التضامني في ثلاث دقائق",
    "web.type": "اكتب إلى البوت",
    "hello.greeting": "مرحبًا! 👋 أنا بوت للتعلّم. ثلاث دقائق في اليوم، مجانًا. أولًا، تخمين.",
    "tour/people-first/hook.text": "تخيّل متجر درّاجات يملكه عمّاله العشرون: *تعاونية*. *من له أصوات أكثر؟*",
    "tour/people-first/hook.options.ravi.label": "رافي",
    "tour/people-first/hook.options.amina.label": "أمينة",
    "tour/people-first/hook.options.both.label": "متساويان",
    "tour/people-first/hook.options.ravi.line": "تخمين معقول: كثيرًا ما يصوّت المال. أمّا التعاونية فلكلّ عضو صوت.",
    "tour/people-first/hook.next": "من يفعل هذا؟",
    "button.source": "المصدر",
}


def with_arabic(folder: Path) -> Loaded:
    """The same content with a right-to-left language more."""
    words = folder / "i18n"
    shutil.copytree(ROOT / "i18n", words)
    with (words / "languages.yaml").open("a", encoding="utf-8") as file:
        file.write("\nar: {name: العربية, reviewed: false, rtl: true}\n")
    (words / "ar" / "LC_MESSAGES").mkdir(parents=True)
    for domain in ("bot", "lessons"):
        entries = [_entry(key) for key in ARABIC if ("/" in key) is (domain == "lessons")]
        (words / "ar" / "LC_MESSAGES" / f"{domain}.po").write_text(HEADER + "".join(entries), "utf-8")
    return load(ROOT / "lessons", words, ROOT / "policies")


def _entry(key: str) -> str:
    english = content().catalogue.text(Words(key), "en")
    return f"msgctxt {_po(key)}\nmsgid {_po(english)}\nmsgstr {_po(ARABIC[key])}\n\n"


def _po(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class Clock:
    """Time as the test says it is."""

    def __init__(self) -> None:
        self.now = NOON
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, **time: float) -> None:
        passed = timedelta(**time)
        self.now += passed
        self.seconds += passed.total_seconds()


@dataclass
class Served:
    """What is open, and a way to post like a page does."""

    app: Starlette
    store: Store
    service: Service
    wakes: Wakes
    clock: Clock
    settings: Settings
    state: dict[str, Any]
    album: Album
    ids: Any = field(default_factory=lambda: count(1))

    def browser(self, peer: tuple[str, int] = PEER, **headers: str) -> httpx.AsyncClient:
        """Somebody's browser, with its own cookies. Refusals come back as answers."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=peer)
        headers = {"Origin": self.settings.public_url, "Accept-Language": "en", **headers}
        return httpx.AsyncClient(transport=transport, base_url=self.settings.public_url, headers=headers)

    def post_id(self) -> str:
        return f"0123456789abcdef-{next(self.ids)}"

    async def post(self, browser: httpx.AsyncClient, **what: Any) -> httpx.Response:
        return await browser.post("/chat/say", json={"id": self.post_id(), **what})

    async def rows(self) -> dict[str, int]:
        """How many rows each table with something in it has."""
        async with self.store.read() as reading:
            counts = {t.name: await reading.connection.scalar(select(func.count()).select_from(t)) for t in TABLES}
        return {name: number for name, number in counts.items() if number}

    async def start(self, browser: httpx.AsyncClient, data: str = "q:1-ravi", **start: Any) -> httpx.Response:
        """The first tap."""
        return await self.post(browser, data=data, start=start)


@asynccontextmanager
async def served(
    folder: Path, campaigns: tuple[str, ...] = (), loaded: Loaded | None = None, **given: Any
) -> AsyncIterator[Served]:
    """A web chat that is open until the block ends."""
    settings = load_settings(None, **{"data_dir": folder, "secret_key": secrets.token_urlsafe(32), **given})
    engine, clock, wakes = open_engine(f"sqlite+aiosqlite:///{folder}/talks.sqlite3"), Clock(), Wakes()
    await prepare(engine)
    store = Store(engine, Seal(settings.key()))
    loaded = loaded or content()
    taught = Content(replace(loaded.library, campaigns=set(campaigns).__contains__), loaded.catalogue)
    album = Album(folder / "cards")
    album.take_up(loaded)
    names = (f"learner-{n}" for n in count(1))
    service = Service(
        store,
        lambda: taught,
        {"web": WebChannel(f"{settings.chat_url}/mydata")},
        clock=clock,
        new_id=lambda: (next(names), 1),
        after_commit=wakes.after_commit,
    )
    state: dict[str, Any] = {"database": "ok", "content": "ok", "channels": {"web": "ok"}}

    async def ready() -> dict[str, Any]:
        return state

    app = make_app(
        service=service,
        store=store,
        library=lambda: taught.library,
        catalogue=lambda: taught.catalogue,
        settings=settings,
        ready=ready,
        metrics=lambda: b"learners 1\n",
        wakes=wakes,
        links=Links(store.seal, settings.public_url, clock),
        album=album,
        monotonic=clock.monotonic,
    )
    working = asyncio.create_task(service.run())
    try:
        yield Served(app, store, service, wakes, clock, settings, state, album)
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        await store.close()


@asynccontextmanager
async def listening(folder: Path, **given: Any) -> AsyncIterator[Served]:
    """The same behind a real socket, for a real browser."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        async with served(folder, public_url=url, **given) as site:
            config = uvicorn.Config(
                site.app, log_config=None, access_log=False, lifespan="off", proxy_headers=False, ws="none"
            )
            server = uvicorn.Server(config)
            server.capture_signals = suppress  # type: ignore[method-assign]  # the test's own signals stay as they are
            serving = asyncio.create_task(server.serve(sockets=[sock]))
            try:
                yield site
            finally:
                site.wakes.close()
                server.should_exit = True
                await serving
