"""A figure: what a measure says of each group, with its counts, interval, definition and moment."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from govdesk.kpi.groups import APART
from govdesk.kpi.registry import BY_KEY
from govdesk.kpi.statistics import wilson
from govdesk.kpi.suppression import hidden

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group. A value without data is None, never 0; `interval` has None where a limit is not reached.

    `n` is the number of observations behind the value. `is_hidden` marks a group too small to be shown.
    """

    group: Mapping[str, str | None]
    unit: str
    value: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    n: int = 0
    interval: Bounds | None = None
    pending: int | None = None
    excluded: int | None = None
    unlinked: int | None = None
    open: int | None = None
    data_quality: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    is_hidden: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give the row as the interface names it."""
        out = asdict(self)
        if not out.pop("is_hidden"):
            return out
        return dict.fromkeys(out) | {
            "group": out["group"],
            "unit": self.unit,
            "data_quality": {},
            "detail": {"hidden": True},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a measure says over a period, as known at `as_of`, in groups."""

    key: str
    definition_version: str
    as_of: dt.datetime
    from_day: dt.date | None
    to_day: dt.date | None
    by: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def total(self) -> Row:
        """The only row of a figure that is not broken down."""
        if self.by:
            raise ValueError("a figure in groups has no total: totals are counted, not added up")
        return self.rows[0]

    def as_json(self) -> dict[str, Any]:
        """Give the figure as one JSON object: moments ISO 8601 with offset, days YYYY-MM-DD."""
        return {
            "key": self.key,
            "definition_version": self.definition_version,
            "as_of": self.as_of.isoformat(),
            "from": self.from_day.isoformat() if self.from_day else None,
            "to": self.to_day.isoformat() if self.to_day else None,
            "by": list(self.by),
            "rows": [row.as_json() for row in self.rows],
        }


def share(numerator: int, denominator: int) -> dict[str, Any]:
    """Give the value, counts and Wilson interval of a proportion, as arguments of a Row."""
    return {
        "unit": "share",
        "value": numerator / denominator if denominator else None,
        "numerator": numerator,
        "denominator": denominator,
        "n": denominator,
        "interval": wilson(numerator, denominator),
    }


def in_order(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by what they are of, the most frequent first; equal ones by their names."""
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def hide_small(figure: Figure, fewest: int) -> Figure:
    """Hide the groups with fewer than `fewest` observations, and others from which they could be computed.

    A reader who knows the total could subtract the shown groups from it (see suppression). Groups without any
    data stay "no data".
    """
    if not BY_KEY[figure.key].counts_people:
        return figure
    named = [tuple(row.group[word] for word in figure.by) for row in figure.rows]
    people = [_people(row) for row in figure.rows]
    small = hidden(dict(zip(named, people, strict=True)), fewest)
    rows = tuple(
        Row(group=row.group, unit=row.unit, is_hidden=True) if name in small else row
        for name, row in zip(named, figure.rows, strict=True)
    )
    return replace(figure, rows=rows)


def leading_line(figure: Figure) -> Figure:
    """Of answers over time, keep the one line of the mode and wording with the most answers.

    A figure that has one line anyhow is given back as it is.
    """
    apart = [word for word in figure.by if word in APART]
    if not apart:
        return figure
    sizes: Counter[tuple[str | None, ...]] = Counter()
    for row in figure.rows:
        sizes[tuple(row.group[word] for word in apart)] += row.n
    lead = max(sizes, key=lambda line: (sizes[line], str(line)), default=None)
    by = tuple(word for word in figure.by if word not in apart)
    rows = tuple(
        replace(row, group={word: row.group[word] for word in by})
        for row in figure.rows
        if tuple(row.group[word] for word in apart) == lead
    )
    return replace(figure, by=by, rows=rows)


def _people(row: Row) -> int:
    return row.n + (row.pending or 0)
