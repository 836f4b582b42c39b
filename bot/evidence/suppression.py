"""Which cells of a table of people must be left out, so that no number below the limit shows or can be worked out.

First go the small cells themselves. Their totals would give them away by subtraction, so further cells go until, in
every row and every column, what is hidden is at least two cells and together at least the limit. A last trap remains
where no single line tells: a hidden cell can still be computed through several lines exactly when, drawn as an edge
between its row and its column, it is a bridge among the hidden cells (D. Gusfield, 1988). So bridges are looked for
too. And where sums leave a small number only few values (ten hidden cells, together ten), further cells go until
it may be any of as many as the limit. Totals are cells like any other, in a row and a column named ``ALL``.

Of a small column not even the cells are listed, as a cell that is not there would be a nought: it is then hidden too.
"""

from collections import Counter
from collections.abc import Mapping, Set

from bot.evidence.columns import ALL

LIMIT = 10

UNKNOWN = 10**12  # more people than there are

Cell = tuple[str, str]  # row, column
Table = Mapping[Cell, int]
Line = tuple[Cell, list[Cell]]  # a sum, and what adds up to it


def with_totals(inner: Table) -> dict[Cell, int]:
    """The table with the sum of each row, each column, and of everything."""
    totals: Counter[Cell] = Counter()
    for (row, column), people in inner.items():
        totals.update({(row, ALL): people, (ALL, column): people, (ALL, ALL): people})
    return {**inner, **totals}


def hidden_cells(table: Table, limit: int = LIMIT, unlisted: Set[str] = frozenset()) -> frozenset[Cell]:
    """The cells to leave out of a table with totals. Nobody is told which cells the ``unlisted`` columns have."""
    hidden = {cell for cell, people in table.items() if people < limit}
    while (
        another := _in_a_line(table, hidden, limit)
        or _at_a_bridge(table, hidden)
        or _beside_a_narrow_one(table, hidden, limit, unlisted)
    ) is not None:
        hidden.add(another)
    return frozenset(hidden)


def hidden_in_a_row(row: Table, unlisted: Set[str]) -> set[Cell]:
    """The same for a row that adds up by itself."""
    name = next(iter(row))[0]
    inner = {(".", column): people for (_, column), people in row.items()}
    hidden = hidden_cells(with_totals(inner), unlisted=unlisted)
    return {(name, column) for marked, column in hidden if marked == "."}


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


def _beside_a_narrow_one(table: Table, hidden: set[Cell], limit: int, unlisted: Set[str]) -> Cell | None:
    """One more cell beside a small one that the sums leave fewer values than the limit."""
    if len(hidden) == len(table):
        return None
    least, most = _bounds(table, hidden, unlisted)
    for cell in sorted(hidden):
        if table[cell] < limit and most[cell] - least[cell] < limit - 1:
            beside = {other for other in table if other[0] == cell[0] or other[1] == cell[1]}
            return _smallest_shown(table, beside, hidden) or _smallest_shown(table, set(table), hidden)
    return None


def _bounds(table: Table, hidden: set[Cell], unlisted: Set[str]) -> tuple[dict[Cell, int], dict[Cell, int]]:
    """What each cell is at least and at most, to somebody who adds and subtracts what is shown."""
    least = {cell: people if cell not in hidden else int(cell[1] not in unlisted) for cell, people in table.items()}
    most = {cell: people if cell not in hidden else UNKNOWN for cell, people in table.items()}
    sums, known = _sums(table), None
    while known != (known := (sum(least.values()), sum(most.values()))):
        for total, parts in sums:
            low, high = sum(least[part] for part in parts), sum(most[part] for part in parts)
            least[total], most[total] = max(least[total], low), min(most[total], high)
            for part in parts:
                others_least, others_most = low - least[part], high - most[part]
                new_least = max(least[part], least[total] - others_most)
                new_most = min(most[part], most[total] - others_least)
                low, high = low + new_least - least[part], high + new_most - most[part]
                least[part], most[part] = new_least, new_most
    return least, most


def _sums(table: Table) -> list[Line]:
    rows, columns = sorted({row for row, _ in table}), sorted({column for _, column in table})
    lines: list[Line] = [((row, ALL), [(row, c) for c in columns if c != ALL and (row, c) in table]) for row in rows]
    return lines + [((ALL, c), [(row, c) for row in rows if row != ALL and (row, c) in table]) for c in columns]


def _lines(table: Table) -> list[set[Cell]]:
    return [{total, *parts} for total, parts in _sums(table)]


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
