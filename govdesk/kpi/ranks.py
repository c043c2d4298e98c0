"""The interval of a median of times that were really waited: between two of those times."""

from collections.abc import Sequence

from govdesk.kpi.special import beta_cdf
from govdesk.kpi.statistics import ALPHA, Interval

HALF = 0.5


def median_interval(values: Sequence[float]) -> Interval | None:
    """Give the exact 95 % interval of a median by order statistics; None below six values (Conover 1999).

    The r-th smallest and the r-th largest value enclose the median with probability 1 - 2 P(B < r) for a
    binomial B of n and 1/2; r is the largest rank for which that is at least 95 %.
    """
    n = len(values)
    low, high = 0, (n + 1) // 2
    while low < high:
        rank = (low + high + 1) // 2
        if _fewer_than(rank, n) <= ALPHA / 2:
            low = rank
        else:
            high = rank - 1
    if low == 0:
        return None
    ordered = sorted(values)
    return ordered[low - 1], ordered[n - low]


def _fewer_than(rank: int, n: int) -> float:
    """The probability of fewer than `rank` heads in n throws."""
    return beta_cdf(HALF, n - rank + 1, rank)
