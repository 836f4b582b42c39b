"""Drawing happens in a process of its own, and the bot stays small."""

import subprocess
import sys

import pytest

from bot.cards.elsewhere import ROOT, Elsewhere, NotDrawn, put
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


def test_a_stop_of_the_whole_service_leaves_the_picture_that_is_being_drawn_to_the_bot(inputs: str):
    """systemd sends SIGTERM to every process of a service, and nobody should find an error in the log of a stop."""
    press = Elsewhere()
    try:
        child = press._started()
        child.terminate()  # before it has begun, and while it draws
        drawn = press.png(inputs)
        child.terminate()
        assert drawn == press.png(inputs)
        assert press._child is child
    finally:
        press.rest()
    assert child.poll() is not None


def test_resting_twice_harms_nobody():
    press = Elsewhere()
    press.rest()
    press.rest()
    assert press._child is None


def test_a_bot_that_was_killed_leaves_no_traceback_of_the_drawing(inputs: str):
    command = [sys.executable, "-m", "bot.cards.elsewhere"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()  # nobody takes what is drawn
    put(child.stdin, inputs.encode())
    child.stdin.close()
    with child.stderr as told:
        assert told.read() == b""
    assert child.wait() == 0
