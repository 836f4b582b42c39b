"""Waits for the disk beside everything else: what is committed is safe once it was synced.

With ``synchronous=FULL`` SQLite itself syncs its log inside each COMMIT, and the next transaction waits meanwhile.
Here a commit only writes (``NORMAL``), a thread of its own syncs the log, and whoever must be sure waits for that: the
same calls in the same order, but the next transaction goes on beside them, and one sync may do for several.

Nothing else of SQLite's is touched: it takes no locks on its log, so another descriptor of that file harms none.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import NoReturn

import structlog

log = structlog.get_logger()

sync = getattr(os, "fdatasync", os.fsync)  # as SQLite does; its size is synced where that has grown
END = 0  # no commit's number


def lost(error: OSError) -> NoReturn:
    """A disk that could not keep what was written may have dropped it, whatever it says next time.

    Only SQLite's own start finds out what is there: the process ends as if it were killed, and is started again.
    """
    try:
        log.critical("disk.lost", error=error.strerror or type(error).__name__)
    finally:
        os._exit(1)


class Disk:
    """The log of one connection. ``wrote`` may be called in any thread, all else in the loop's."""

    def __init__(self, file: Path, lost: Callable[[OSError], object] = lost) -> None:
        self._descriptor = os.open(file, os.O_RDWR)
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._written = self._synced = END  # numbers of commits
        self._wanted: SimpleQueue[int] = SimpleQueue()
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._thread = Thread(target=self._work, name="disk", daemon=True)
        self._thread.start()

    def wrote(self) -> None:
        """A commit is in the log: its sync begins as soon as can be. Called by one writer after another."""
        self._written += 1
        self._wanted.put(self._written)

    async def reached(self) -> None:
        """Comes back once every commit until now is on the disk; in the order of asking."""
        if self._synced < self._written:
            there: asyncio.Future[None] = self._loop.create_future()
            self._waiting.append((self._written, there))
            await there
        else:
            await asyncio.sleep(0)  # behind those who have been told and not come to it yet

    async def close(self) -> None:
        """Syncs what is left. Nobody may write any more."""
        self._wanted.put(END)
        await asyncio.to_thread(self._thread.join)
        os.close(self._descriptor)
        self._reached(self._written)

    def _work(self) -> None:
        """In the disk's thread: one sync for all commits that have come meanwhile."""
        while (newest := self._wanted.get()) != END:
            while not self._wanted.empty():
                if (more := self._wanted.get()) == END:
                    self._wanted.put(END)
                    break
                newest = more
            try:
                sync(self._descriptor)
            except OSError as error:
                self._lost(error)
                return
            self._loop.call_soon_threadsafe(self._reached, newest)

    def _reached(self, newest: int) -> None:
        self._synced = max(self._synced, newest)
        while self._waiting and self._waiting[0][0] <= self._synced:
            there = self._waiting.popleft()[1]
            if not there.done():
                there.set_result(None)
