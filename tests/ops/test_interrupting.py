"""Ctrl+C ends a command at once, wherever it is, without a trace: the first one, and with the exit code of shells."""

import signal
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from bot.simulation.plan import ENOUGH_FOR_TWO, Plan
from bot.simulation.running import run_all
from bot.wiring.rehearsing import ground
from tests.ops.conftest import Cli


def ctrl_c(*_: Any, **__: Any) -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("words", [["check"], ["run"], ["export", "--out", "answers"]], ids=" ".join)
def test_while_a_command_is_starting(cli: Cli, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setattr("bot.commands.process.plain_run", ctrl_c)
    ran = cli(*words)
    assert (ran.code, ran.out, ran.err) == (130, "", "")


@pytest.mark.parametrize("words", [["check"], ["doctor"], ["inbox"], ["simulate", "--learners", "5"]], ids=" ".join)
def test_before_a_command_has_begun_its_work(
    cli: Cli, begun: None, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr("bot.logs.set_up_logs", ctrl_c)
    monkeypatch.setattr("bot.content.check.check", ctrl_c)
    ran = cli(*words)
    assert (ran.code, ran.out, ran.err) == (130, "", "")


def test_an_export_that_is_counting_does_not_count_to_the_end(
    cli: Cli, begun: None, bare_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []

    def counting(rows: Any) -> Iterator[Any]:
        ctrl_c()
        counted.append(rows)
        return iter(())

    monkeypatch.setattr("bot.evidence.counts.tallied", counting)
    ran = cli("export", "--out", "answers", "--tier", "public")
    assert (ran.code, ran.out, ran.err) == (130, "", "")
    assert counted == []
    assert list((bare_environment / "answers").glob("*")) == []


def test_the_processes_of_a_simulation_end_with_it() -> None:
    def told(day: int) -> None:
        raise KeyboardInterrupt

    plan = Plan(ENOUGH_FOR_TWO, 100)
    with pytest.raises(KeyboardInterrupt):
        run_all(plan, ground, told, plan_only=True, budgets=False)
    assert active_children() == []
