"""The bot as a process that can be ended in any way, and started again."""

import asyncio
import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import fields
from pathlib import Path

import aiohttp

from bot.seal import Seal
from bot.settings import Settings
from storage.engine import open_engine
from storage.store import Store
from tests.databases import SECRET
from tests.fakes.telegram import TOKEN
from tests.faults.doubt import Part, in_doubt

ROOT = Path(__file__).resolve().parents[2]
HOOK_SECRET = "a-secret-of-our-own-making-0123456789"
READY = 120.0  # seconds, at most: nothing here is faster or slower for it
UNBALANCED = re.compile(r'^ssebot_books_unbalanced\{whole="(\w+)"\} (\S+)$', re.M)


def unused_port() -> int:
    """One that stays free while its bot is down.

    The system gives ports from 32768 on to whoever connects somewhere, so one of those would be gone now and then. Each
    process that tests has a range of its own.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 20
    for port in random.sample(range(10_000 + 1_000 * worker, 11_000 + 1_000 * worker), 100):
        with suppress(OSError), closing(socket.create_server(("127.0.0.1", port))):
            return port
    raise AssertionError("a hundred ports, and none of them is free")


class Bot:
    """One bot: its settings stay, processes come and go."""

    def __init__(self, database_url: str, data_dir: Path, telegram_url: str, log: Path, **more: str) -> None:
        self.database_url, self.port = database_url, unused_port()
        self.log = log
        self.url = f"http://127.0.0.1:{self.port}"
        self.kills = 0
        self.doubts: Counter[int] = Counter()  # address → parts under way when a process ended or froze
        self._left: set[Part] = set()  # under way when the last process was killed
        known = {one.name.upper() for one in fields(Settings)}
        self.env = {name: value for name, value in os.environ.items() if name not in known} | {
            "DATABASE_URL": database_url,
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "SECRET_KEY": SECRET,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram_url,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_SECRET": HOOK_SECRET,
            "TELEGRAM_SENDS_PER_SECOND": "0",
            "TELEGRAM_CHAT_SENDS_PER_SECOND": "0",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "warning",
            "LEASE": "2",
            **more,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, under: Sequence[str] = (), **more: str) -> None:
        with self.log.open("ab") as log:
            command = [*under, sys.executable, "-m", "tests.faults.entry"]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env | more, stdout=subprocess.DEVNULL, stderr=log
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, sign: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(sign)

    async def ended(self, seconds: float = READY) -> int:
        """The exit status, once it has ended by itself or by a signal."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, seconds)

    async def kill(self) -> None:
        """As the machine's own emergency brake does it."""
        self.signal(signal.SIGKILL)
        await self.died()

    async def died(self) -> None:
        """Comes back when it has been killed, from outside or by itself, and notes what is in doubt now."""
        assert await self.ended() == -signal.SIGKILL, self.log.read_text()[-2000:]
        self.kills += 1
        before, self._left = self._left, await in_doubt(self.database_url, at_rest=True)
        self._note(self._left - before)

    async def stop(self) -> None:
        """As a deployment does it: it leaves nothing in doubt.

        What the one before it left may still be there: a new process settles that once the dead one's lease is over.
        """
        self.signal(signal.SIGTERM)
        assert await self.ended() == 0, self.log.read_text()[-2000:]
        more = await in_doubt(self.database_url, at_rest=True) - self._left
        assert not more, (more, self.log.read_text()[-2000:])

    async def frozen(self) -> None:
        """Comes back once it stands still."""
        async with asyncio.timeout(READY):
            while not self.stands_still:
                assert self.alive, self.log.read_text()[-2000:]
                await asyncio.sleep(0.01)

    @property
    def stands_still(self) -> bool:
        assert self.process is not None
        return os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG) is not None

    async def note_doubts(self) -> None:
        """What is under way now that it stands still."""
        self._note(await in_doubt(self.database_url, at_rest=False))

    def _note(self, parts: set[Part]) -> None:
        self.doubts += Counter(part.address for part in parts)

    async def ready(self) -> None:
        """Comes back once learners are served."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY):
            while not await self._serves(session):
                assert self.alive, self.log.read_text()[-2000:]
                await asyncio.sleep(0.05)

    async def logged(self, event: str, times: int) -> None:
        """Comes back once the log has told this so often."""
        async with asyncio.timeout(READY):
            while self.log.read_text().count(f'"event": "{event}"') < times:
                assert self.alive, self.log.read_text()[-2000:]
                await asyncio.sleep(0.05)

    async def figures(self) -> dict[str, float]:
        """What /metrics says of the books, as soon as it has looked at them."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY):
            while True:
                async with session.get(f"{self.url}/metrics") as answer:
                    found = dict(UNBALANCED.findall(await answer.text()))
                if found:
                    return {whole: float(value) for whole, value in found.items()}
                await asyncio.sleep(0.05)

    async def quiet(self, seconds: float = READY) -> None:
        """Comes back once nothing waits to be sent."""
        store = Store(open_engine(self.database_url), Seal(SECRET))
        try:
            async with asyncio.timeout(seconds):
                while await store.depth():
                    await asyncio.sleep(0.05)
        finally:
            await store.close()

    async def holds(self) -> None:
        """Comes back once this process is the one that sends."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY):
            while not await self._sends(session):
                await asyncio.sleep(0.05)

    async def _sends(self, session: aiohttp.ClientSession) -> bool:
        async with session.get(f"{self.url}/readyz") as answer:
            return bool((await answer.json())["channels"]["telegram"] == "ok")

    def kill_below(self) -> None:
        """Kills what runs under the process that was started, which then ends by itself."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)

    async def _serves(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def over_at_last(*bots: Bot) -> AsyncIterator[None]:
    """No process outlives its test; a test that is over well has stopped them itself."""
    try:
        yield
    finally:
        for bot in bots:
            if bot.alive:
                bot.signal(signal.SIGCONT)
                bot.signal(signal.SIGKILL)
            if bot.process is not None:
                await bot.ended()
