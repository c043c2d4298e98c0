"""What is said of answers agrees with statsmodels 0.15, whose figures and functions are named here."""

from __future__ import annotations

import pytest

from govdesk.kpi.samples import Stratum, correlation, effect, post_stratified
from govdesk.kpi.statistics import wilson


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [
        (209, 250, 0.7850819159453525, 0.8767485067937087),  # the raw .836 of the definition
        (0, 7, 0.0, 0.3543304350666875),
        (7, 7, 0.6456695649333125, 1.0),
        (1, 5, 0.036224108632430196, 0.6244653702374748),
        (33, 97, 0.2536226228036932, 0.43896413305511484),
    ],
)
def test_shares_by_proportion_confint(good: int, n: int, low: float, high: float) -> None:
    assert wilson(good, n) == pytest.approx((low, high), abs=1e-12)


def test_weighted_shares_by_descr_stats_w_and_proportion_confint() -> None:
    """Desk 6000/60/42, online 3000/180/162, phone 1000/10/5: weights 100, 16.67 and 100 for each answer."""
    found = post_stratified([Stratum(6000, 60, 42), Stratum(3000, 180, 162), Stratum(1000, 10, 5)])
    assert found is not None
    assert found.value == pytest.approx(0.74, abs=1e-12)
    assert found.effective_n == pytest.approx(133.33333333333326, abs=1e-9)
    assert found.interval == pytest.approx((0.6595690152486173, 0.8069890089701273), abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "ratio", "low", "high"),
    [
        ((100, 60, 300, 30), 6.0, 4.122480063520648, 8.732607422061262),  # of the definition
        ((40, 12, 90, 7), 3.8571428571428568, 1.6411870815954113, 9.065115846479593),
        ((9, 3, 400, 20), 6.666666666666666, 2.4090123285265923, 18.449239100253045),
        ((60, 55, 11, 10), 1.0083333333333333, 0.8240290299921197, 1.2338595778850585),
    ],
)
def test_what_goes_with_dissatisfaction_by_table_2x2(
    counts: tuple[int, int, int, int], ratio: float, low: float, high: float
) -> None:
    found = effect(*counts)
    assert found is not None
    assert found.ratio == pytest.approx(ratio)
    assert found.interval == pytest.approx((low, high))


def test_correlations_by_numpy() -> None:
    pairs = {(1, 2): 3, (2, 2): 4, (3, 5): 7, (5, 4): 9, (4, 1): 2}
    assert correlation(pairs) == pytest.approx(0.39930735878769735)
