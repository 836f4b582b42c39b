"""Changed lessons and words are taken up while the bot runs: when told to (SIGHUP), and in development by watching.

What is served changes in one step, between two turns. Broken content is told of, complaint by complaint, and changes
nothing; a broken policy is broken content. Changed budgets and brakes wait for the next start, and that is said. A
learner whose card or question is gone begins that lesson anew, as the engine has it.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import structlog

from bot.content.complaints import Complained
from bot.wiring.house import House

log = structlog.get_logger()

LOOKING = 1.0  # seconds between two looks at the files
CONTENT = frozenset({".yaml", ".po"})
STDIN = 0

Files = Mapping[Path, tuple[int, int]]


def files(folders: Iterable[Path]) -> Files:
    """Every file of words in these folders, with its size and when it was last written."""
    found = {}
    for path in (path for folder in folders for path in folder.rglob("*") if path.suffix in CONTENT):
        with contextlib.suppress(FileNotFoundError):  # editors write beside a file and put it in its place
            about = path.stat()
            found[path] = (about.st_mtime_ns, about.st_size)
    return found


class Watch:
    """Notices what has changed in some folders since the last look."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self._seen = files(folders)

    def changed(self) -> bool:
        seen, self._seen = self._seen, files(self.folders)
        return seen != self._seen


async def stay_fresh(house: House, told: asyncio.Event, watch: Watch | None = None, every: float = LOOKING) -> None:
    """Takes changes up whenever ``told`` is set, and whenever a ``watch`` notices some."""
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), every if watch else None)
        noticed = watch is not None and await asyncio.to_thread(watch.changed)
        if told.is_set() or noticed:
            told.clear()
            await take_up(house)


async def take_up(house: House) -> None:
    """The content as it stands now; where it is broken, the old one serves on."""
    try:
        await house.reload()
    except Complained as refused:
        for complaint in refused.complaints:
            place = f"{complaint.file}:{complaint.line}"
            log.error("content.complaint", place=place, what=complaint.what, cure=complaint.cure)
        log.error("content.kept", complaints=len(refused.complaints), cure="sse-bot check")
    except Exception:
        log.exception("content.kept")
    else:
        courses = house.library().courses
        log.info("content.taken_up", lessons=sum(len(course.lessons) for course in courses))


@contextlib.contextmanager
def at_hang_up(told: Callable[[], None]) -> Iterator[None]:
    """SIGHUP calls ``told``; when it comes because our terminal was closed, it ends us as it always would."""
    attached = os.isatty(STDIN)

    def hung_up() -> None:
        if attached and not os.isatty(STDIN):
            signal.raise_signal(signal.SIGTERM)
        else:
            told()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, hung_up)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
