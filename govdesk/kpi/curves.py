"""How fast people come back: from the days each visit was seen to the curve of returns (KPI.md §1.3, §1.7).

Within the window of its service a return is a failure. After it the definition calls it a new need; the curve
goes on with it all the same, so that no window can hide who comes back on its morrow.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from govdesk.kpi.lengths import Lengths
from govdesk.kpi.survival import curve_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from govdesk.kpi.statistics import Interval

DAYS = (7, 14, 30, 90)
LONGEST = DAYS[-1]
DRAWN = (0, 1, 2, 3, 5, 7, 10, 14, 18, 22, 26, 30, 35, 40, 45, 50, 60, 70, 80, 90)
RETURNS = frozenset({"repeat", "index_new"})  # neither a planned step nor our own invitation

Timeline = Counter[tuple[int, bool]]  # (days seen, whether the person came back then)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """After some days: the share that came back, its interval, and how many were under observation then.

    `judged` says what a return on that day is: a failure, later (a new need by definition), or mixed, where
    services have different windows. A share is None where nobody was seen for so long.
    """

    days: int
    share: float | None
    interval: Interval | None
    at_risk: int
    judged: str


def observed(age: int, gap: int | None, next_class: str | None, cycle_days: int | None) -> tuple[int, bool]:
    """Give the days a visit was seen and whether the person came back then, unplanned, for the same need.

    `age` is the days since its end, less those in which records may be late; `gap` those until the next
    attended visit of the matter, of class `next_class`. A planned step, a recall and the next turn of a
    recurring service (0.8 of its cycle) are no returns: the visit stays under observation, as in M1.
    """
    if gap is None or gap > age or next_class not in RETURNS:
        return age, False
    if next_class == "index_new" and cycle_days and 5 * gap >= 4 * cycle_days:
        return age, False
    return max(gap, 0), True


def points(timeline: Timeline, windows: Iterable[int], days: Iterable[int] = DAYS) -> list[Point]:
    """Give the curve of returns at some days: 1 - S by Kaplan-Meier, with its log-log interval."""
    still_away, came_back = Lengths(), Lengths()
    for (seen, is_back), count in timeline.items():
        (came_back if is_back else still_away).add(seen, count)
    curve = curve_of(came_back, still_away, 1)
    known = set(windows)
    found = []
    for day in days:
        share, limits = curve.at(day), curve.interval_at(day)
        found.append(
            Point(
                days=day,
                share=None if share is None else 1 - share,
                interval=None if limits is None else (1 - limits[1], 1 - limits[0]),
                at_risk=sum(count for (seen, _), count in timeline.items() if seen >= day),
                judged=judged(day, known),
            )
        )
    return found


def judged(days: int, windows: Iterable[int]) -> str:
    """What a return after so many days is, where services have these windows."""
    inside = {days <= window for window in windows}
    if inside == {True, False}:
        return "mixed"
    return "later" if inside == {False} else "failure"
