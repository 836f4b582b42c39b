"""A million answers as CSV, beside the sqlite3 command line."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bots import Ports, settings
from benchmarks.filled import with_answers
from benchmarks.processes import ROOT, folder

GAUGE = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],check=True,stdout=subprocess.DEVNULL);" \
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"  # fmt: skip


@dataclass(frozen=True)
class Written:
    seconds: float
    peak: float


def _gauged(command: list[str], env: dict[str, str], where: Path) -> Written:
    began = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", GAUGE, *command], env=env, cwd=where, check=True, capture_output=True, text=True
    )  # fmt: skip
    return Written(time.perf_counter() - began, int(ran.stdout) / 1024)


def compared(many: int) -> dict[str, Written]:
    """Both on one core, each writing the same database's answers; and ours with next to none, for its growth."""
    found = {}
    with folder() as where:
        for name, rows in (("ours, 1,000 rows", 1_000), ("ours", many)):
            file = where / f"{rows}.sqlite3"
            with_answers(file, rows)
            env = settings(Ports(0, 0), where) | {
                "DATABASE_URL": f"sqlite+aiosqlite:///{file}",
                "PATH": "/usr/bin:/bin",
            }
            env |= {"PYTHONPATH": str(ROOT), "PORT": "8000", "PUBLIC_URL": "http://127.0.0.1:8000"}
            command = ["taskset", "1", sys.executable, "-m", "bot", "export", "--out", str(where / f"out-{rows}")]
            found[name] = _gauged(command, env, where)
        plain = ["taskset", "1", "sqlite3", "-csv", "-header", str(file), "SELECT * FROM answers"]
        found["sqlite3"] = _gauged(plain, {"PATH": "/usr/bin:/bin"}, where)
    return found
