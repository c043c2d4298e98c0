"""Intervals and percentiles against reference figures and figures worked by hand."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.kpi.statistics import (
    clopper_pearson,
    linear_percentile,
    mean,
    mean_interval,
    nearest_rank,
    poisson_interval,
    standardised_ratio,
    wilson,
)
from tests.rules.expected_files import cases, expected_json

PROPORTIONS = expected_json("proportions.json")


@pytest.mark.parametrize("row", cases(PROPORTIONS.get("rows")), ids=lambda row: f"{row['x']} of {row['n']}")
def test_a_reference_interval(row: dict[str, Any]) -> None:
    assert wilson(row["x"], row["n"]) == pytest.approx(row["wilson"], abs=1e-12)
    assert clopper_pearson(row["x"], row["n"]) == pytest.approx(row["clopper_pearson"], abs=1e-12)


def test_eight_of_ten() -> None:
    assert wilson(8, 10) == pytest.approx((0.490162, 0.943318), abs=5e-7)


def test_no_data_has_no_interval() -> None:
    assert [wilson(0, 0), clopper_pearson(0, 0), mean([]), standardised_ratio(3, 0)] == [None] * 4
    assert [nearest_rank([], 0.5), linear_percentile([], 0.5)] == [None] * 2


def test_none_of_n_has_an_exact_limit_by_hand() -> None:
    """(1 - p)^n = 0.025."""
    assert clopper_pearson(0, 20) == pytest.approx((0.0, 1 - 0.025 ** (1 / 20)), abs=1e-14)


@pytest.mark.parametrize(("successes", "n"), [(-1, 3), (4, 3)])
def test_an_impossible_proportion_is_refused(successes: int, n: int) -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="no proportion"):
            interval(successes, n)


@settings(deadline=None)
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_hold_the_share_and_mirror(both: tuple[int, int]) -> None:
    successes, n = both
    for interval in (wilson, clopper_pearson):
        low, high = interval(successes, n) or (2, -1)
        mirrored = interval(n - successes, n)
        assert 0 <= low <= successes / n <= high <= 1
        assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-10)


def test_observed_against_expected() -> None:
    assert standardised_ratio(52, 47.5) == pytest.approx((1.0947, 0.8176, 1.4356), abs=5e-5)


def test_poisson_limits_by_hand() -> None:
    """Of none the upper limit is -ln 0.025; of one the lower is -ln 0.975."""
    assert poisson_interval(0) == pytest.approx((0, -math.log(0.025)), abs=1e-12)
    assert poisson_interval(1)[0] == pytest.approx(-math.log(0.975), abs=1e-12)
    assert poisson_interval(1)[1] == pytest.approx(5.571643390938898, abs=1e-9)
    assert poisson_interval(10) == pytest.approx((4.795389, 18.390356), abs=5e-7)


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.0, 15), (0.05, 15), (0.3, 20), (0.4, 20), (0.5, 35), (0.9, 50), (1.0, 50), (Fraction(1, 5), 15)],
)
def test_nearest_rank_is_a_real_value(p: float | Fraction, expected: int) -> None:
    assert nearest_rank([35, 20, 15, 50, 40], p) == expected


def test_nine_tenths_of_ten_is_the_ninth() -> None:
    assert nearest_rank(list(range(1, 11)), 0.9) == 9
    assert nearest_rank(list(range(1, 101)), 0.07) == 7  # 0.07 × 100 is 7.000000000000001 in floating point


@pytest.mark.parametrize(("p", "expected"), [(0.0, 1), (0.25, 1.75), (0.5, 2.5), (0.9, 3.7), (1.0, 4)])
def test_linear_percentile_is_that_of_numpy(p: float, expected: float) -> None:
    assert linear_percentile([4, 1, 3, 2], p) == pytest.approx(expected, abs=1e-15)


def test_a_percentile_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        nearest_rank([1], 90)


def test_the_interval_of_a_mean_is_students() -> None:
    assert mean_interval(1, 5, 25) is None
    low, high = mean_interval(5, 15, 55) or (0, 0)  # of 1 to 5: t(4) = 2.776445, deviation 1.581139
    assert (low, high) == pytest.approx((3 - 1.963243, 3 + 1.963243), abs=1e-5)
    assert mean_interval(2, 14, 98) == (7.0, 7.0)
