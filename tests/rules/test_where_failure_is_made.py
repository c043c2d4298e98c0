"""Counts add up along places and matters, and what is hidden cannot be computed from what is shown."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.kpi.crosses import ALL, WHOLE, Cell, Count, added, children, withheld

NORTH, SOUTH = ("north", "north/desk"), ("south", "south/desk")
LICENCE, PASSPORT = ("licence", "licence/lost"), ("passport", None)


def city() -> dict[Cell, Count]:
    return added(
        {
            (NORTH, LICENCE): Count(40, Counter({"papers": 6, None: 2})),
            (NORTH, PASSPORT): Count(20, Counter({"papers": 1})),
            (SOUTH, LICENCE): Count(3, Counter({"system": 3})),
            (SOUTH, PASSPORT): Count(12),
        }
    )


def test_every_sum_is_that_of_its_parts() -> None:
    found = city()
    assert (found[WHOLE].mature, found[WHOLE].failures()) == (75, 12)
    assert found[("north",), ALL].failed == {"papers": 7, None: 2}
    assert found[ALL, ("licence",)].mature == 43
    assert found[WHOLE].failures({"papers"}) == 7
    assert children(found, WHOLE, 1) == [(ALL, ("licence",)), (ALL, ("passport",))]


def test_a_rate_has_its_interval_and_nobody_is_no_data() -> None:
    rate = Count(10, Counter({"papers": 5, "system": 3})).rate()
    assert rate is not None
    assert (rate[0], *rate[1]) == pytest.approx((0.8, 0.490162, 0.943318), abs=1e-6)
    assert Count().rate() is None


def test_a_small_cell_is_hidden_with_what_would_reveal_it() -> None:
    sizes = {cell: count.mature for cell, count in city().items()}
    gone = withheld(sizes, 5)
    # three licences at the south: the twelve passports beside them, the forty licences of the north, and of
    # these the twenty passports could be subtracted from the sums
    assert {(SOUTH, LICENCE), (SOUTH, PASSPORT), (NORTH, LICENCE), (NORTH, PASSPORT)} <= gone
    assert WHOLE not in gone
    assert (("north",), ALL) not in gone
    assert withheld(sizes, 3) == frozenset()


leaves = st.dictionaries(
    st.tuples(
        st.sampled_from([("a", "a/1"), ("a", "a/2"), ("b", "b/1"), ("c", "c/1")]),
        st.sampled_from([("x", "x/1"), ("x", None), ("y", "y/1"), ("z", None)]),
    ),
    st.integers(0, 12),
    min_size=1,
)


@settings(deadline=None)
@given(leaves, st.sampled_from([5, 10]))
def test_no_sum_tells_what_is_hidden(given_sizes: dict[Cell, int], fewest: int) -> None:
    sizes = {cell: one.mature for cell, one in added({c: Count(n) for c, n in given_sizes.items()}).items()}
    gone = withheld(sizes, fewest)
    assert all(sizes[cell] >= fewest for cell in sizes if sizes[cell] and cell not in gone)
    lines: dict[tuple[Cell, int], list[Cell]] = defaultdict(list)
    for place, matter in sizes:
        if place:
            lines[(place[:-1], matter), 0].append((place, matter))
        if matter:
            lines[(place, matter[:-1]), 1].append((place, matter))
    for (total, _axis), parts in lines.items():
        hidden = [part for part in parts if part in gone]
        if total in gone:
            assert hidden
        elif hidden:
            assert len(hidden) > 1
            assert sum(sizes[part] for part in hidden) >= fewest
