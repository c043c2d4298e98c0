"""The incomplete beta and gamma functions, which exact intervals are made of, and their inverses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TINY = 1e-300
ROUNDING = 3e-16
MAX_TERMS = 100_000


def beta_cdf(x: float, a: float, b: float) -> float:
    """Give the regularised incomplete beta function I_x(a, b), by continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(scale) / (a * _fraction(1.0, ((term, 1.0) for term in _beta_terms(x, a, b))))


def gamma_cdf(x: float, a: float) -> float:
    """Give the regularised lower incomplete gamma function P(a, x), by series or fraction (DLMF 8.7, 8.9)."""
    if x <= 0:
        return 0.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for step in range(1, MAX_TERMS):
            term *= x / (a + step)
            total += term
            if term < total * ROUNDING:
                break
        return scale * total
    terms = ((step * (a - step), x + 2 * step + 1 - a) for step in range(1, MAX_TERMS))
    return 1 - scale / _fraction(x + 1 - a, terms)


def inverse(rising: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Find where a rising function of [low, high] crosses the target, by bisection to the last bit."""
    while True:
        middle = (low + high) / 2
        if middle in {low, high}:
            return middle
        if rising(middle) < target:
            low = middle
        else:
            high = middle


def _beta_terms(x: float, a: float, b: float) -> Iterator[float]:
    for step in range(1, MAX_TERMS):
        m = step // 2
        if step % 2:
            yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))


def _fraction(first: float, terms: Iterator[tuple[float, float]]) -> float:
    """Sum a continued fraction first + n1/(d1 + n2/(d2 + …)) from its (n, d), by Lentz's method."""
    value = c = first or TINY
    d = 0.0
    for numerator, denominator in terms:
        d = 1 / ((denominator + numerator * d) or TINY)
        c = (denominator + numerator / c) or TINY
        value *= c * d
        if abs(c * d - 1) < ROUNDING:
            break
    return value
