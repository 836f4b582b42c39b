"""A power cut: of SQLite's log only what was synced is there afterwards, and every accepted update is in it.

The calls that write and sync are taken down by strace while learners are at work. For each cut point the database is
put together again from what had been synced by then. That disks keep what they say they synced is believed, not tried.
"""

import os
import random
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.fakes.telegram import FakeTelegram
from tests.faults.conftest import Seen
from tests.faults.crowd import Crowd
from tests.faults.process import Bot, over_at_last

LONG = os.environ.get("FAULTS") == "long"
CUTS = 1_000 if LONG else 100
UPDATES = 40  # few enough that the log is not begun anew: then it holds every state there ever was
CALL = re.compile(r"^(?P<thread>\d+) +[\d.]+ (?P<name>pwrite64|fdatasync)\(\d+<(?P<file>[^>]+)>(?P<rest>.*)$")
ENDED = re.compile(r"^(?P<thread>\d+) +(?P<at>[\d.]+) .*= \d+$")
WHERE = re.compile(r", (?P<size>\d+), (?P<start>\d+)[) ]")

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900), pytest.mark.usefixtures("strace")]


@dataclass(frozen=True)
class Synced:
    """From this moment on so many bytes of the log are safe; ``written`` ones are there."""

    at: float
    safe: int
    written: int


def history(trace: Path, log: str) -> Iterator[Synced]:
    """The states of the log in order; fails where the database itself was written to.

    While one thread syncs another may write: safe is what had been written when the sync began.
    """
    safe = written = 0
    begun: dict[str, tuple[str, int]] = {}  # thread → the call it is in, and how much will be safe or written after it
    for line in trace.read_text(errors="replace").splitlines():
        call = CALL.match(line)
        if call is not None and call["file"] == log:
            where = WHERE.search(call["rest"])
            begun[call["thread"]] = call["name"], int(where["start"]) + int(where["size"]) if where else written
        elif call is not None and call["file"] == log.removesuffix("-wal"):
            assert not written, "the log was moved into the database: too many updates for this test"
        ended = ENDED.match(line)
        if ended is None or ended["thread"] not in begun:
            continue
        name, reached = begun.pop(ended["thread"])
        if name == "fdatasync":
            safe = max(safe, reached)
        else:
            written = max(written, reached)
        yield Synced(float(ended["at"]), safe, written)


class TimedCrowd(Crowd):
    """Notes when each update was accepted, by the clock that strace uses."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at: dict[int, float] = {}

    async def deliver(self, update: dict[str, object], chat: int) -> None:
        await super().deliver(update, chat)
        self.at.setdefault(int(str(update["update_id"])), time.time())


async def taken_down(url: str, data_dir: Path, folder: Path, **more: str) -> tuple[TimedCrowd, list[Synced], Path]:
    """Learners at work, killed: who was accepted when, what was synced when, and the files as they are."""
    file = Path(str(make_url(url).database))
    trace = folder / "trace"
    async with FakeTelegram().running() as telegram:
        bot = Bot(url, data_dir, telegram.url, folder / "log", **more)
        crowd = TimedCrowd(telegram, [bot.url])
        async with over_at_last(bot):
            bot.start(["strace", "-f", "-y", "-ttt", "-e", "trace=pwrite64,fdatasync", "-s", "0", "-o", str(trace)])
            await bot.ready()
            async with crowd.learning(4):
                await crowd.until(UPDATES)
                bot.kill_below()
                await bot.ended()
                crowd.give_up()
    return crowd, list(history(trace, f"{file}-wal")), file


def after_the_cut(file: Path, cut: Synced, tail: int, folder: Path) -> set[str] | str:
    """The updates in the database as the next start finds it; what is wrong with it where something is.

    ``tail`` bytes beyond the synced ones made it to the disk, torn.
    """
    copy = folder / "cut.sqlite3"
    for old in folder.glob("cut.sqlite3*"):
        old.unlink()
    shutil.copy(file, copy)
    content = Path(f"{file}-wal").read_bytes()[: cut.safe + tail]
    Path(f"{copy}-wal").write_bytes(content)
    with closing(sqlite3.connect(copy)) as database:
        fault = database.execute("PRAGMA integrity_check").fetchone()[0]
        if fault != "ok":
            return str(fault)
        return {row[0] for row in database.execute("SELECT event_id FROM inbox WHERE state = 'handled'")}


def lost(crowd: TimedCrowd, states: list[Synced], file: Path, folder: Path) -> list[str]:
    """What accepted updates are missing after which cuts, and every damage."""
    dice, found = random.Random(7), []
    for cut in dice.sample(states, min(CUTS, len(states))):
        tail = dice.randint(0, max(0, cut.written - cut.safe))
        there = after_the_cut(file, cut, tail, folder)
        if isinstance(there, str):
            found.append(there)
            continue
        accepted = {f"telegram:{update}" for update, at in crowd.at.items() if at < cut.at}
        found.extend(sorted(accepted - there))
    return found


async def test_whatever_was_accepted_before_the_cut_is_there_after_it(
    sqlite_url: str, data_dir: Path, tmp_path: Path, seen: Seen
) -> None:
    crowd, states, file = await taken_down(sqlite_url, data_dir, tmp_path)
    seen(cut_points=min(CUTS, len(states)), updates=len(crowd.accepted))
    assert len(states) >= CUTS / (10 if LONG else 1)
    assert lost(crowd, states, file, tmp_path) == []


@pytest.mark.parametrize("bug", ["not synced", "told before the disk has it"])
async def test_the_harness_notices_a_database_that_does_not_wait_for_the_disk(
    bug: str, sqlite_url: str, data_dir: Path, tmp_path: Path
) -> None:
    crowd, states, file = await taken_down(sqlite_url, data_dir, tmp_path, BUG=bug)
    assert lost(crowd, states, file, tmp_path) != []
