"""No small group is told, nor can it be computed from what is shown."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.suppression import Cell, hidden


def line(*people: int) -> dict[Cell, int]:
    return {(str(place),): count for place, count in enumerate(people)}


def places(*people: int, fewest: int = 5) -> list[int]:
    return sorted(int(cell[0] or 0) for cell in hidden(line(*people), fewest))


def test_from_the_fewest_on_all_is_shown() -> None:
    assert places(5, 6, 100) == []


def test_a_small_one_takes_the_next_smallest_with_it() -> None:
    assert places(4, 50, 7) == [0, 2]


def test_two_small_ones_that_are_few_together_take_a_third() -> None:
    assert places(1, 2, 30, 9) == [0, 1, 3]
    assert places(4, 1, 30) == [0, 1]


def test_the_public_sees_from_ten() -> None:
    assert places(9, 10, 40, fewest=10) == [0, 1]


def test_what_is_alone_cannot_hide_behind_others() -> None:
    assert places(3) == [0]
    assert places(0, 3) == [1]


def test_a_whole_figure_hides_itself() -> None:
    assert hidden({(): 3}, 5) == {()}
    assert hidden({(): 5}, 5) == frozenset()


def test_a_table_is_safe_in_both_directions() -> None:
    # one cell of 2: another of its row, another of its column, and the corner that would tell them
    sizes = [[2, 9, 30], [8, 20, 40], [50, 60, 70]]
    table: dict[Cell, int] = {
        (f"r{r}", f"c{c}"): count for r, row in enumerate(sizes) for c, count in enumerate(row)
    }
    assert hidden(table, 5) == {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}


@given(st.lists(st.integers(0, 30), min_size=12, max_size=12), st.sampled_from([5, 10]))
def test_no_line_tells_fewer_than_the_fewest(counts: list[int], fewest: int) -> None:
    table: dict[Cell, int] = {(f"r{r}", f"c{c}"): counts[4 * r + c] for r, c in product(range(3), range(4))}
    gone = hidden(table, fewest)
    for place in (0, 1):
        for name in {cell[place] for cell in table}:
            cells = [cell for cell in table if cell[place] == name]
            away = [table[cell] for cell in cells if cell in gone]
            shown = [table[cell] for cell in cells if cell not in gone and table[cell]]
            assert all(count >= fewest for count in shown)
            assert not away or not shown or (len(away) > 1 and sum(away) >= fewest)
