"""Rows of figures as Markdown, medians over rounds, ratios within one run."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Cells = Sequence[str]


def table(heads: Cells, rows: Sequence[Cells]) -> str:
    """A table of Markdown; figures stand to the right."""
    line = "|--|" + "--:|" * (len(heads) - 1)
    return "\n".join(["| " + " | ".join(heads) + " |", line, *("| " + " | ".join(row) + " |" for row in rows)])


def median(runs: Sequence[Any], of: str) -> float:
    return float(statistics.median(getattr(run, of) for run in runs))


def figure(value: float) -> str:
    """As many digits as say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(one: float, other: float) -> str:
    return f"{one / other:.1f}×" if other else "–"


def in_turn(plays: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[Any]]:
    """Each once a round, so that what else the machine does falls on all alike."""
    runs: dict[str, list[Any]] = {name: [] for name in plays}
    for _ in range(rounds):
        for name, play in plays.items():
            runs[name].append(play())
    return runs
