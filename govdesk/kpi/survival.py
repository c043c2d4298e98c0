"""Kaplan-Meier with the open ones counted: curve, exact quantiles, intervals (KPI.md §2)."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from govdesk.kpi.stages import Reached, Stages
from govdesk.kpi.statistics import Z95, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from govdesk.kpi.lengths import Lengths
    from govdesk.kpi.stages import Counts, Floats, Times

HALF = Fraction(1, 2)
NINE_TENTHS = Fraction(9, 10)
ROUNDING = 2.0**-53
AT_ONCE = 4096  # events whose limits are computed together


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A Kaplan-Meier curve; its times are numbers of `unit`.

    `n` is everybody, `open_count` those still open (censored), `longest` the longest duration, ended or open.
    What is asked for is computed from how many had ended and how many were removed by then, so that few steps
    are needed where very many have ended.
    """

    n: int
    unit: int
    _ended: Reached
    _removed: Reached
    _stages: Stages

    @property
    def open_count(self) -> int:
        """How many were still open when they were last seen."""
        return self._removed.total

    @property
    def longest(self) -> float:
        """The longest duration; 0 of nobody."""
        last = (one.last for one in (self._ended, self._removed) if one.total)
        return float(max(last, default=0) / self.unit)

    @property
    def times(self) -> tuple[float, ...]:
        """When anybody ended, in order."""
        return tuple((self._ended.times / self.unit).tolist())

    @property
    def events(self) -> tuple[int, ...]:
        """How many ended at each of these times."""
        return tuple(np.diff(self._ended.counts, prepend=0).tolist())

    @property
    def at_risk(self) -> tuple[int, ...]:
        """How many might have ended at each of these times."""
        return tuple(self._at_risk(self._places).tolist())

    @property
    def survival(self) -> tuple[float, ...]:
        """S just after each of these times."""
        return tuple(self._stages.at(self._ended.counts)[1].tolist())

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """The 95 % log-log limits of S just after each of these times (Kalbfleisch and Prentice)."""
        return tuple(zip(*(side.tolist() for side in self._limits(self._places)), strict=True))

    def at(self, time: float) -> float | None:
        """Give S(time), the share still open after `time`; None where nobody was observed that long."""
        if not self._is_known(time):
            return None
        passed = self._ended.by(self._own(time))
        return float(self._stages.at(passed)[1][0]) if passed[0] else 1.0

    def exact_at(self, time: float) -> Fraction | None:
        """Give S(time) as a fraction; None where nobody was observed that long."""
        if not self._is_known(time):
            return None
        passed = int(self._ended.by(self._own(time))[0])
        return self._exact(passed) if passed else Fraction(1)

    def interval_at(self, time: float) -> Interval | None:
        """Give the 95 % log-log interval of S(time); None where nobody was observed that long."""
        if not self._is_known(time):
            return None
        place = np.searchsorted(self._ended.times, self._own(time), "right") - 1
        if place[0] < 0:
            return 1.0, 1.0
        low, high = self._limits(place)
        return float(low[0]), float(high[0])

    def watched(self, time: float) -> int:
        """How many were still under observation just before `time`."""
        own = self._own(time)
        return self.n - sum(int(one.by(own, is_before=True)[0]) for one in (self._ended, self._removed))

    def quantile(self, p: Fraction = HALF) -> float | None:
        """Give the smallest time with S(time) <= 1 - p in exact arithmetic; None when it is not reached.

        Floating point decides where it is certain; only next to the limit the integers are multiplied.
        """
        limit, n = 1 - p, self._ended.total
        slack = 4 * (len(self._stages.begins) + 1) * ROUNDING
        surely, hardly = float(limit) * (1 - slack), float(limit) * (1 + slack)

        def is_down(passed: int) -> bool:
            share = self._stages.share_at(passed)
            return share < surely or (share <= hardly and self._exact(passed) <= limit)

        passed = bisect_left(range(1, n + 1), True, key=is_down) + 1
        if passed > n:
            return None
        return float(self._ended.time_of(passed) / self.unit)

    def quantile_interval(self, p: Fraction = HALF) -> tuple[float | None, float | None]:
        """Give the 95 % interval of a quantile: where the limits of S reach 1 - p; None where they do not."""
        return self._first(float(1 - p), 0), self._first(float(1 - p), 1)

    def thinned(self, most: int) -> list[tuple[float, float, float, float, int]]:
        """Give about `most` steps and the last: time, S, its limits, and how many were at risk."""
        if not len(self._ended.times):
            return []
        every = max(1, math.ceil(len(self._ended.times) / most))
        places = np.union1d(self._places[::every], self._places[-1:])
        share = self._stages.at(self._ended.counts[places])[1]
        times = self._ended.times[places] / self.unit
        columns = (times, share, *self._limits(places), self._at_risk(places))
        return list(zip(*(column.tolist() for column in columns), strict=True))

    @property
    def _places(self) -> Counts:
        return np.arange(len(self._ended.times))

    def _own(self, time: float) -> Times:
        """A time as the curve counts it: where that is in whole parts of the unit, the nearest of them."""
        return np.array([time if self.unit == 1 else round(time * self.unit)])

    def _time(self, place: int) -> float:
        return float(self._ended.times[place] / self.unit)

    def _is_known(self, time: float) -> bool:
        """Beyond the last observation the curve is unknown, unless it is at 0: or the young look well."""
        return bool(self.n) and (time <= self.longest or self._is_done)

    @property
    def _is_done(self) -> bool:
        """Whether everybody had ended at the last event."""
        return bool(len(self._stages.left)) and not self._stages.left[-1]

    def _at_risk(self, places: Counts) -> Counts:
        counts = self._ended.counts
        before = np.where(places > 0, counts[places - 1], 0)
        return self._stages.at(counts[places])[0] + counts[places] - before

    def _limits(self, places: Counts) -> tuple[Floats, Floats]:
        """The limits of S after some events; where nobody is left, 0 and the upper limit before."""
        if self._is_done and len(places) and places[-1] == len(self._ended.times) - 1:
            some, last = places[:-1], places[-1:] - 1
            low, high = self._limits(some)
            before = self._limits(last)[1] if last[0] >= 0 else np.ones(1)
            return np.append(low, 0.0), np.append(high, before)
        _left, share, spread = self._stages.at(self._ended.counts[places])
        theta = Z95 * np.sqrt(spread) / np.log(share)
        return share ** np.exp(-theta), share ** np.exp(theta)

    def _first(self, limit: float, side: int) -> float | None:
        """The first time at which a limit of S is that low.

        The limits need not fall from each event to the next. With L = -log S and the sum V, which both grow,
        the lower one is that low where L exp(z √V / L) is large enough, which within a stretch of events is
        largest with the last V and the first or the last L; the upper one where L exp(-z √V / L) is, which is
        largest with the first V and the last L. So whole stretches are passed by.
        """
        places = self._places[: len(self._ended.times) - self._is_done]
        firsts = places[::AT_ONCE]
        lasts = np.minimum(firsts + AT_ONCE, len(places)) - 1
        (low, small), (high, large) = self._fallen(firsts), self._fallen(lasts)
        with np.errstate(over="ignore", divide="ignore"):
            if side:
                most = high * np.exp(-small / high)
            else:
                most = np.maximum(low * np.exp(large / low), high * np.exp(large / high))
            is_near = most >= -np.log(limit) * (1 - 1e-9)
        for begin in firsts[is_near].tolist():
            found = np.flatnonzero(self._limits(places[begin : begin + AT_ONCE])[side] <= limit)
            if len(found):
                return self._time(begin + int(found[0]))
        return self._time(-1) if self._is_done and side == 0 else None

    def _fallen(self, places: Counts) -> tuple[Floats, Floats]:
        """How far S has fallen, L, and z √V."""
        _left, share, spread = self._stages.at(self._ended.counts[places])
        return -np.log(share), Z95 * np.sqrt(spread)

    def _exact(self, passed: int) -> Fraction:
        """S after so many have ended, the stages multiplied in integers."""
        stages = self._stages
        last = int(np.searchsorted(stages.begins, passed)) - 1
        left = int(stages.at(np.array([passed]))[0][0])
        return Fraction(
            _product([*stages.left[:last].tolist(), left]), _product(stages.at_risk[: last + 1].tolist())
        )


