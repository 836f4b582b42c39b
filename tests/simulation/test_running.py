"""What a second process of a played run does before it begins."""

import gc
from collections.abc import Iterator
from multiprocessing import get_context

import pytest
import structlog

from bot.simulation import running


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_what_a_process_logs_does_not_stand_in_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    running._begin(get_context("spawn").Array("i", 1))
    structlog.get_logger("bot.simulation").error("somebody.blocked_us")
    told = capsys.readouterr()
    assert told.out == ""
    assert "somebody.blocked_us" in told.err
