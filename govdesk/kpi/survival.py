"""Kaplan-Meier with the open ones counted: curve, exact quantiles, intervals (KPI.md §2)."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from govdesk.kpi.statistics import Z95, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

HALF = Fraction(1, 2)
NINE_TENTHS = Fraction(9, 10)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A Kaplan-Meier curve: at each moment of an event, how many were at risk and how many ended.

    `n` is everybody, `open_count` those still open (censored), `longest` the longest duration, ended or open.
    Times have the unit of the durations.
    """

    times: tuple[float, ...]
    at_risk: tuple[int, ...]
    events: tuple[int, ...]
    n: int
    open_count: int
    longest: float

    @cached_property
    def survival(self) -> tuple[float, ...]:
        """S just after each event, in floating point: right to a relative error of `len(times)` roundings."""
        value, out = 1.0, []
        for n, ended in zip(self.at_risk, self.events, strict=True):
            value = value * (n - ended) / n
            out.append(value)
        return tuple(out)

    @cached_property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """The 95 % log-log limits of S just after each event (Kalbfleisch and Prentice)."""
        variance, last, out = 0.0, (1.0, 1.0), []
        for n, ended, share in zip(self.at_risk, self.events, self.survival, strict=True):
            if n == ended:
                last = (0.0, last[1])
            else:
                variance += ended / (n * (n - ended))
                last = _log_log(share, variance)
            out.append(last)
        return tuple(out)

    def at(self, time: float) -> float | None:
        """Give S(time), the share still open after `time`; None where nobody was observed that long."""
        if not self._is_known(time):
            return None
        return self.survival[place - 1] if (place := self._place(time)) else 1.0

    def exact_at(self, time: float) -> Fraction | None:
        """Give S(time) as a fraction; None where nobody was observed that long."""
        if not self._is_known(time):
            return None
        return Fraction(*self._steps(place)) if (place := self._place(time)) else Fraction(1)

    def interval_at(self, time: float) -> Interval | None:
        """Give the 95 % log-log interval of S(time); None where nobody was observed that long."""
        if not self._is_known(time):
            return None
        return self.bounds[place - 1] if (place := self._place(time)) else (1.0, 1.0)

    def quantile(self, p: Fraction = HALF) -> float | None:
        """Give the smallest time with S(time) <= 1 - p in exact arithmetic; None when it is not reached.

        Floating point decides where it is certain; only next to the limit the integers are multiplied.
        """
        limit = 1 - p
        slack = 4 * (len(self.times) + 1) * 2.0**-53
        for place, share in enumerate(self.survival, start=1):
            if share > float(limit) * (1 + slack):
                continue
            if share < float(limit) * (1 - slack):
                return self.times[place - 1]
            open_, all_ = self._steps(place)
            if open_ * limit.denominator <= all_ * limit.numerator:
                return self.times[place - 1]
        return None

    def quantile_interval(self, p: Fraction = HALF) -> tuple[float | None, float | None]:
        """Give the 95 % interval of a quantile: where the limits of S reach 1 - p; None where they do not."""
        limit = float(1 - p)
        low, high = (
            next(
                (time for time, bound in zip(self.times, self.bounds, strict=True) if bound[side] <= limit),
                None,
            )
            for side in (0, 1)
        )
        return low, high

    def _is_known(self, time: float) -> bool:
        """Beyond the last observation the curve is unknown, unless it is at 0: or the young look well."""
        return bool(self.n) and (time <= self.longest or self.survival[-1:] == (0.0,))

    def _place(self, time: float) -> int:
        return bisect_right(self.times, time)

    def _steps(self, place: int) -> tuple[int, int]:
        """Multiply the first steps in integers: numerator, denominator; between censorings they cancel."""
        numbers, divisors = [], []
        left = self.at_risk[0]
        divisors.append(left)
        for at_risk, ended in zip(self.at_risk[:place], self.events[:place], strict=True):
            if at_risk != left:
                numbers.append(left)
                divisors.append(at_risk)
            left = at_risk - ended
        numbers.append(left)
        return _product(numbers), _product(divisors)


def kaplan_meier(observations: Iterable[tuple[float, bool]]) -> Curve:
    """Estimate the curve from (duration, whether it ended); one that is open at a time of events was at risk.

    Raises ValueError for a negative duration: those are reported and set aside before (KPI.md §2).
    """
    ordered = sorted(observations)
    if ordered and ordered[0][0] < 0:
        raise ValueError("a duration is negative")
    times, at_risk, events = [], [], []
    left = len(ordered)
    for time, group in groupby(ordered, key=lambda observation: observation[0]):
        ended = [bool(has_ended) for _, has_ended in group]
        if any(ended):
            times.append(time)
            at_risk.append(left)
            events.append(sum(ended))
        left -= len(ended)
    return Curve(
        times=tuple(times),
        at_risk=tuple(at_risk),
        events=tuple(events),
        n=len(ordered),
        open_count=len(ordered) - sum(events),
        longest=ordered[-1][0] if ordered else 0,
    )


def provisional_rate(
    observations: Iterable[tuple[float, bool]], window: float
) -> tuple[float, Interval] | None:
    """Give 1 - S(window) with its 95 % interval, for a cohort too young for the rate itself.

    None when nobody has been observed for the whole window: a shorter look would flatter.
    """
    curve = kaplan_meier(observations)
    share, limits = curve.at(window), curve.interval_at(window)
    if share is None or limits is None:
        return None
    return 1 - share, (1 - limits[1], 1 - limits[0])


def _log_log(share: float, variance: float) -> tuple[float, float]:
    """Limits of S on the scale log(-log S), with Greenwood's variance of log S."""
    theta = Z95 * math.sqrt(variance) / math.log(share)
    return share ** math.exp(-theta), share ** math.exp(theta)


def _product(numbers: list[int]) -> int:
    while len(numbers) > 1:
        numbers = [math.prod(numbers[i : i + 2]) for i in range(0, len(numbers), 2)]
    return numbers[0] if numbers else 1
