"""Units compared without ranking them: funnel limits that allow for overdispersion (KPI.md §4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from govdesk.kpi.statistics import Z95

Z998 = 3.090232306167813  # 99.8 %
WINSORISED = 0.1  # of the z-scores at each end
FEWEST = 2  # units that can be compared


@dataclass(frozen=True, slots=True)
class Funnel:
    """The share of all units together, and how much they differ beyond chance."""

    share: float
    dispersion: float  # φ: mean square of the winsorised z-scores; 1 is chance alone
    between: float  # τ²: variance between units on the arcsine scale, 0 where chance explains it

    def bounds(self, n: float, z: float, *, is_adjusted: bool = True) -> tuple[float, float]:
        """Give the limits of a share of `n` at `z` standard errors.

        Where none of `n`, or all of them, is likelier than the tail by chance alone, the limit is 0, or 1:
        the arcsine puts it above 0, and 0 of 20 at one in twenty (36 % of such units) would be a signal.
        """
        middle, tail = _angle(self.share), math.erfc(z / math.sqrt(2)) / 2
        reach = z * math.sqrt(_variance(n) + (self.between if is_adjusted else 0.0))
        low = 0.0 if (1 - self.share) ** n > tail else _share(middle - reach)
        high = 1.0 if self.share**n > tail else _share(middle + reach)
        return low, high

    def place(self, count: float, n: float, *, is_adjusted: bool = True) -> str:
        """Say where a unit lies: inside, high or low (beyond 95 %), far_high or far_low (beyond 99.8 %)."""
        found = count / n
        for z, far in ((Z998, "far_"), (Z95, "")):
            low, high = self.bounds(n, z, is_adjusted=is_adjusted)
            if found > high:
                return far + "high"
            if found < low:
                return far + "low"
        return "inside"


def funnel(units: Sequence[tuple[float, float]]) -> Funnel | None:
    """Give the funnel of units, each (count, of how many); None for fewer than two with data.

    Spiegelhalter 2005 and 2012: z-scores of the arcsine of the square root, 10 % winsorised at each end;
    φ = mean z²; τ² = (k φ − (k − 1)) / (Σw − Σw² / Σw) with w = 1 / s², not below 0. Counts need not be
    whole: those of a unit adjusted for its case mix are not.
    """
    known = [(count, n) for count, n in units if n > 0]
    if len(known) < FEWEST:
        return None
    share = sum(count for count, _ in known) / sum(n for _, n in known)
    z = _winsorised([(_angle(x / n) - _angle(share)) / math.sqrt(_variance(n)) for x, n in known])
    dispersion = math.fsum(one * one for one in z) / len(z)
    weights = [1 / _variance(n) for _, n in known]
    whole = math.fsum(weights)
    spare = whole - math.fsum(weight * weight for weight in weights) / whole
    between = (len(z) * dispersion - (len(z) - 1)) / spare if spare > 0 else 0.0
    return Funnel(share, dispersion, max(0.0, between))


def _angle(share: float) -> float:
    return math.asin(math.sqrt(share))


def _share(angle: float) -> float:
    return math.sin(min(max(angle, 0.0), math.pi / 2)) ** 2


def _variance(n: float) -> float:
    return 1 / (4 * n)


def _winsorised(values: Sequence[float]) -> list[float]:
    low, high = _quantile(values, WINSORISED), _quantile(values, 1 - WINSORISED)
    return [min(max(value, low), high) for value in values]


def _quantile(values: Sequence[float], p: float) -> float:
    """Interpolated linearly between the order statistics (type 7 of Hyndman and Fan 1996)."""
    ordered = sorted(values)
    place = p * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