def kaplan_meier(observations: Iterable[tuple[float, bool]]) -> Curve:
    """Estimate the curve from (duration, whether it ended); one that is open at a time of events was at risk.

    Raises ValueError for a negative duration: those are reported and set aside before (KPI.md §2).
    """
    sides: tuple[list[float], list[float]] = ([], [])
    for time, has_ended in observations:
        sides[bool(has_ended)].append(time)
    removed, ended = (np.sort(np.array(side, np.float64)) for side in sides)
    return _curve(Reached(ended, None), Reached(removed, None), 1)


def curve_of(ended: Lengths, still_open: Lengths, unit: int) -> Curve:
    """Estimate the curve from lengths that ended and lengths that had not when they were last seen.

    Its times are told in a unit of so many of their parts. Raises ValueError for a negative length.
    """
    return _curve(Reached(*ended.part()), Reached(*still_open.part()), unit)


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


def _curve(ended: Reached, removed: Reached, unit: int) -> Curve:
    if any(one.total and one.first < 0 for one in (ended, removed)):
        raise ValueError("a duration is negative")
    n = ended.total + removed.total
    return Curve(n, unit, ended, removed, Stages.between(n, ended, removed))


def _product(numbers: list[int]) -> int:
    while len(numbers) > 1:
        numbers = [math.prod(numbers[i : i + 2]) for i in range(0, len(numbers), 2)]
    return numbers[0] if numbers else 1
