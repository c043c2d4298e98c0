"""What the course of a figure says: signals of its settled periods, and whether it will meet its target."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from govdesk.kpi import process
from govdesk.kpi.figures import Figure, Row
from govdesk.kpi.process import Chart
from govdesk.kpi.registry import BY_KEY

LARGE = 1000  # people in every period: then single values would hide how much of the variation is chance
FEWEST = 5  # people; heads see no smaller group
ASSURANCES = {"passes": "hits", "fails": "misses", "hit_or_miss": "either", "few": "unjudged"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A chart of the periods that can be judged; `places` are theirs among all periods of the series."""

    chart: Chart
    places: tuple[int, ...]
    senses: tuple[str, ...]  # of each of these points: worse, better or ordinary
    variation: str
    assurance: str

    @property
    def signs(self) -> list[tuple[str, str]]:
        """The sign of the last point and, where there is a target, that of the process; their usual words."""
        assurance = ASSURANCES.get(self.assurance)
        return [(self.variation, ""), *([(assurance, "")] if assurance else [])]


def judge(
    series: Figure, time: str, today: dt.date, *, target: float | None, rebased: Sequence[dt.date] = ()
) -> Judged:
    """Judge a series by week or month. The running period, young, hidden and empty ones are not judged."""
    lower = BY_KEY[series.key].is_lower_better
    judged = [
        (place, row)
        for place, row in enumerate(series.rows)
        if _is_settled(row) and end_of(str(row.group[time]), time) <= today
    ]
    rows = [row for _, row in judged]
    if rows and not rebased and all((row.denominator or 0) >= LARGE and row.unit == "share" for row in rows):
        chart = process.p_prime([(row.numerator or 0, row.denominator or 0) for row in rows])
    else:
        starts = [end_of(str(row.group[time]), time) for row in rows]
        fresh = [sum(end <= day for end in starts) for day in rebased]
        chart = process.xmr([row.value or 0.0 for row in rows], rebased=fresh)
    variation = process.variation(chart, is_lower_better=lower)
    marks = [None] * len(rows) if variation == "few" else chart.marks  # no limit is to be trusted yet
    return Judged(
        chart,
        tuple(place for place, _ in judged),
        tuple(process.sense(mark, is_lower_better=lower) for mark in marks),
        variation,
        process.assurance(chart, target, is_lower_better=lower),
    )


def end_of(period: str, time: str) -> dt.date:
    """The day after a week (named by its first day) or a month (2026-10)."""
    if time == "week":
        return dt.date.fromisoformat(period) + dt.timedelta(days=7)
    first = dt.date.fromisoformat(f"{period}-01")
    return (first + dt.timedelta(days=31)).replace(day=1)


def _is_settled(row: Row) -> bool:
    return row.value is not None and not row.is_hidden and not row.pending
