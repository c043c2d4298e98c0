"""The estimator in halls that somebody else simulates: as exact as theory allows, and its ranges hold.

Smaller than `tests/bench/bench_estimates.py`, with the same bounds.
"""

import math

import pytest

from govdesk.queue import delays, learning
from govdesk.queue.learning import ANY_HOUR, Pace, Patience
from tests.halls import Newcomer, Seen, simulate

COUNTERS, MINUTES = 5, 8.0
SECONDS = 60


def learned(seen: Seen, declared: float) -> Pace:
    """What the product learns from a past of the hall, told a wrong length before."""
    lengths = {(1, 1, 9): [max(1, round(length * SECONDS)) for length in seen.lengths]}
    patience = {(1, 1): Patience(seen.left, round(seen.waited * SECONDS))}
    return learning.paces(lengths, patience, {1: declared})[1, 1, ANY_HOUR]


def error(newcomers: list[Newcomer], pace: Pace) -> float:
    """Mean squared error of the mean wait told to each."""
    means = {one.ahead: mean_wait(one, pace) for one in newcomers}
    return math.fsum((one.wait - means[one.ahead]) ** 2 for one in newcomers) / len(newcomers)


def mean_wait(one: Newcomer, pace: Pace) -> float:
    return delays.mean_wait(one.ahead, COUNTERS, pace.minutes, pace.patience_rate)


def own_variance(newcomers: list[Newcomer], pace: Pace) -> float:
    line = (COUNTERS, pace.minutes, pace.patience_rate)
    known = {one.ahead: delays.variance_of_wait(one.ahead, *line) for one in newcomers}
    return math.fsum(known[one.ahead] for one in newcomers) / len(newcomers)


def held(newcomers: list[Newcomer], pace: Pace, *, is_said: bool) -> float:
    """The share of waits that lie in the range told, as it was found or as it is said."""
    ranges: dict[int, tuple[float, float]] = {}
    for ahead in {one.ahead for one in newcomers}:
        found = delays.wait_range(ahead, COUNTERS, pace.minutes, pace.patience_rate)
        ranges[ahead] = delays.said(*found) if is_said else found
    return sum(ranges[one.ahead][0] <= one.wait <= ranges[one.ahead][1] for one in newcomers) / len(newcomers)


def test_with_patient_people_the_error_is_that_of_theory_and_half_of_the_last_wait() -> None:
    past = simulate(arrivals=0.5, minutes=MINUTES, counters=COUNTERS, people=3000, seed=11)
    pace = learned(past, declared=15.0)
    assert pace.minutes == pytest.approx(MINUTES, rel=0.04)
    assert pace.spread == pytest.approx(1, abs=0.05)
    assert pace.patience_rate == 0
    rho = 0.8
    now = simulate(
        arrivals=rho * COUNTERS / MINUTES, minutes=MINUTES, counters=COUNTERS, people=30000, seed=2
    ).newcomers
    found = error(now, pace)
    assert found == pytest.approx((MINUTES / COUNTERS) ** 2 / (1 - rho), rel=0.05)
    last = math.fsum((one.wait - one.head_waited) ** 2 for one in now) / len(now)
    assert found / last == pytest.approx(0.5, abs=0.04)
    assert 0.78 <= held(now, pace, is_said=False) <= 0.82
    assert 0.78 <= held(now, pace, is_said=True) <= 0.82


def test_with_impatient_people_the_error_is_the_estimators_own_variance() -> None:
    hall = {"arrivals": 0.75, "minutes": MINUTES, "counters": COUNTERS, "patience": 0.05}
    pace = learned(simulate(**hall, people=4000, seed=12), declared=15.0)  # type: ignore[arg-type]
    assert pace.patience_rate == pytest.approx(0.05, rel=0.1)
    now = simulate(**hall, people=15000, seed=3).newcomers  # type: ignore[arg-type]
    assert error(now, pace) == pytest.approx(own_variance(now, pace), rel=0.05)
    assert 0.78 <= held(now, pace, is_said=False) <= 0.82
    assert 0.78 <= held(now, pace, is_said=True) <= 0.82
