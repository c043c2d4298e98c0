"""How far the figure of a group lies from that of everybody, with the interval of the difference (KPI.md §6).

A group is a part of the whole, so the two are not independent. Of a share the rest is known: the difference
to the whole is that to the rest, scaled by the rest's part of the whole, and its interval is Newcombe's.
Elsewhere the intervals of group and whole are taken as independent, which makes the interval wider than it
need be: a difference that shows all the same is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from govdesk.kpi.statistics import difference, wilson

if TYPE_CHECKING:
    from govdesk.kpi.statistics import Interval


@dataclass(frozen=True, slots=True)
class Gap:
    """Group minus whole, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether more than chance is in it: the interval does not hold 0."""
        return self.low > 0 or self.high < 0


def gap_of_shares(part: tuple[int, int], whole: tuple[int, int]) -> Gap | None:
    """Compare a part with the whole, each as (numerator, denominator); None where nobody else is in it."""
    others = whole[0] - part[0], whole[1] - part[1]
    if part[1] <= 0 or others[1] <= 0 or not 0 <= others[0] <= others[1]:
        return None
    own, rest = wilson(*part), wilson(*others)
    if own is None or rest is None:
        return None
    scale = others[1] / whole[1]
    found = difference((part[0] / part[1], own), (others[0] / others[1], rest))
    return Gap(*(scale * limit for limit in found))


def gap_of_values(part: tuple[float, Interval], whole: tuple[float, Interval]) -> Gap:
    """Compare a value with that of the whole, each with its interval, as if they were independent."""
    return Gap(*difference(part, whole))
