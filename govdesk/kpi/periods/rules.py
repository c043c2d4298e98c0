"""Which periods there are, what is said about each, and who says it: pure rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    Held = tuple[str, int | None, int | None]

MONTH, QUARTER = "month", "quarter"
DRAFT, REFLECTION, PUBLISHED = "draft", "reflection", "published"
LONGEST_CODE = 60
LATEST_DUE = timedelta(days=366)
READERS = ("head", "supervisor", "admin", "auditor")
TOPICS: Mapping[str, tuple[str, ...]] = {  # the strategic set (KPI.md §6); one reflects on each topic
    "returns": (
        "repeat_visit_rate", "first_contact_resolution", "avoidable_visit_share", "visits_per_matter",
        "abandon_returns",
    ),
    "time": ("time_to_resolution", "sla_attainment"),
    "waiting": (
        "waiting_time", "service_level", "promise_kept", "abandonment_rate", "turned_away_rate",
        "noshow_rate",
    ),
    "voices": ("csat", "trust", "response_rate"),
    "promises": (
        "commitments_kept", "complaints_per_thousand", "complaints_in_time", "recovered_in_time",
        "recall_coverage",
    ),
    "ways": ("visits_avoided", "digital_share", "papers_missing"),
    "work": (
        "obstacles_open", "obstacle_age", "counter_occupancy", "idle_with_queue", "staff_minutes_per_case",
    ),
}  # fmt: skip
_NAME = re.compile(r"(\d{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))(?:-([A-Za-z0-9][A-Za-z0-9_.-]*))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A calendar month or quarter: 2026-10, 2026-Q4."""

    name: str
    kind: str
    first: date
    last: date

    @property
    def months(self) -> tuple[Span, ...]:
        """The months of a quarter; a month has none below it."""
        if self.kind == MONTH:
            return ()
        second = month_of(self.first + timedelta(days=31))
        return month_of(self.first), second, month_of(self.last)

    @property
    def quarter(self) -> Span:
        """The quarter in which it lies."""
        return quarter_of(self.first)

    @property
    def before(self) -> Span:
        """The period before it."""
        return _of(self.kind, self.first - timedelta(days=1))

    @property
    def year_before(self) -> Span:
        """The same period of the year before."""
        return _of(self.kind, self.first.replace(year=self.first.year - 1))


def month_of(day: date) -> Span:
    """Give the month in which a day lies."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Span(f"{first:%Y-%m}", MONTH, first, following - timedelta(days=1))


def quarter_of(day: date) -> Span:
    """Give the quarter in which a day lies."""
    number = (day.month + 2) // 3
    first = day.replace(month=3 * number - 2, day=1)
    return Span(f"{first.year}-Q{number}", QUARTER, first, month_of(first + timedelta(days=70)).last)


def _of(kind: str, day: date) -> Span:
    return month_of(day) if kind == MONTH else quarter_of(day)


def ended(today: date) -> tuple[Span, Span]:
    """Give the month and the quarter that ended last."""
    return month_of(today).before, quarter_of(today).before


def code_of(span: Span, department: str | None) -> str:
    """Name a period of the whole agency (2026-10) or of a department (2026-10-civil), as in addresses."""
    return span.name if department is None else f"{span.name}-{department}"


def read(code: str) -> tuple[Span, str | None] | None:
    """Read such a name; None for what is none."""
    found = _NAME.fullmatch(code) if len(code) <= LONGEST_CODE else None
    if found is None or int(found[1]) < 1:
        return None
    if found[2]:
        return month_of(date(int(found[1]), int(found[2]), 1)), found[4]
    return quarter_of(date(int(found[1]), 3 * int(found[3]), 1)), found[4]


def may_publish(grants: Iterable[Held], department_id: int | None) -> bool:
    """Whether somebody with these roles (role, branch, department) answers for what is published.

    Of the whole agency: an administrator or head bound to nothing. Of a department: its head too.
    """
    wide = [(role, department) for role, branch, department in grants if branch is None]
    return any(role in {"head", "admin"} and department in {None, department_id} for role, department in wide)


def may_read(grants: Iterable[Held], department_id: int | None) -> bool:
    """Whether somebody may read what is not published yet: who reads figures of the whole of it."""
    wide = [(role, department) for role, branch, department in grants if branch is None]
    return any(role in READERS and department in {None, department_id} for role, department in wide)


def topic_of(measure: str) -> str:
    """Give the topic of a measure of the strategic set."""
    return next(topic for topic, measures in TOPICS.items() if measure in measures)


def missing(told: Collection[str], said: Collection[str]) -> tuple[str, ...]:
    """Give the topics on which somebody must still reflect.

    `told` are the measures that have anything to say in the period, `said` the topics reflected upon.
    """
    return tuple(
        topic
        for topic, measures in TOPICS.items()
        if topic not in said and any(measure in told for measure in measures)
    )


def is_planned_for(due_on: date, today: date) -> bool:
    """Whether a day can be the last one of what will change."""
    return today <= due_on <= today + LATEST_DUE
