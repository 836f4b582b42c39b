"""Bars as SVG, drawn by hand: a plot needs no library."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from benchmarks.processes import ROOT

WIDTH, ROW, LEFT = 720, 44, 290


def bars(file: str, unit: str, values: Mapping[str, float]) -> None:
    """One bar each, in the order given."""
    room = WIDTH - LEFT - 90
    most = max(values.values())
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {ROW * len(values) + 40}" role="img" '
        f'font-family="sans-serif" font-size="15"><title>{escape(unit)}</title>'
    ]
    for place, (name, value) in enumerate(values.items()):
        top, long = place * ROW + 10, room * value / most
        lines.append(f'<text x="{LEFT - 10}" y="{top + 20}" text-anchor="end">{escape(name)}</text>')
        lines.append(f'<rect x="{LEFT}" y="{top}" width="{long:.1f}" height="30" fill="#1f6f54"/>')
        lines.append(f'<text x="{LEFT + long + 8:.1f}" y="{top + 20}">{value:,.0f}</text>')
    lines.append(f'<text x="{LEFT}" y="{ROW * len(values) + 28}">{escape(unit)}</text></svg>')
    Path(ROOT / file).write_text("\n".join(lines) + "\n", "utf-8")
