"""What a sample says of everyone: the worked examples of the definition, and figures by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.samples import (
    Stratum,
    correlation,
    effect,
    non_response_bounds,
    place_in_grid,
    post_stratified,
    representativeness,
)
from govdesk.kpi.statistics import wilson, wilson_of

CHANNELS = (Stratum(6000, 60, 42), Stratum(3000, 180, 162), Stratum(1000, 10, 5))  # desk, online, phone


def test_whoever_answers_more_counts_for_no_more() -> None:
    raw = sum(one.good for one in CHANNELS) / sum(one.answered for one in CHANNELS)
    found = post_stratified(CHANNELS)
    assert found is not None
    assert raw == 0.836
    assert found.value == pytest.approx(0.74, abs=1e-12)
    assert found.effective_n == pytest.approx(400 / 3, abs=1e-9)
    assert found.covered == 1
    # Wilson by hand for .74 of 133.33: centre (.74 + .014406) / 1.028811, half width .073710
    assert found.interval == pytest.approx((0.733279 - 0.073710, 0.733279 + 0.073710), abs=2e-6)


def test_equal_shares_of_the_population_weigh_nothing() -> None:
    found = post_stratified([Stratum(100, 10, 7), Stratum(300, 30, 15)])
    assert found is not None
    assert found.value == pytest.approx(22 / 40)
    assert found.effective_n == pytest.approx(40)
    assert found.interval == pytest.approx(wilson(22, 40))


def test_a_silent_stratum_is_told_and_too_many_leave_no_figure() -> None:
    found = post_stratified([Stratum(900, 10, 5), Stratum(100, 0, 0)])
    assert found is not None
    assert (found.value, found.covered) == (0.5, 0.9)
    assert post_stratified([Stratum(700, 10, 5), Stratum(300, 0, 0)]) is None
    assert post_stratified([]) is None
    assert post_stratified([Stratum(0, 4, 2)]) is None


def test_more_good_answers_than_answers_are_refused() -> None:
    with pytest.raises(ValueError, match="more good"):
        post_stratified([Stratum(5, 1, 2)])


@given(st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 400)), min_size=1, max_size=8))
def test_an_effective_number_is_never_above_the_answers(sizes: list[tuple[int, int]]) -> None:
    found = post_stratified([Stratum(people, answered, answered // 2) for people, answered in sizes])
    assert found is not None
    assert 0 < found.effective_n <= sum(answered for _, answered in sizes) * (1 + 1e-12)
    low, high = found.interval
    assert 0 <= low <= found.value <= high <= 1


def test_wilson_takes_a_number_that_is_not_whole() -> None:
    assert wilson_of(0.8, 10.0) == wilson(8, 10)
    assert wilson_of(0.0, 7.5)[0] == 0
    assert wilson_of(1.0, 7.5)[1] == 1


def test_silence_leaves_nearly_everything_open() -> None:
    assert non_response_bounds(0.1, 0.9) == pytest.approx((0.09, 0.99))
    assert non_response_bounds(1.0, 0.9) == pytest.approx((0.9, 0.9))
    assert non_response_bounds(0.0, 0.9) == (0.0, 1.0)
    with pytest.raises(ValueError, match="lie in"):
        non_response_bounds(1.2, 0.5)


def test_groups_that_answer_alike_represent_everyone() -> None:
    assert representativeness([(100, 20), (50, 10)]) == 1
    # rates .1 and .3 of equal groups: S = .1
    assert representativeness([(100, 10), (100, 30)]) == pytest.approx(0.8)
    assert representativeness([(100, 10), (0, 0)]) is None


def test_waiting_too_long_goes_with_six_times_the_dissatisfied() -> None:
    found = effect(100, 60, 300, 30)
    assert found is not None
    assert found.prevalence == 0.25
    assert found.ratio == pytest.approx(6)
    assert found.attributable == pytest.approx(0.5556, abs=5e-5)
    # Katz: standard error of the logarithm is sqrt(1/60 - 1/100 + 1/30 - 1/300) = .191485
    assert found.interval == pytest.approx((6 / math.exp(0.375304), 6 * math.exp(0.375304)), abs=1e-4)


def test_nobody_to_compare_with_is_no_effect() -> None:
    assert effect(10, 5, 0, 0) is None
    assert effect(0, 0, 10, 5) is None
    alone = effect(10, 5, 10, 0)
    assert alone is not None
    assert (alone.ratio, alone.interval, alone.attributable) == (None, None, 1.0)
    none = effect(10, 0, 10, 0)
    assert none is not None
    assert (none.ratio, none.interval, none.attributable) == (None, None, None)
    with pytest.raises(ValueError, match="more dissatisfied"):
        effect(1, 2, 3, 0)


def test_correlations_by_hand() -> None:
    assert correlation({(1, 1): 4, (5, 5): 2}) == pytest.approx(1)
    assert correlation({(1, 5): 1, (3, 3): 1, (5, 1): 1}) == pytest.approx(-1)
    # x 1 2 3 4, y 2 1 4 3: covariance sum 3, both squares 5
    assert correlation({(1, 2): 1, (2, 1): 1, (3, 4): 1, (4, 3): 1}) == pytest.approx(0.6)
    assert correlation({(3, 1): 2, (3, 5): 2}) is None
    assert correlation({(1, 1): 1, (2, 2): 1}) is None


@pytest.mark.parametrize(
    ("importance", "performance", "field"),
    [(4.5, 0.6, "weakness"), (4.5, 0.9, "strength"), (3.0, 0.6, "minor"), (3.0, 0.9, "spare")],
)
def test_fields_of_the_grid(importance: float, performance: float, field: str) -> None:
    assert place_in_grid(importance, performance, (4.0, 0.8)) == field
