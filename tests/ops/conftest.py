"""What the operator's tests share: a bare environment, logging that is put back, the command line as one function."""

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
import structlog

from bot.__main__ import main
from bot.logs import HUSHED, OURS
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ran]


def unused_port() -> int:
    """A port of this machine that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as sock:
        return int(sock.getsockname()[1])


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting, no .env: an empty folder to work in."""
    for name in (one.name for one in fields(Settings)):
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def logging_put_back() -> Iterator[None]:
    """Whatever a test does to the world's logging is undone."""
    root, named = logging.getLogger(), {name: logging.getLogger(name) for name in (*OURS, *HUSHED)}
    level, handlers, levels = root.level, root.handlers[:], {name: logger.level for name, logger in named.items()}
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    for name, before in levels.items():
        named[name].setLevel(before)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def cli(
    bare_environment: Path,
    logging_put_back: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Cli]:
    """Types a command: ``cli("db", "status")``."""
    at_ctrl_c = signal.getsignal(signal.SIGINT)

    def typed(*words: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["sse-bot", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Ran(int(left.value.code or 0), said.out, said.err)

    yield typed
    signal.signal(signal.SIGINT, at_ctrl_c)


@pytest.fixture
def begun(cli: Cli) -> None:
    """A database is there, as a first start leaves it: commands that only look make none."""
    assert cli("db", "upgrade").code == 0
