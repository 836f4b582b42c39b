"""Plays talks again and writes down what the bot says now: ``python -m tests.conversations [FILE…]``, all by default.

For when words have changed on purpose. Look at the difference before you keep it: a golden conversation that nobody
has read again proves nothing.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.channels.console import text_of
from bot.channels.recording import Recorder
from bot.engine.events import Started
from bot.seal import Seal
from bot.service import Content
from bot.settings import Settings
from bot.wiring import read_content, running
from storage.engine import open_engine
from storage.schema import prepare
from storage.store import Store
from tests.conversations.test_conversations import TALKS, Played, written
from tests.conversations.test_kinds import FOLDER, about

TOLD = ("channel", "zone")  # what a talk may say of its learner beside language and seed


def content_of(file: Path) -> Content:
    """The real lessons, or for a talk of ``kinds`` the made-up ones."""
    if file.parent == FOLDER / "talks":
        return about(file.stem)
    return read_content(Settings(), set())


async def again(file: Path, store: Store) -> None:
    """The learner's lines as they stand, the bot's as they are now."""
    talk = written(file)
    played = Played(store, content_of(file), talk)
    recorder = Recorder(talk["language"], talk["seed"], told={key: talk[key] for key in TOLD if key in talk})
    async with running(played.service.run()):
        await played.happens(Started)
        for line in [{}, *(line for line in talk["talk"] if "bot" not in line)]:
            if line:
                await played.play(line)
                recorder.talk.append(line)
            recorder.talk += [{"bot": text_of(message).strip()} for message in played.said]
    recorder.save(file)


async def main(files: list[Path]) -> None:
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(open_engine(f"sqlite+aiosqlite:///{folder}/talk.sqlite3"), Seal("k" * 48))
            await prepare(store.engine)
            await again(file.resolve(), store)
            await store.close()
        print(file)


if __name__ == "__main__":
    asyncio.run(main([Path(name) for name in sys.argv[1:]] or [*TALKS, *sorted(FOLDER.glob("talks/*.yaml"))]))
