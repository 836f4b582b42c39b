"""The kept copy saves time and is never taken for something it is not."""

from pathlib import Path

from bot.content.kept import kept
from bot.seal import Seal

SEAL = Seal("a key for tests that is long enough")


def sources(folder: Path) -> tuple[Path, ...]:
    (folder / "lessons").mkdir(exist_ok=True)
    (folder / "lessons" / "one.yaml").write_text("title: One", "utf-8")
    return (folder / "lessons",)


class Reader:
    """Counts how often the content is really read."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, int]:
        self.times += 1
        return {"read": self.times}


def test_the_second_start_takes_the_copy(tmp_path: Path):
    read, folders = Reader(), sources(tmp_path)
    first = kept(tmp_path / "cache", "content", folders, SEAL, read)
    assert kept(tmp_path / "cache", "content", folders, SEAL, read) == first
    assert read.times == 1


def test_a_changed_lesson_is_read_again(tmp_path: Path):
    read, folders = Reader(), sources(tmp_path)
    kept(tmp_path / "cache", "content", folders, SEAL, read)
    (tmp_path / "lessons" / "one.yaml").write_text("title: Two", "utf-8")
    assert kept(tmp_path / "cache", "content", folders, SEAL, read) == {"read": 2}
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_renamed_folder_is_read_again(tmp_path: Path):
    read, folders = Reader(), sources(tmp_path)
    (tmp_path / "lessons" / "tour").mkdir()
    (tmp_path / "lessons" / "tour" / "two.yaml").write_text("title: Two", "utf-8")
    kept(tmp_path / "cache", "content", folders, SEAL, read)
    (tmp_path / "lessons" / "tour").rename(tmp_path / "lessons" / "trip")
    assert kept(tmp_path / "cache", "content", folders, SEAL, read) == {"read": 2}


def test_a_copy_that_is_not_ours_is_never_opened(tmp_path: Path):
    read, folders = Reader(), sources(tmp_path)
    kept(tmp_path / "cache", "content", folders, SEAL, read)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert kept(tmp_path / "cache", "content", folders, SEAL, read) == {"read": 2}
    kept(tmp_path / "cache", "content", folders, Seal("another key, also long enough for it"), read)
    assert read.times == 3


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path):
    read, folders = Reader(), sources(tmp_path)
    (tmp_path / "cache").write_text("a file where a folder should be", "utf-8")
    assert kept(tmp_path / "cache", "content", folders, SEAL, read) == {"read": 1}


def test_nobody_else_may_read_the_copy(tmp_path: Path):
    kept(tmp_path / "cache", "content", sources(tmp_path), SEAL, Reader())
    (file,) = (tmp_path / "cache").iterdir()
    assert file.stat().st_mode & 0o077 == 0
