"""How long a line takes: means, ranges, and the way they are said."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.queue import delays
from tests.rules.expected_files import expected_json, needs_expected


def test_two_ahead_at_five_counters_of_eight_minutes_wait_between_1_76_and_8_52_minutes() -> None:
    low, high = delays.wait_range(2, 5, 8.0)
    assert delays.mean_wait(2, 5, 8.0) == pytest.approx(4.8)
    assert low == pytest.approx(1.76330, abs=5e-6)
    assert high == pytest.approx(8.51571, abs=5e-6)


@needs_expected
def test_ranges_and_means_agree_with_the_reference() -> None:
    reference = expected_json("queueing.json")
    for row in reference["ql_prediction_interval_s5_mean8"]:
        low, high = delays.wait_range(row["ahead"], 5, 8.0)
        assert delays.mean_wait(row["ahead"], 5, 8.0) == pytest.approx(row["mean"], rel=1e-12)
        assert low == pytest.approx(row["p10"], rel=1e-12)
        assert delays.quantile(0.5, row["ahead"], 5, 8.0) == pytest.approx(row["p50"], rel=1e-12)
        assert high == pytest.approx(row["p90"], rel=1e-12)
    for step, mean in enumerate(reference["qlm_mean_s5_mu.125_theta.05"]):  # 0, 2, 4 … ahead
        assert delays.mean_wait(2 * step, 5, 8.0, 0.05) == pytest.approx(mean, rel=1e-12)


def test_the_squared_error_of_the_line_is_that_of_theory() -> None:
    for s, rho, error in ((1, 0.9, 10.0), (5, 0.9, 0.4), (10, 0.95, 0.2), (100, 0.95, 0.002)):
        found = math.fsum(
            (1 - rho) * rho**n * delays.variance_of_wait(n, s, 1.0) for n in range(600)
        )  # who must wait finds a geometric line
        assert found == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("theta", [0.01, 0.05, 0.4])
@pytest.mark.parametrize("ahead", [0, 1, 2, 4])
def test_with_patience_it_is_the_sum_of_unequal_exponential_times(ahead: int, theta: float) -> None:
    rates = [0.625 + k * theta for k in range(ahead + 1)]
    for moment in (0.3, 2.0, 9.0):
        by_parts = math.fsum(  # the textbook sum, which cancels badly for long lines and is exact for short
            math.prod(other / (other - rate) for other in rates if other != rate) * math.exp(-rate * moment)
            for rate in rates
        )
        assert delays.chance_of_more(moment, ahead, 5, 8.0, theta) == pytest.approx(by_parts, rel=1e-8)


def test_almost_endless_patience_is_endless_patience() -> None:
    for ahead, theta in itertools.product((0, 7, 90), (1e-9, 1e-13)):
        for low, other in zip(
            delays.wait_range(ahead, 5, 8.0), delays.wait_range(ahead, 5, 8.0, theta), strict=True
        ):
            assert other == pytest.approx(low, rel=1e-5)


@given(
    ahead=st.integers(0, 299),
    counters=st.integers(1, 40),
    theta=st.floats(0, 0.5),
    share=st.floats(0.02, 0.98),
)
def test_a_quantile_is_what_it_says(ahead: int, counters: int, theta: float, share: float) -> None:
    moment = delays.quantile(share, ahead, counters, 8.0, theta)
    assert 1 - delays.chance_of_more(moment, ahead, counters, 8.0, theta) == pytest.approx(share, abs=1e-9)


@given(ahead=st.integers(0, 400), counters=st.integers(1, 40), theta=st.sampled_from([0.0, 0.02]))
def test_a_range_holds_its_mean_and_grows_with_the_line(ahead: int, counters: int, theta: float) -> None:
    low, high = delays.wait_range(ahead, counters, 8.0, theta)
    assert 0 < low < delays.mean_wait(ahead, counters, 8.0, theta) < high < math.inf
    assert delays.wait_range(ahead + 1, counters, 8.0, theta)[1] > high


def test_a_very_long_line_goes_on_where_the_exact_sum_ends() -> None:
    for theta in (0.0, 0.01):
        edge = delays.LONG_LINE
        exact = delays.chance_of_more(delays.quantile(0.9, edge, 5, 8.0, theta), edge, 5, 8.0, theta)
        assert exact == pytest.approx(0.1, abs=5e-4)


@pytest.mark.parametrize(
    ("low", "high", "spoken"),
    [
        (0, 0, (0, 2)),
        (1.763, 8.516, (2, 9)),
        (4.4, 4.45, (4, 5)),
        (11.2, 24.65, (11, 25)),
        (16.9, 17.2, (17, 18)),
        (21.9, 22.2, (20, 25)),
        (47, 63, (45, 60)),
        (61, 64, (60, 70)),
        (96, 131, (100, 130)),
    ],
)
def test_a_range_is_said_as_people_say_it_and_is_never_a_point(
    low: float, high: float, spoken: tuple[int, int]
) -> None:
    assert delays.said(low, high) == spoken


@given(low=st.floats(0, 600), more=st.floats(0, 300))
def test_what_is_said_is_a_range_near_what_was_found(low: float, more: float) -> None:
    first, last = delays.said(low, low + more)
    assert 0 <= first < last
    assert abs(first - low) <= 5
    assert last >= delays.LEAST_PROMISE
