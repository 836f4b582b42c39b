"""All of an export or nothing of it, whatever happens in the middle."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.errors import ExportRefused
from bot.evidence import staging as staged
from bot.evidence.options import Format, Tier
from bot.evidence.staging import UNFINISHED, publish, staging
from storage.store import Store
from tests.evidence.makers import exported, shares
from tests.storage.makers import answer

# Exports in a process of its own that is killed by SIGKILL at the place named by its argument.
VICTIM = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.evidence import export as exporting
from tests.databases import SECRET
from bot.evidence.options import ExportOptions
from bot.seal import Seal
from storage.engine import open_engine
from storage.store import Store
from tests.evidence.makers import WORDLESS
from tests.makers import library

url, out, place = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
seal = Seal(SECRET)
if place == "publishing":
    exporting.publish = die
progress = die if place == "rows" else lambda rows: None
store = Store(open_engine(url), seal)
asyncio.run(exporting.export(store, seal, library(), WORDLESS, out, ExportOptions(who="ada"), progress))
"""


async def kill(url: str, out: Path, place: str) -> int | None:
    """Lets the victim run to its end; how it ended."""
    victim = await asyncio.create_subprocess_exec(sys.executable, "-c", VICTIM, url, str(out), place)
    return await victim.wait()


@pytest.mark.parametrize("place", ["rows", "publishing"])
async def test_a_killed_export_leaves_no_half_file(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path, place: str
) -> None:
    await shares(sqlite_store, "ada", *(answer() for _ in range(50)))
    out = tmp_path / "out"
    assert await kill(sqlite_url, out, place) == -signal.SIGKILL
    (left,) = out.iterdir()
    assert left.name.startswith(UNFINISHED)
    assert (left / "feedback.csv").exists()

    whole = await exported(sqlite_store, out)
    assert sorted(file.name for file in out.iterdir()) == sorted(file.name for file in whole.result.files)
    assert whole.result.rows == 50


async def test_a_killed_export_leaves_the_one_before_it_whole(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path
) -> None:
    await shares(sqlite_store, "ada", answer())
    before = await exported(sqlite_store, tmp_path / "out")
    kept = {file: file.read_bytes() for file in before.result.files}
    await shares(sqlite_store, "bo", answer())
    assert await kill(sqlite_url, before.out, "rows") == -signal.SIGKILL
    assert {file: file.read_bytes() for file in before.result.files} == kept


async def test_an_export_that_fails_leaves_nothing(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_entry: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(sqlite_store, "write_ledger", full)
    with pytest.raises(ExportRefused, match="No space left"):
        await exported(sqlite_store, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_export_at_work_is_not_swept_away_by_another(tmp_path: Path) -> None:
    with staging(tmp_path) as first:
        (first / "a.csv").write_text("one")
        with staging(tmp_path) as second:
            (second / "b.csv").write_text("two")
            publish(second, tmp_path, ["b.csv"])
        publish(first, tmp_path, ["a.csv"])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with staging(tmp_path) as aside:
        (aside / "a.csv").write_text("one")
        publish(aside, tmp_path, ["a.csv"])
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("form", list(Format))
async def test_nothing_of_an_older_export_stays_beside_a_new_one(
    sqlite_store: Store, tmp_path: Path, form: Format
) -> None:
    await shares(sqlite_store, "ada", answer("call 612 345 678"))
    out = tmp_path / "out"
    await exported(sqlite_store, out, tier=Tier.RESTRICTED, format=form, why="a test")
    (out / "feedback.md").write_text("mine")
    (out / "old").mkdir()

    public = await exported(sqlite_store, out, tier=Tier.PUBLIC)
    ours = {file.name for file in public.result.files}
    assert {file.name for file in out.iterdir()} == ours | {"feedback.md", "old"}
    assert "612 345 678" not in "".join(file.read_text("utf-8") for file in public.result.files)


@pytest.mark.parametrize("breaks_at", ["codebook.csv", "README.txt", "feedback.csv"])
async def test_a_break_in_the_middle_leaves_no_answers_beside_words_about_others(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks_at: str
) -> None:
    await shares(sqlite_store, "ada", answer("call 612 345 678"))
    out = tmp_path / "out"
    await exported(sqlite_store, out, tier=Tier.RESTRICTED, why="a test")
    replace = os.replace

    def break_there(source: Path, target: Path) -> None:
        if target.name == breaks_at:
            raise OSError(5, os.strerror(5))
        replace(source, target)

    monkeypatch.setattr(staged.os, "replace", break_there)
    with pytest.raises(ExportRefused):
        await exported(sqlite_store, out, tier=Tier.PUBLIC)
    assert not (out / "feedback.csv").exists()


@pytest.mark.parametrize("name", ["feedback.csv", "README.txt"])
async def test_a_folder_in_the_place_of_a_file_is_told_before_anything_is_replaced(
    sqlite_store: Store, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    before = await exported(sqlite_store, out, format=Format.JSONL)
    (out / name).unlink(missing_ok=True)
    (out / name / "inside").mkdir(parents=True)
    kept = {file: file.read_bytes() for file in out.iterdir() if file.is_file()}
    entries = await sqlite_store.ledger()

    with pytest.raises(ExportRefused, match=name) as refusal:
        await exported(sqlite_store, out)
    assert refusal.value.cure
    assert before.result.files[-1] in kept
    assert {file: file.read_bytes() for file in out.iterdir() if file.is_file()} == kept
    assert await sqlite_store.ledger() == entries
