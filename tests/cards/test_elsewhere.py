"""Drawing happens in a process of its own, and the bot stays small."""

import pytest

from bot.cards.elsewhere import Elsewhere, NotDrawn
from bot.cards.press import Press
from tests.cards.test_album import album


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> str:
    from bot.content.load import load
    from bot.wiring.house import LESSONS, POLICIES, WORDS

    pictures = album(tmp_path_factory.mktemp("cards"), load(LESSONS, WORDS, POLICIES))
    return pictures._inputs[pictures.missing()[0]]


def test_the_picture_is_the_same_wherever_it_is_drawn(inputs: str):
    press = Elsewhere()
    try:
        assert press.png(inputs) == Press().png(inputs)
        assert press.png(inputs).startswith(b"\x89PNG")
    finally:
        press.rest()


def test_a_process_that_is_gone_is_started_again(inputs: str):
    press = Elsewhere()
    try:
        press.png(inputs)
        assert press._child is not None
        press._child.kill()
        press._child.wait()
        with pytest.raises(NotDrawn):
            press.png(inputs)
        assert press.png(inputs).startswith(b"\x89PNG")
    finally:
        press.rest()


def test_resting_twice_harms_nobody():
    press = Elsewhere()
    press.rest()
    press.rest()
    assert press._child is None
