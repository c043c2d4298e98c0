"""Two lists that overlap tell how many are on neither; lists that do not overlap tell nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.cases.silent.rules import chapman


def test_the_worked_example_of_the_definition() -> None:
    """KPI.md §5: complainers 40, dissatisfied in the sample 60, both 6 → 356; variance 11713.9 by hand."""
    found = chapman(40, 60, 6)
    assert found is not None
    assert round(found.value) == 356
    assert math.isclose(found.value, 41 * 61 / 7 - 1)
    assert found.known == 94
    assert round(found.unheard, 2) == 262.29
    assert round(found.low, 1) == 214.6
    assert round(found.high, 1) == 664.6


def test_lists_that_do_not_overlap_say_nothing() -> None:
    assert chapman(40, 60, 0) is None
    assert chapman(0, 0, 0) is None


def test_who_is_on_both_lists_cannot_be_more_than_on_one() -> None:
    with pytest.raises(ValueError, match="7 on both of 6"):
        chapman(6, 60, 7)


def test_where_everybody_on_one_list_is_on_the_other_nobody_is_unheard() -> None:
    found = chapman(10, 10, 10)
    assert found is not None
    assert (found.value, found.low, found.high) == (10.0, 10.0, 10.0)


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_the_interval_holds_the_estimate_and_never_less_than_the_known(
    one: int, other: int, data: st.DataObject
) -> None:
    both = data.draw(st.integers(1, min(one, other)))
    found = chapman(one, other, both)
    assert found is not None
    assert found.known <= found.low + 1e-6
    assert found.low <= found.value + 1e-6
    assert found.value <= found.high + 1e-6
