"""The real lessons, a press that is ready, and an album in a folder of its own."""

from pathlib import Path

import pytest

from bot.cards.album import Album
from bot.cards.press import Press
from bot.content.load import load
from bot.content.printed import Loaded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def loaded() -> Loaded:
    return load(ROOT / "lessons", ROOT / "i18n", ROOT / "policies")


@pytest.fixture(scope="session")
def press() -> Press:
    return Press()


@pytest.fixture
def album(tmp_path: Path, press: Press, loaded: Loaded) -> Album:
    made = Album(tmp_path / "cards", press)
    made.take_up(loaded)
    return made
