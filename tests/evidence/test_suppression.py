"""Nobody can work out a number of people below the limit, however cleverly they subtract."""

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.columns import ALL
from bot.evidence.suppression import LIMIT, Cell, hidden_cells, with_totals


def worked_out(table: dict[Cell, int], hidden: frozenset[Cell]) -> set[Cell]:
    """The hidden cells that follow from the shown ones: each line of a table sums up to its total."""
    unknown = sorted(hidden)
    equations = []
    lines = defaultdict(list)
    for row, column in table:
        lines["row", row].append((row, column))
        lines["column", column].append((row, column))
    for cells in lines.values():
        equations.append([Fraction(_sign(cell, cells)) if cell in cells else Fraction(0) for cell in unknown])
    reduced = _reduced(equations)
    alone = [row for row in reduced if sum(value != 0 for value in row) == 1]
    return {unknown[next(n for n, value in enumerate(row) if value)] for row in alone}


def _sign(cell: Cell, line: list[Cell]) -> int:
    """A total stands on the other side of its line's equation."""
    in_one_row = len({row for row, _ in line}) == 1 and len({column for _, column in line}) > 1
    total = cell[1] == ALL if in_one_row else cell[0] == ALL
    return -1 if total else 1


def _reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss and Jordan."""
    rows, done = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((n for n in range(done, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for n, row in enumerate(rows):
            if n != done and row[column]:
                rows[n] = [value - row[column] * own for value, own in zip(row, rows[done], strict=True)]
        done += 1
    return rows


tables = st.dictionaries(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from(["ar", "en", "es", "fr"])),
    st.integers(1, 40),
    min_size=1,
).filter(lambda inner: len({column for _, column in inner}) > 1 and len({row for row, _ in inner}) > 1)


def test_the_check_itself_sees_what_can_be_worked_out() -> None:
    table = with_totals({("A", "en"): 3, ("B", "en"): 20, ("A", "es"): 30, ("B", "es"): 40})
    assert worked_out(table, frozenset({("A", "en")})) == {("A", "en")}
    square = frozenset({("A", "en"), ("B", "en"), ("A", "es"), ("B", "es")})
    assert worked_out(table, square) == set()


@settings(max_examples=300, deadline=None)
@given(tables)
def test_no_hidden_number_can_be_worked_out(inner: dict[Cell, int]) -> None:
    table = with_totals(inner)
    hidden = hidden_cells(table)
    assert {cell for cell, people in table.items() if people < LIMIT} <= hidden
    assert worked_out(table, hidden) == set()


@settings(max_examples=200, deadline=None)
@given(tables)
def test_what_a_line_hides_is_together_at_least_the_limit(inner: dict[Cell, int]) -> None:
    table = with_totals(inner)
    hidden = hidden_cells(table)
    for place in (0, 1):
        for name in {cell[place] for cell in table}:
            line = {cell for cell in table if cell[place] == name}
            dark = line & hidden
            assert not dark or dark == line or sum(table[cell] for cell in dark) >= LIMIT


def test_a_table_without_small_numbers_is_shown_whole() -> None:
    assert hidden_cells(with_totals({("A", "en"): 10, ("B", "en"): 11, ("A", "es"): 12, ("B", "es"): 13})) == set()


def test_one_small_cell_takes_three_others_with_it_and_no_total() -> None:
    inner = {("A", "en"): 3, ("B", "en"): 20, ("C", "en"): 90, ("A", "es"): 30, ("B", "es"): 40, ("C", "es"): 90}
    assert hidden_cells(with_totals(inner)) == {("A", "en"), ("B", "en"), ("A", "es"), ("B", "es")}


def test_a_cell_that_two_lines_together_give_away_is_found() -> None:
    # Two closed squares of hidden cells, tied by one hidden cell between them: that one is a difference of sums.
    inner = {(row, column): 50 for row in "ABCD" for column in ("ar", "en", "es", "fr")}
    inner |= dict.fromkeys([("A", "ar"), ("A", "en"), ("B", "ar"), ("B", "en"), ("B", "es")], 9)
    inner |= dict.fromkeys([("C", "es"), ("C", "fr"), ("D", "es"), ("D", "fr")], 9)
    table = with_totals(inner)
    small = frozenset(cell for cell, people in table.items() if people < LIMIT)
    assert worked_out(table, small) == {("B", "es")}
    assert worked_out(table, hidden_cells(table)) == set()


def test_ten_cells_that_are_ten_together_tell_none_of_them() -> None:
    table = with_totals({(answer, "en"): 1 for answer in "0123456789"})
    assert hidden_cells(table) == set(table)  # with the sum beside them each would be exactly one


def test_small_numbers_keep_a_room_of_ten() -> None:
    table = with_totals({("A", "en"): 1, ("B", "en"): 10, ("C", "en"): 30})
    hidden = hidden_cells(table)
    assert {("A", "en"), ("B", "en")} <= hidden
    assert sum(people for cell, people in table.items() if cell in hidden and cell[1] == "en" and cell[0] != ALL) >= 11


@pytest.mark.parametrize("people", [1, 9])
def test_a_table_of_one_small_cell_shows_nothing(people: int) -> None:
    table = with_totals({("A", "en"): people})
    assert hidden_cells(table) == set(table)
