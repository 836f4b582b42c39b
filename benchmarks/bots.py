"""The bots that are compared: how each is started, in which environment."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import writers
from benchmarks.phones import SECRET, TOKEN
from benchmarks.processes import FIELD, folder, started, unused_port

KEY = "q7Zp2VxT9mWc4LrY8sKd1NfH6bGj3AeU"
DATA = FIELD.parents[1] / "data"  # lessons read and pictures drawn, as any start but the first finds them
DRAWING = 300.0  # seconds for all pictures


@dataclass(frozen=True)
class Ports:
    """Where the platform listens, and where the bot does."""

    api: int
    hook: int


@dataclass(frozen=True)
class Bot:
    """A bot by name: its command and environment for these ports and this folder, and where its hook is."""

    name: str
    command: Callable[[Ports, Path], list[str]]
    env: Callable[[Ports, Path], Mapping[str, str]] = lambda ports, where: {}
    path: str = "/webhooks/telegram"
    world: str = "benchmarks.phones"


def settings(ports: Ports, where: Path, database: str = "") -> dict[str, str]:
    """Ours as an operator would set it, without limits: loopback has none."""
    return {
        "DATABASE_URL": database or f"sqlite+aiosqlite:///{where}/bot.sqlite3",
        "DATA_DIR": str(DATA),
        "HOST": "127.0.0.1",
        "PORT": str(ports.hook),
        "PUBLIC_URL": f"http://127.0.0.1:{ports.hook}",
        "SECRET_KEY": KEY,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{ports.api}",
        "TELEGRAM_SENDS_PER_SECOND": "0",
        "TELEGRAM_CHAT_SENDS_PER_SECOND": "0",
        "LOG_LEVEL": "warning",
    }


def _field(module: str, *more: str) -> Callable[[Ports, Path], list[str]]:
    def command(ports: Ports, where: Path) -> list[str]:
        api = f"http://127.0.0.1:{ports.api}"
        files = [str(where / name) for name in more]
        return [str(FIELD), "-m", module, api, str(ports.hook), "/webhooks/telegram", TOKEN, SECRET, *files]

    return command


def ours(ports: Ports, where: Path) -> list[str]:
    """By the launcher, as an operator starts it."""
    return [str(Path(sys.executable).with_name("sse-bot")), "run"]


def whatsapp_settings(ports: Ports, where: Path) -> dict[str, str]:
    """Ours with WhatsApp instead of Telegram."""
    bare = {name: value for name, value in settings(ports, where).items() if not name.startswith("TELEGRAM")}
    return bare | {
        "TWILIO_ACCOUNT_SID": writers.SID,
        "TWILIO_AUTH_TOKEN": writers.TOKEN,
        "TWILIO_WHATSAPP_SENDER": writers.SENDER,
        "TWILIO_API_URL": f"http://127.0.0.1:{ports.api}",
        "WHATSAPP_SENDS_PER_SECOND": "0",
    }


def _tutorial(ports: Ports, where: Path) -> list[str]:
    account = (writers.SID, writers.TOKEN, writers.SENDER)
    api = f"http://127.0.0.1:{ports.api}"
    module = "benchmarks.contenders.twilio_tutorial"
    return [str(FIELD), "-m", module, api, str(ports.hook), "/webhooks/twilio", *account]


OURS = Bot("this bot (SQLite, FULL)", ours, settings)
PTB = Bot(
    "python-telegram-bot, ConversationHandler, PicklePersistence", _field("benchmarks.contenders.ptb_stock", "kept")
)
AIOGRAM = Bot("aiogram 3, FSM in memory", _field("benchmarks.contenders.aiogram_fsm"))
FLOOR = Bot("aiohttp in and out, nothing decided, nothing kept", _field("benchmarks.contenders.aiohttp_floor"))
OURS_WHATSAPP = Bot("this bot (SQLite, FULL)", ours, whatsapp_settings, "/webhooks/twilio", "benchmarks.writers")
TUTORIAL = Bot(
    "Starlette, RequestValidator, create_async", _tutorial, path="/webhooks/twilio", world="benchmarks.writers"
)


def waiting(synchronous: str) -> Bot:
    """Ours with another ``synchronous`` than FULL."""
    command = [sys.executable, "-m", "benchmarks.less_safe", synchronous]
    return Bot(f"this bot (SQLite, {synchronous})", lambda ports, where: command, settings)


def on_postgresql(url: str) -> Bot:
    return Bot("this bot (PostgreSQL)", ours, lambda ports, where: settings(ports, where, url))


def prepare() -> None:
    """Starts ours once and waits until its pictures are drawn, so that no run pays for them."""
    DATA.mkdir(parents=True, exist_ok=True)
    ports = Ports(unused_port(), unused_port())
    with folder() as where:
        bare = {name: value for name, value in settings(ports, where).items() if not name.startswith("TELEGRAM")}
        with started(ours(ports, where), bare, where):
            deadline, drawn = time.monotonic() + DRAWING, -1
            while (now := len(list(DATA.glob("cards/*")))) != drawn or not now:
                if time.monotonic() > deadline:
                    raise RuntimeError("the pictures were not drawn in time")
                drawn = now
                time.sleep(3)
