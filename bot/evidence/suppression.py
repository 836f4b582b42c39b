"""Which cells of a table of people must be left out, so that no number below the limit shows or can be worked out.

First go the small cells themselves. Their totals would give them away by subtraction, so further cells go until, in
every row and every column, what is hidden is at least two cells and together at least the limit. A last trap remains
where no single line tells: a hidden cell can still be computed through several lines exactly when, drawn as an edge
between its row and its column, it is a bridge among the hidden cells (D. Gusfield, 1988). So bridges are looked for
too. Totals are cells like any other, in a row and a column named ``ALL``.
"""

from collections import Counter
from collections.abc import Mapping

from bot.evidence.columns import ALL

LIMIT = 10

Cell = tuple[str, str]  # row, column
Table = Mapping[Cell, int]


def with_totals(inner: Table) -> dict[Cell, int]:
    """The table with the sum of each row, each column, and of everything."""
    totals: Counter[Cell] = Counter()
    for (row, column), people in inner.items():
        totals.update({(row, ALL): people, (ALL, column): people, (ALL, ALL): people})
    return {**inner, **totals}


def hidden_cells(table: Table, limit: int = LIMIT) -> frozenset[Cell]:
    """The cells to leave out of a table with totals."""
    hidden = {cell for cell, people in table.items() if people < limit}
    while (another := _in_a_line(table, hidden, limit) or _at_a_bridge(table, hidden)) is not None:
        hidden.add(another)
    return frozenset(hidden)


def _in_a_line(table: Table, hidden: set[Cell], limit: int) -> Cell | None:
    """One more cell of a line whose hidden cells the others give away."""
    for line in _lines(table):
        dark = line & hidden
        if dark and (len(dark) < 2 or sum(table[cell] for cell in dark) < limit):
            cell = _smallest_shown(table, line, hidden)
            if cell is not None:
                return cell
    return None


def _at_a_bridge(table: Table, hidden: set[Cell]) -> Cell | None:
    """One more cell beside a hidden one that several lines together give away."""
    for bridge in sorted(hidden):
        if _is_bridge(bridge, hidden):
            beside = {cell for cell in table if cell[0] == bridge[0] or cell[1] == bridge[1]}
            return _smallest_shown(table, beside, hidden) or _smallest_shown(table, set(table), hidden)
    return None


def _lines(table: Table) -> list[set[Cell]]:
    rows, columns = {row for row, _ in table}, {column for _, column in table}
    return [{cell for cell in table if cell[0] == row} for row in sorted(rows)] + [
        {cell for cell in table if cell[1] == column} for column in sorted(columns)
    ]


def _smallest_shown(table: Table, cells: set[Cell], hidden: set[Cell]) -> Cell | None:
    """What is lost least by hiding: a small cell, and a total last."""
    return min(cells - hidden, key=lambda cell: (ALL in cell, table[cell], cell), default=None)


def _is_bridge(bridge: Cell, hidden: set[Cell]) -> bool:
    """Whether no other way leads from the cell's row to its column over hidden cells."""
    start, goal = ("row", bridge[0]), ("column", bridge[1])
    reached, open_ends = {start}, [start]
    while open_ends:
        here = open_ends.pop()
        for row, column in hidden - {bridge}:
            for near, far in ((("row", row), ("column", column)), (("column", column), ("row", row))):
                if near == here and far not in reached:
                    reached.add(far)
                    open_ends.append(far)
    return goal not in reached
