"""Processes and what they use, read from /proc: of the bot alone, not of what plays the world around it."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FIELD = ROOT / ".venv" / "bench" / "bin" / "python"  # the others' environment
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Use:
    """CPU seconds so far, and resident memory now and at its peak, in MiB."""

    cpu: float
    rss: float
    peak: float


def use(pid: int) -> Use:
    # The name in brackets may hold blanks; fields count from behind it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    kib = {name: int(status[name].split()[0]) for name in ("VmRSS", "VmHWM")}
    return Use((int(fields[11]) + int(fields[12])) / TICK, kib["VmRSS"] / 1024, kib["VmHWM"] / 1024)


def unused_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on the disk that real data would stand on, for as long as the block."""
    path = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def started(command: Sequence[str], env: Mapping[str, str], where: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process, told to end with the block; its words go into ``log`` beside its data."""
    bare = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    with (where / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=bare | {"PYTHONPATH": str(ROOT)} | env, cwd=where, stdout=log, stderr=log
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
            process.wait()


class Steps:
    """A process of ours that tells its steps, one line of JSON each."""

    def __init__(self, module: str, plan: Mapping[str, object]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(plan)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def until(self, step: str) -> dict[str, Any]:
        """Comes back at this step, with what it tells."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            told: dict[str, Any] = json.loads(line)
            if told["step"] == step:
                return told
        raise RuntimeError(f"{self.process.args} ended before {step!r}")

    def __enter__(self) -> "Steps":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
