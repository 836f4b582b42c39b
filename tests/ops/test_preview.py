"""``sse-bot preview`` as an author types it."""

import io
from pathlib import Path

import pytest

from tests.ops.conftest import Cli


@pytest.fixture(autouse=True)
def keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """An author who types one answer and leaves."""
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n"))


@pytest.mark.parametrize("name", ["one-vote", "module-1/one-vote", "lessons/module-1/030-one-vote.yaml"])
def test_a_lesson_is_played_and_drawn(cli: Cli, tmp_path: Path, name: str) -> None:
    page = tmp_path / "pages" / "one-vote.html"
    ran = cli("preview", name, "--lang", "fr", "--html", str(page))
    assert ran.code == 0
    assert "[1] " in ran.out
    assert str(page) in ran.err
    assert "Une personne, une voix" in page.read_text("utf-8")
    assert not list(tmp_path.rglob("*.sqlite3"))


def test_without_a_place_for_it_the_page_goes_to_the_data(cli: Cli, tmp_path: Path) -> None:
    cli("preview", "one-vote")
    assert (tmp_path / "data/preview/module-1-one-vote.en.html").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "Try one of: module-1/cooperatives, module-1/one-vote, "),
        (["module-1/nowhere"], "module-1/one-vote"),
        (["one-vote", "--lang", "xx"], "No language 'xx': en, es, fr."),
        (["one-vote", "--to", "me"], "CHANNEL:ADDRESS"),
        (["one-vote", "--to", "telegram:1001"], "not set up here"),
        (["one-vote", "--to", "web:1001"], "Only phones"),
    ],
)
def test_what_cannot_be_done_is_one_clear_sentence(cli: Cli, begun: None, words: list[str], told: str) -> None:
    ran = cli("preview", *words)
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_a_phone_that_never_wrote_is_not_written_to(cli: Cli, begun: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "12345678:abcdefghijklmnopqrstuvwxyz0123456789")
    ran = cli("preview", "one-vote", "--to", "telegram:1001")
    assert ran.code == 2
    assert "Write to it from that phone first." in ran.err
    assert "1001" not in ran.err
