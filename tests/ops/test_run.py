"""``sse-bot run``: ready with an address, refused with a sentence, ended within its time."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path

import pytest

from bot.commands.process import ROLES, plain_run, until_told
from bot.commands.run import Role
from bot.errors import ConfigurationRefused
from bot.settings import Settings
from bot.wiring.serving import listening, opened_at
from tests.ops.conftest import unused_port

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def started(folder: Path, port: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    """The real process, in a folder of its own."""
    known = {one.name.upper() for one in fields(Settings)}
    bare = {name: value for name, value in os.environ.items() if name not in known}
    environment = bare | {"PYTHONPATH": str(ROOT), "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"} | more
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def answer(port: int, path: str) -> tuple[int, str]:
    """What a page answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_it_tells_its_address_serves_and_ends_when_told(tmp_path: Path) -> None:
    port = unused_port()
    with started(tmp_path, port, LOG_FORMAT="json") as process:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/chat" in process.stdout.readline()
        status, body = answer(port, "/readyz")
        assert status == 200
        assert {"database", "content", "channels"} <= set(json.loads(body))
        assert "ssebot_" in answer(port, "/metrics")[1]
        assert answer(port, "/healthz")[0] == 200
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=15)
    assert time.monotonic() - told < 10
    assert process.returncode == 0
    assert [json.loads(line)["event"] for line in err.splitlines()][-1] == "stopped"


def test_a_port_that_is_taken_is_one_clear_sentence(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with started(tmp_path, port) as process:
            out, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert str(port) in err
    assert "another PORT" in err
    assert "Traceback" not in out + err


@pytest.mark.parametrize("host", ["192.0.2.1", "no host"])
def test_a_host_that_is_not_this_machine_s_is_told_by_its_name(host: str) -> None:
    with pytest.raises(ConfigurationRefused, match="cannot be listened on") as refused:
        listening(Settings(host=host, port=unused_port()))
    assert refused.value.cure.startswith("Set HOST in .env")


def test_the_address_that_is_told_has_the_port_that_is_listened_on() -> None:
    settings = Settings(port=0)
    with closing(listening(settings)) as sock:
        assert opened_at(settings, sock) == f"http://127.0.0.1:{sock.getsockname()[1]}/chat"
        public = Settings(port=0, public_url="https://bot.example.org")
        assert opened_at(public, sock) == "https://bot.example.org/chat"


def test_a_python_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    makefile = ROOT / "Makefile"
    ran = subprocess.run(
        ["make", "-f", str(makefile), "PYTHON=/nonexistent/python", "environment"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "/nonexistent/python is no Python 3.11 or newer" in ran.stdout
    assert "apt install" not in ran.stdout


def test_a_database_that_is_not_there_is_one_clear_sentence(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://bot:hunter2hunter2@127.0.0.1:{unused_port()}/bot"
    with started(tmp_path, unused_port(), DATABASE_URL=url) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "database" in err.lower()
    assert "Traceback" not in out + err
    assert "hunter2" not in out + err


async def test_work_that_is_told_to_end_may_finish_what_it_holds() -> None:
    finished = asyncio.Event()

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            finished.set()

    assert await until_told(work())
    assert finished.is_set()


async def test_work_that_does_not_end_in_time_is_told_of() -> None:
    let_go = asyncio.Event()

    async def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    assert not await until_told(work(), patience=0.01)
    let_go.set()


async def test_a_thread_that_does_not_end_in_time_is_told_of() -> None:
    """Else the loop would wait for it, and the process for the loop, for ever."""
    let_go = threading.Event()

    async def work() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.to_thread(let_go.wait)

    ended = await until_told(work(), patience=0.01)
    let_go.set()
    assert not ended


async def test_work_that_fails_tells_why() -> None:
    async def work() -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        await until_told(work())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run"], (frozenset(), False)),
        (["run", "--watch"], (frozenset(), True)),
        (["run", "--role", "web", "--role", "sender"], (frozenset({"web", "sender"}), False)),
        (["run", "--role", "planner", "--watch"], (frozenset({"planner"}), True)),
        *((["run", *more], None) for more in (["--help"], ["--role"], ["--role", "cook"], ["--role=web"], ["x"], [""])),
        ([], None),
        (["doctor"], None),
        (["doctor", "run"], None),
    ],
)
def test_a_plain_run_is_understood_and_the_rest_left_to_the_command_line(words: list[str], told: object) -> None:
    assert plain_run(words) == told


def test_the_roles_are_those_of_the_command_line() -> None:
    assert tuple(role.value for role in Role) == ROLES


NOT_TO_SERVE = (
    "aiohttp alembic asyncpg babel jinja2 PIL phonenumbers pydantic sqlalchemy.orm telegram twilio typer typst yaml"
)
LOADED = """
import asyncio, sys
from bot.__main__ import main
from bot.wiring import serving

async def told(house, sock):
    print(*sys.modules)

serving.serve_pages = told
sys.argv = ["sse-bot", "run"]
main()
"""


def test_what_a_bot_at_rest_does_without_is_not_loaded(tmp_path: Path) -> None:
    """Each of these is a good part of a second, or of the memory of a cheap server."""
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")} | {
        "PYTHONPATH": str(ROOT), "PORT": str(unused_port()), "TELEGRAM_API_URL": "http://127.0.0.1:9",
        "TELEGRAM_BOT_TOKEN": "123456789:loopback-token-of-no-real-bot-at-all",
        "TWILIO_API_URL": "http://127.0.0.1:9", "TWILIO_ACCOUNT_SID": "AC" + "5a" * 16,
        "TWILIO_AUTH_TOKEN": "5a" * 16, "TWILIO_WHATSAPP_SENDER": "whatsapp:+14155238886",
    }  # fmt: skip
    for _ in range(2):  # the first start reads the lessons and keeps them
        ran = subprocess.run(
            [sys.executable, "-c", LOADED], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
    loaded = set(ran.stdout.split())
    assert "uvicorn" in loaded
    assert loaded & set(NOT_TO_SERVE.split()) == set()
