"""The three clocks of a case, where its time went, and whether it kept its deadline (KPI.md §2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from govdesk.catalog.rules import Calendar, Span, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OpenSpan = tuple[datetime, datetime | None]


class Part(StrEnum):
    """Where the time of a case goes; where two claim the same moment, the first named here has it."""

    SERVICE = "service"
    QUEUE_WAIT = "queue_wait"
    WAITING_ON_CITIZEN = "waiting_on_citizen"
    BOOKING_LEAD = "booking_lead"
    BACK_OFFICE = "back_office"


class Attainment(StrEnum):
    """How a case stands against its deadline."""

    MET = "met"
    LATE = "late"
    OPEN_OVERDUE = "open_overdue"
    OPEN_NOT_DUE = "open_not_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The three clocks of a case, until its end or until now."""

    elapsed: timedelta
    business: timedelta
    net: timedelta

    @property
    def stopped_share(self) -> float | None:
        """The share of business time in which the clock stood still; None without business time."""
        return (self.business - self.net) / self.business if self.business else None


@dataclass(frozen=True, slots=True)
class Stay:
    """One visit of a case: booked (if it was), arrived, at the desk (if anybody served), ended."""

    booked_at: datetime | None
    arrived_at: datetime
    served_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttainmentCounts:
    """Cases by how they stand against their deadline."""

    met: int = 0
    late: int = 0
    open_overdue: int = 0
    open_not_due: int = 0

    @property
    def judged(self) -> int:
        """The denominator: open and not yet due is neither."""
        return self.met + self.late + self.open_overdue

    @property
    def share(self) -> float | None:
        """Met / (met + late + open overdue); None when nothing can be judged."""
        return self.met / self.judged if self.judged else None


def elapsed(start: datetime, end: datetime) -> timedelta:
    """Give the time between two aware moments; in UTC, for Python subtracts wall clocks within one zone.

    Negative when the end is before the start: such data is set aside by the caller, not clipped here.
    """
    return end.astimezone(UTC) - start.astimezone(UTC)


def clocks(start: datetime, end: datetime, calendar: Calendar, pauses: Iterable[OpenSpan] = ()) -> Clocks:
    """Give the three clocks between two aware moments.

    Business is the open time of the unit's calendar; net leaves out the pauses, overlapping ones once; a
    pause without end lasts until the end.
    """
    business = calendar.open_time(start, end)
    paused = union(_closed(pauses, end), start, end)
    stopped = sum((calendar.open_time(*pause) for pause in paused), timedelta(0))
    return Clocks(elapsed=elapsed(start, end), business=business, net=business - stopped)


def parts_of(
    start: datetime, end: datetime, spans: Mapping[Part, Iterable[OpenSpan]]
) -> dict[Part, timedelta]:
    """Split the time between two aware moments into parts that sum to it exactly.

    Each moment goes to the first part of `Part` that claims it, and what nobody claims to the back office.
    """
    whole = union([(start, end)], start, end)
    taken: list[Span] = []
    length = timedelta(0)
    out: dict[Part, timedelta] = {}
    for part in Part:
        mine = whole if part is Part.BACK_OFFICE else _closed(spans.get(part, ()), end)
        taken = union([*taken, *mine], start, end) if mine else taken
        before, length = length, _length(taken) if mine else length
        out[part] = length - before
    return out


def claims_of(stays: Iterable[Stay]) -> dict[Part, list[OpenSpan]]:
    """Tell what visits claim: the time since each was booked, the queue until the desk, and the service."""
    found: dict[Part, list[OpenSpan]] = defaultdict(list)
    for stay in stays:
        found[Part.QUEUE_WAIT].append((stay.arrived_at, stay.served_at or stay.ended_at))
        if stay.served_at is not None:
            found[Part.SERVICE].append((stay.served_at, stay.ended_at))
        if stay.booked_at is not None:
            found[Part.BOOKING_LEAD].append((stay.booked_at, stay.arrived_at))
    return found


def whole_seconds(parts: Mapping[Part, timedelta]) -> dict[Part, int]:
    """Round parts to seconds so that they still sum to the rounded-down whole, by largest remainder."""
    second = timedelta(seconds=1)
    out = {part: length // second for part, length in parts.items()}
    missing = sum(parts.values(), timedelta(0)) // second - sum(out.values())
    if not missing:
        return out
    by_rest = sorted(parts, key=lambda part: parts[part] % second, reverse=True)
    return {part: seconds + (part in by_rest[:missing]) for part, seconds in out.items()}


def attainment(due_at: datetime, resolved_at: datetime | None, as_of: datetime) -> Attainment:
    """Tell how a case stands against its deadline; a case resolved after `as_of` was open then."""
    due, now = due_at.astimezone(UTC), as_of.astimezone(UTC)
    if resolved_at is not None and resolved_at.astimezone(UTC) <= now:
        return Attainment.MET if resolved_at.astimezone(UTC) <= due else Attainment.LATE
    return Attainment.OPEN_OVERDUE if now > due else Attainment.OPEN_NOT_DUE


def attainment_counts(standings: Iterable[Attainment]) -> AttainmentCounts:
    """Count how cases stand against their deadlines."""
    counts = Counter(standings)
    return AttainmentCounts(
        met=counts[Attainment.MET],
        late=counts[Attainment.LATE],
        open_overdue=counts[Attainment.OPEN_OVERDUE],
        open_not_due=counts[Attainment.OPEN_NOT_DUE],
    )


def _closed(spans: Iterable[OpenSpan], end: datetime) -> list[Span]:
    return [(first, end if last is None else last) for first, last in spans]


def _length(spans: Iterable[Span]) -> timedelta:
    return sum((last - first for first, last in spans), timedelta(0))
