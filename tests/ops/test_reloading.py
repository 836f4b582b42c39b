"""Lessons change under a running bot: good ones are taken up, broken ones change nothing."""

import asyncio
import json
import os
import pty
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.channels.console import text_of
from bot.engine.events import Address, Event, Said, Started
from bot.settings import Secret, Settings
from bot.wiring import House, open_house, running
from bot.wiring.reloading import Watch, at_hang_up, stay_fresh, take_up
from tests.content.project import COURSE_FILE, LESSON_FILE, small_project
from tests.makers import NOON
from tests.ops.conftest import unused_port
from tests.ops.test_run import started

ROOT = Path(__file__).resolve().parents[2]
HOOK, NEW_HOOK = "Ravi paid most.", "Ravi paid a little more."
CARD, NEW_CARD = "Money buys no second one.", "Money does not buy a second one."


@dataclass
class Folder:
    """A copy of lessons and words that an author works in."""

    root: Path
    saved: int = 0

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        self.saved += 1
        os.utime(path, (1_800_000_000 + self.saved, 1_800_000_000 + self.saved))


@dataclass
class Learner:
    """Somebody at the terminal."""

    house: House
    count: int = field(default=0)

    async def says(self, words: str) -> str:
        self.count += 1
        facts = {"id": f"e{self.count}", "address": Address("console", "me"), "at": NOON}
        event: Event = Said(**facts, text=words) if words else Started(**facts, languages=("en",))  # type: ignore[arg-type]
        outcome = await self.house.service.handle(event)
        return "\n\n".join(text_of(message) for message in outcome.messages)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    small_project(tmp_path)
    shutil.copytree(ROOT / "i18n", tmp_path / "i18n", dirs_exist_ok=True)
    monkeypatch.setattr("bot.wiring.house.LESSONS", tmp_path / "lessons")
    monkeypatch.setattr("bot.wiring.house.WORDS", tmp_path / "i18n")
    monkeypatch.setattr("bot.wiring.house.POLICIES", tmp_path / "policies")
    return Folder(tmp_path)


@pytest_asyncio.fixture
async def house(folder: Folder) -> AsyncIterator[House]:
    settings = Settings(
        database_url=f"sqlite+aiosqlite:///{folder.root}/talk.sqlite3",
        data_dir=folder.root,
        secret_key=Secret("a key of forty-eight characters for these stories"),
    )
    async with open_house(settings) as opened:
        yield opened


async def test_good_words_are_taken_up(house: House, folder: Folder):
    folder.edit(LESSON_FILE, HOOK, NEW_HOOK)
    with capture_logs() as logs:
        await take_up(house)
    assert NEW_HOOK in await Learner(house).says("")
    assert [(line["event"], line["lessons"]) for line in logs] == [("content.taken_up", 1)]


async def test_broken_words_are_all_told_of_and_the_old_ones_serve_on(house: House, folder: Folder):
    before = house.content
    folder.edit(LESSON_FILE, HOOK, NEW_HOOK)
    folder.edit(LESSON_FILE, "takeaway:", "takaway:")
    folder.edit(COURSE_FILE, "order: 1", "order: first")
    with capture_logs() as logs:
        await take_up(house)
    assert house.content is before
    assert HOOK in await Learner(house).says("")
    told = {line["place"].partition(":")[0] for line in logs if line["event"] == "content.complaint"}
    assert told == {LESSON_FILE, COURSE_FILE}
    assert logs[-1]["event"] == "content.kept"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("ages.yaml", "default: 16", "default: 99"),
        ("helplines.yaml", "countries:", "cuntries:"),
        ("brakes.yaml", "replies_an_hour: 120", "replies_an_hour: ["),
        ("messages.yaml", "warn_at_percent:", "warn_at:"),
    ],
)
async def test_a_broken_policy_is_told_of_with_broken_words_and_changes_nothing(
    house: House, folder: Folder, file: str, old: str, new: str
):
    before = house.content
    folder.edit(f"policies/{file}", old, new)
    folder.edit(LESSON_FILE, "takeaway:", "takaway:")
    with capture_logs() as logs:
        await take_up(house)
    assert house.content is before
    told = {line["place"].partition(":")[0] for line in logs if line["event"] == "content.complaint"}
    assert told == {LESSON_FILE, f"policies/{file}"}
    assert logs[-1]["event"] == "content.kept"


async def test_a_broken_policy_keeps_good_words_waiting(house: House, folder: Folder):
    before = house.content
    (folder.root / "policies/brakes.yaml").unlink()
    folder.edit(LESSON_FILE, HOOK, NEW_HOOK)
    await take_up(house)
    assert house.content is before


