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


@dataclass(frozen=True, slots=True)
class Reached:
    """Different times in order, and how many had been reached by each."""

    times: Times
    counts: Counts

    def by(self, times: Times, *, is_before: bool = False) -> Counts:
        """How many had been reached at some times, these included; or before them."""
        places = np.searchsorted(self.times, times, "left" if is_before else "right")
        return np.where(places > 0, self.counts[places - 1], 0) if len(self.counts) else np.zeros_like(places)

    @classmethod
    def of(cls, values: Times, counts: Counts | None) -> Reached:
        """Count values in order; without counts each is there as often as it comes."""
        if counts is not None:
            return cls(values, counts.cumsum())
        ends = np.flatnonzero(values[1:] != values[:-1]) + 1
        ends = np.append(ends, len(values))[: len(values)]
        return cls(values[ends - 1], ends)

    @property
    def total(self) -> int:
        """All of them."""
        return int(self.counts[-1]) if len(self.counts) else 0


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
