"""How a Kaplan-Meier curve falls: in stages, between the removals of those who were still open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Counts: TypeAlias = NDArray[np.int64]
    Times: TypeAlias = NDArray[Any]


class Reached:
    """Times in order, and how many had been reached by each.

    The different ones are told apart only when they are asked for: a quantile needs the ranks alone.
    """

    __slots__ = ("_different", "_so_far", "_values")

    def __init__(self, values: Times, counts: Counts | None) -> None:
        """Count values in order; without counts each is there as often as it comes."""
        self._values = values
        self._so_far: Counts | None = None if counts is None else counts.cumsum()
        self._different: tuple[Times, Counts] | None = None

    @property
    def times(self) -> Times:
        """The different times."""
        return self._told_apart()[0]

    @property
    def counts(self) -> Counts:
        """How many had been reached by each of them."""
        return self._told_apart()[1]

    @property
    def total(self) -> int:
        """All of them."""
        if self._so_far is None:
            return len(self._values)
        return int(self._so_far[-1]) if len(self._so_far) else 0

    @property
    def first(self) -> Any:
        """The first time; None of none."""
        return self._values[0] if len(self._values) else None

    @property
    def last(self) -> Any:
        """The last time; None of none."""
        return self._values[-1] if len(self._values) else None

    def by(self, times: Times, *, is_before: bool = False) -> Counts:
        """How many had been reached at some times, these included; or before them."""
        places = np.searchsorted(self._values, times, "left" if is_before else "right")
        if self._so_far is None or not len(self._so_far):
            return places
        return np.where(places > 0, self._so_far[places - 1], 0)

    def time_of(self, number: int) -> Any:
        """When so many had been reached."""
        place = number - 1 if self._so_far is None else np.searchsorted(self._so_far, number)
        return self._values[place]

    def _told_apart(self) -> tuple[Times, Counts]:
        if self._different is None:
            values, so_far = self._values, self._so_far
            if so_far is None:
                ends = np.flatnonzero(values[1:] != values[:-1]) + 1
                so_far = np.append(ends, len(values))[: len(values)]
                values = values[so_far - 1]
            self._different = values, so_far
        return self._different


@dataclass(frozen=True, slots=True)
class Stages:
    """The times between two removals of open ones, where S and Greenwood's sum telescope.

    After some of the n of a stage have ended, m are left: S has fallen to m / n of what it was, and the sum
    of d / (n (n - d)) has grown by 1 / m - 1 / n. Arrays have a place for each stage in which anybody ended.
    """

    begins: Counts  # how many had ended before it
    at_risk: Counts  # at its begin
    left: Counts  # at its end
    share: Floats  # S at its begin
    spread: Floats  # the sum at its begin

    @classmethod
    def between(cls, n: int, ended: Reached, removed: Reached) -> Stages:
        """Cut a curve of n where open ones were removed; one that is open when others end was at risk."""
        bounds = np.concatenate(([0], ended.by(removed.times), [ended.total]))
        is_used = bounds[1:] > bounds[:-1]
        gone = np.concatenate(([0], removed.counts))[is_used]
        begins, ends = bounds[:-1][is_used], bounds[1:][is_used]
        at_risk, left = n - begins - gone, n - ends - gone
        before, after = at_risk[:-1], left[:-1]  # of all but the last stage somebody is left
        share = np.concatenate(([1.0], np.cumprod(after / before)))
        spread = np.concatenate(([0.0], np.cumsum((before - after) / (before * after))))
        return cls(begins, at_risk, left, share, spread)

    def share_at(self, passed: int) -> float:
        """S after so many have ended."""
        place = int(self.begins.searchsorted(passed)) - 1
        at_risk = int(self.at_risk[place])
        return float(self.share[place]) * (at_risk - (passed - int(self.begins[place]))) / at_risk

    def at(self, passed: Counts) -> tuple[Counts, Floats, Floats]:
        """After so many have ended: how many are left, S, and the sum (infinite where nobody is left)."""
        place = np.searchsorted(self.begins, passed, "left") - 1
        at_risk = self.at_risk[place]
        left = at_risk - (passed - self.begins[place])
        share = self.share[place] * left / at_risk
        with np.errstate(divide="ignore"):
            spread = self.spread[place] + (at_risk - left) / (left * at_risk)
        return left, share, spread
