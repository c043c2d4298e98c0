"""Intervals of proportions and counts, and percentiles: the arithmetic behind the figures."""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import TYPE_CHECKING

from govdesk.kpi.special import beta_cdf, gamma_cdf, inverse

if TYPE_CHECKING:
    from collections.abc import Sequence

Z95 = 1.959963984540054
ALPHA = 0.05

Interval = tuple[float, float]


def wilson(successes: int, n: int) -> Interval | None:
    """Give the 95 % Wilson score interval of a proportion; None when n is 0 (Wilson 1927)."""
    _check_counts(successes, n)
    return wilson_of(successes / n, n) if n else None


def wilson_of(share: float, n: float) -> Interval:
    """Give the same of a share and a number that need not be whole: the effective number of a sample."""
    z2 = Z95 * Z95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low = 0.0 if share == 0 else max(0.0, middle - half)
    high = 1.0 if share == 1 else min(1.0, middle + half)
    return low, high


def difference(later: tuple[float, Interval], earlier: tuple[float, Interval]) -> tuple[float, float, float]:
    """Give later − earlier of two independent figures with a 95 % interval, from each value and interval.

    Recovery of variance from the limits (Zou and Donner 2008); with Wilson limits of two proportions it is
    method 10 of Newcombe 1998.
    """
    (value, (low, high)), (before, (before_low, before_high)) = later, earlier
    found = value - before
    below = math.hypot(value - low, before_high - before)
    above = math.hypot(high - value, before - before_low)
    return found, found - below, found + above


def clopper_pearson(successes: int, n: int) -> Interval | None:
    """Give the exact 95 % interval of a proportion; None when n is 0 (Clopper and Pearson 1934)."""
    _check_counts(successes, n)
    if n == 0:
        return None
    low, high = 0.0, 1.0
    if successes > 0:
        low = inverse(lambda p: beta_cdf(p, successes, n - successes + 1), ALPHA / 2, 0.0, 1.0)
    if successes < n:
        high = inverse(lambda p: beta_cdf(p, successes + 1, n - successes), 1 - ALPHA / 2, 0.0, 1.0)
    return low, high


@functools.lru_cache(maxsize=4096)  # pages ask for the same counts again, and a large one takes milliseconds
def poisson_interval(events: int) -> Interval:
    """Give the exact 95 % interval of the mean of a Poisson count (Garwood 1936)."""
    _check_counts(0, events)
    top = 2.0 * events + 20.0
    low = inverse(lambda mean_: gamma_cdf(mean_, events), ALPHA / 2, 0.0, top) if events else 0.0
    return low, inverse(lambda mean_: gamma_cdf(mean_, events + 1), 1 - ALPHA / 2, 0.0, top)


def standardised_ratio(observed: int, expected: float) -> tuple[float, float, float] | None:
    """Give observed / expected with its exact Poisson interval; None if none expected (KPI.md §1.8)."""
    if expected <= 0:
        return None
    low, high = poisson_interval(observed)
    return observed / expected, low / expected, high / expected


def nearest_rank(values: Sequence[float], p: Fraction | float) -> float | None:
    """Give the nearest-rank percentile, p in 0..1: a value that really occurred; None without values."""
    if not values:
        return None
    rank = math.ceil(exact(p) * len(values))
    return sorted(values)[max(rank, 1) - 1]


def linear_percentile(values: Sequence[float], p: Fraction | float) -> float | None:
    """Give the percentile by linear interpolation, p in 0..1, as numpy does; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    place = exact(p) * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * float(place - below)


def mean(values: Sequence[float]) -> float | None:
    """Give the arithmetic mean; None without values."""
    return math.fsum(values) / len(values) if values else None


def mean_interval(n: int, total: int, squares: int) -> Interval | None:
    """Give the 95 % interval of a mean by Student's t; None below two values (Student 1908).

    Of n whole numbers, from their sum and the sum of their squares, so that no value need be there.
    """
    if n < 2:  # noqa: PLR2004 - one value says nothing of its spread
        return None
    middle, variance = total / n, (n * squares - total * total) / (n * (n - 1))
    half = _student(n - 1) * math.sqrt(variance / n)
    return middle - half, middle + half


def _student(freedom: int) -> float:
    """The value that 95 % of Student's t with these degrees of freedom lie within, on both sides."""
    inside = inverse(lambda x: beta_cdf(x, freedom / 2, 0.5), ALPHA, 0.0, 1.0)
    return math.sqrt(freedom * (1 - inside) / inside)


def exact(p: Fraction | float) -> Fraction:
    """Read a percentile as it is written: 0.9 is nine tenths, not the nearest binary number."""
    found = p if isinstance(p, Fraction) else Fraction(repr(float(p)))
    if not 0 <= found <= 1:
        raise ValueError(f"a percentile lies in 0..1, not {p}")
    return found


def _check_counts(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no proportion")
