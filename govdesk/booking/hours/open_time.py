"""When a branch is truly open: the hours of its calendar, less the times in which it is shut beyond them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from govdesk.catalog.rules import HORIZON_DAYS, MIDNIGHT, ONE_DAY, Calendar, Span, wall_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

Words = tuple[str, str]  # in Arabic and in English
LONGEST = timedelta(days=7)  # what is open for longer is told as open day and night


@dataclass(frozen=True, slots=True)
class Shut:
    """A time, half open and in UTC, in which a branch is shut whatever its hours say; and why."""

    start: datetime
    end: datetime
    why: Words


def shut_of(
    day: date, last: date, starts: time | None, ends: time | None, why: Words, zone: tzinfo
) -> list[Shut]:
    """Give the closure of some days: one time where they are shut whole, else the same hours of each."""
    if starts is None or ends is None:
        return [Shut(wall_moment(day, MIDNIGHT, zone), wall_moment(last + ONE_DAY, MIDNIGHT, zone), why)]
    next_day = ONE_DAY if ends == MIDNIGHT else timedelta()
    days = (day + n * ONE_DAY for n in range((last - day).days + 1))
    return [
        Shut(wall_moment(one, starts, zone), wall_moment(one + next_day, ends, zone), why) for one in days
    ]


def open_spans(calendar: Calendar, shuts: Sequence[Shut], day: date) -> list[Span]:
    """Give the open time of a local day, in the zone of the calendar, apart and in order."""
    found = []
    for start, end in calendar.open_intervals(day):
        opens = start.astimezone(UTC)
        for shut in sorted(shuts, key=lambda one: one.start):
            if opens < shut.start < end:
                found.append((opens, shut.start))
            if shut.start < end and shut.end > opens:
                opens = max(opens, shut.end)
        if opens < end:
            found.append((opens, end))
    return [(start.astimezone(calendar.zone), end.astimezone(calendar.zone)) for start, end in found]


def next_open(calendar: Calendar, shuts: Sequence[Shut], moment: datetime) -> datetime | None:
    """Give the first moment from `moment` on that is open and not shut; None if none within two years."""
    opens, furthest = calendar.next_opening(moment), moment + HORIZON_DAYS * ONE_DAY
    while opens is not None and opens < furthest:
        over = [shut.end for shut in shuts if shut.start <= opens < shut.end]
        if not over:
            return opens
        opens = calendar.next_opening(max(over))
    return None


def open_until(calendar: Calendar, shuts: Sequence[Shut], moment: datetime) -> datetime | None:
    """Give when it shuts that is open at a moment, past midnight too; None where that is not in a week."""
    until, day = moment, moment.astimezone(calendar.zone).date()
    while until - moment <= LONGEST:
        spans = open_spans(calendar, shuts, day)
        end = next((end for start, end in spans if start <= until < end), until)
        if end < wall_moment(day + ONE_DAY, MIDNIGHT, calendar.zone):
            return end.astimezone(calendar.zone)
        until, day = end, day + ONE_DAY
    return None
