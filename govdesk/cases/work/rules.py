"""How late a case is, and how each of its clocks came about (KPI.md §2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from govdesk.cases.courses import HEAD, SUPERVISOR, WARNED
from govdesk.catalog.rules import Calendar, Span, union

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from govdesk.cases.clocks import OpenSpan

WARN_AT = (3, 4)  # of the business time until the due moment
FURTHER = (1, 4)  # of it again, after the due moment, until the head is told


@dataclass(frozen=True, slots=True)
class Ladder:
    """When a case that is still open is raised: to its officer, the supervisor, the head; None: never."""

    warned_at: datetime | None
    supervisor_at: datetime | None
    head_at: datetime | None

    def rung(self, now: datetime) -> int:
        """How far the case has come by a moment."""
        moments = ((HEAD, self.head_at), (SUPERVISOR, self.supervisor_at), (WARNED, self.warned_at))
        return next((rung for rung, moment in moments if moment is not None and moment <= now), 0)


@dataclass(frozen=True, slots=True)
class Stop:
    """A part of a pause in which the net clock stood still: the open time in it."""

    start: datetime
    end: datetime
    length: timedelta


def ladder(began_at: datetime, due_at: datetime, calendar: Calendar) -> Ladder:
    """Give the moments at which an open case is raised, each within the opening hours of its unit.

    A warning when three quarters of the open time until it is due are over; the supervisor at the first
    open moment in which it is late; the head after a further quarter of that open time. A unit that never
    opens raises nothing.
    """
    whole = calendar.open_time(began_at, due_at)
    if calendar.next_opening(began_at) is None:
        return Ladder(None, None, None)
    warned = calendar.after_open_time(began_at, _part(whole, WARN_AT))
    late = calendar.next_opening(due_at)
    head = calendar.after_open_time(due_at, _part(whole, FURTHER))
    return Ladder(_utc(warned), _utc(late), _utc(head))


def open_days(start: datetime, end: datetime, calendar: Calendar) -> list[tuple[date, timedelta]]:
    """Give the open time of each local day between two aware moments; their sum is the business clock."""
    first = start.astimezone(calendar.zone).date()
    last = end.astimezone(calendar.zone).date()
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        inside = (
            min(closes.astimezone(UTC), end.astimezone(UTC))
            - max(opens.astimezone(UTC), start.astimezone(UTC))
            for opens, closes in calendar.open_intervals(day)
        )
        found.append((day, sum((length for length in inside if length > timedelta(0)), timedelta(0))))
    return found


def stops(pauses: Iterable[OpenSpan], start: datetime, end: datetime, calendar: Calendar) -> list[Stop]:
    """Give what the pauses took from the business clock, overlapping ones once; with net it sums to that."""
    closed: list[Span] = [(first, end if last is None else last) for first, last in pauses]
    return [Stop(first, last, calendar.open_time(first, last)) for first, last in union(closed, start, end)]


def _part(whole: timedelta, share: tuple[int, int]) -> timedelta:
    return whole * share[0] / share[1]


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