async def test_changed_budgets_and_brakes_are_said_to_count_from_the_next_start(house: House, folder: Folder):
    folder.edit("policies/brakes.yaml", "replies_an_hour: 120", "replies_an_hour: 60")
    with capture_logs() as logs:
        await take_up(house)
    assert [line["event"] for line in logs] == ["policies.from_next_start", "content.taken_up"]
    assert house.policies[1].replies_an_hour == 120


async def test_a_mistake_put_right_is_taken_up_the_next_time(house: House, folder: Folder):
    folder.edit(LESSON_FILE, "takeaway:", "takaway:")
    await take_up(house)
    folder.edit(LESSON_FILE, "takaway:", "takeaway:")
    folder.edit(LESSON_FILE, HOOK, NEW_HOOK)
    await take_up(house)
    assert NEW_HOOK in await Learner(house).says("")


async def test_files_that_cannot_even_be_read_change_nothing(house: House, folder: Folder):
    before = house.content
    (folder.root / LESSON_FILE).write_bytes(b"\xff\xfe not UTF-8 \x00")
    with capture_logs() as logs:
        await take_up(house)
    assert house.content is before
    assert logs[-1]["event"] == "content.kept"


async def test_a_learner_in_mid_lesson_reads_the_new_words_of_the_same_card(house: House, folder: Folder):
    learner = Learner(house)
    await learner.says("")
    await learner.says("1")
    assert CARD in await learner.says("next")
    folder.edit(LESSON_FILE, CARD, NEW_CARD)
    await take_up(house)
    assert NEW_CARD in await learner.says("what?")


async def test_a_learner_whose_card_is_gone_begins_the_lesson_anew(house: House, folder: Folder):
    learner = Learner(house)
    await learner.says("")
    await learner.says("1")
    await learner.says("next")
    folder.edit(LESSON_FILE, "id: rule", "id: law")
    await take_up(house)
    said = await learner.says("next")
    assert "This lesson has changed" in said
    assert HOOK in said


class Told:
    """A reload that can be waited for."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done = asyncio.Event()
        self._reload = house.reload
        monkeypatch.setattr(House, "reload", lambda _house: self())

    async def __call__(self) -> None:
        await self._reload()
        self.done.set()


async def test_a_sign_is_enough(house: House, folder: Folder, monkeypatch: pytest.MonkeyPatch):
    folder.edit(LESSON_FILE, HOOK, NEW_HOOK)
    reloaded, told = Told(house, monkeypatch), asyncio.Event()
    async with running(stay_fresh(house, told)):
        with at_hang_up(told.set):
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.wait_for(reloaded.done.wait(), 10)
    assert NEW_HOOK in await Learner(house).says("")


async def test_with_watch_a_changed_file_is_enough(house: House, folder: Folder, monkeypatch: pytest.MonkeyPatch):
    watch = Watch(folder.root / "lessons")
    reloaded = Told(house, monkeypatch)
    folder.edit(LESSON_FILE, HOOK, NEW_HOOK)
    async with running(stay_fresh(house, asyncio.Event(), watch, every=0.001)):
        await asyncio.wait_for(reloaded.done.wait(), 10)
    assert NEW_HOOK in await Learner(house).says("")


def test_the_watch_notices_what_is_new_changed_or_gone_and_nothing_else(folder: Folder):
    watch = Watch(folder.root / "lessons", folder.root / "i18n")
    assert not watch.changed()
    folder.edit(LESSON_FILE, HOOK, NEW_HOOK)
    assert watch.changed()
    assert not watch.changed()
    (folder.root / "lessons/basics/.010-one-vote.yaml.swp").write_text("an editor's own")
    assert not watch.changed()
    (folder.root / LESSON_FILE).rename(folder.root / "lessons/basics/015-one-vote.yaml")
    assert watch.changed()
    (folder.root / "lessons/basics/015-one-vote.yaml").unlink()
    assert watch.changed()


async def test_a_closed_terminal_ends_the_bot_as_ever(monkeypatch: pytest.MonkeyPatch):
    ours, theirs = pty.openpty()
    told, ended = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    monkeypatch.setattr("bot.wiring.reloading.STDIN", theirs)
    try:
        with at_hang_up(told.set):
            os.close(ours)
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.wait_for(ended.wait(), 10)
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        os.close(theirs)
    assert not told.is_set()


def test_the_running_process_takes_content_up_when_it_is_told(tmp_path: Path):
    with started(tmp_path, unused_port(), LOG_FORMAT="json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        told = next(line for line in process.stderr if "content." in line)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
    assert json.loads(told)["event"] == "content.taken_up"
    assert process.returncode == 0
