"""The interval of a percentile of times that were really waited: between two of those times."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

from govdesk.kpi.special import beta_cdf
from govdesk.kpi.statistics import ALPHA, Interval

HALF = 0.5


def median_interval(values: Sequence[float]) -> Interval | None:
    """Give the exact 95 % interval of a median by order statistics; None below six values (Conover 1999).

    The r-th smallest and the r-th largest value enclose the median with probability 1 - 2 P(B < r) for a
    binomial B of n and 1/2; r is the largest rank for which that is at least 95 %.
    """
    rank = median_rank(len(values))
    if rank == 0:
        return None
    ordered = sorted(values)
    return ordered[rank - 1], ordered[-rank]


@lru_cache(maxsize=4096)
def median_rank(n: int) -> int:
    """Give the r of that interval for n values; 0 where there is none."""
    low, high = 0, (n + 1) // 2
    while low < high:
        rank = (low + high + 1) // 2
        if _fewer_than(rank, n) <= ALPHA / 2:
            low = rank
        else:
            high = rank - 1
    return low


def quantile_interval(values: Sequence[float], p: float) -> Interval | None:
    """Give the 95 % interval of a percentile by order statistics, 0 < p < 1 (Conover 1999).

    The r-th and the s-th smallest value enclose it unless fewer than r or at least s values lie below it,
    each with at most 2.5 %; None where there are too few values for that (36 for the ninetieth of a hundred).
    """
    ranks = quantile_ranks(len(values), p)
    if ranks is None:
        return None
    ordered = sorted(values)
    return ordered[ranks[0] - 1], ordered[ranks[1] - 1]


@lru_cache(maxsize=4096)
def quantile_ranks(n: int, p: float) -> tuple[int, int] | None:
    """Give the r and the s of that interval for n values; None where there are none."""
    ranks = range(1, n + 1)
    low = bisect_right(ranks, ALPHA / 2, key=lambda rank: beta_cdf(1 - p, n - rank + 1, rank))
    high = bisect_left(ranks, -ALPHA / 2, key=lambda rank: -beta_cdf(p, rank, n - rank + 1)) + 1
    return None if low < 1 or high > n else (low, high)


def _fewer_than(rank: int, n: int) -> float:
    """The probability of fewer than `rank` heads in n throws."""
    return beta_cdf(HALF, n - rank + 1, rank)
