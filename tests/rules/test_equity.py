"""The difference of a group to the whole, by hand."""

import pytest

from govdesk.kpi.equity import gap_of_shares, gap_of_values


def test_a_part_is_compared_with_the_rest_and_scaled() -> None:
    found = gap_of_shares((56, 70), (104, 150))  # the rest is 48 of 80: Newcombe 0.0524 to 0.3339
    assert found is not None
    assert found.value == pytest.approx(56 / 70 - 104 / 150)
    assert (found.low, found.high) == pytest.approx((0.0524 * 80 / 150, 0.3339 * 80 / 150), abs=1e-4)
    assert found.is_clear


def test_nobody_is_compared_with_nobody() -> None:
    assert gap_of_shares((3, 9), (3, 9)) is None
    assert gap_of_shares((0, 0), (3, 9)) is None


def test_a_difference_whose_interval_holds_zero_is_none() -> None:
    assert not gap_of_values((12.0, (8.0, 16.0)), (10.0, (9.0, 11.0))).is_clear
    assert gap_of_values((20.0, (18.0, 22.0)), (10.0, (9.0, 11.0))).is_clear
