"""The mark of these tests, a folder in which lessons are read once for all processes, and what was seen, as a list.

A test that needs what this machine does not have is skipped with the reason; with CI=true that is a failure.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import missing

Seen = Callable[..., None]

SEEN = "seen"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "faults: the real process is killed or hindered; takes seconds to minutes")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def seen(record_property: Callable[[str, object], None]) -> Seen:
    """Figures for the table in docs/reliability.md, shown when all is over: ``seen(kills=10, again=3)``."""

    def note(**figures: object) -> None:
        record_property(SEEN, ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items()))

    return note


@pytest.fixture
def strace() -> str:
    """The program that takes down what a process asks of the system."""
    found = shutil.which("strace")
    if found is None:
        missing("strace is not there")
    return str(found)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, figures in report.user_properties:
            if name == SEEN and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {figures}")
