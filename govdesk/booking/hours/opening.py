"""Whether a branch is open: its hours of these days by season, holiday and closure, and the next change."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.hours import open_time
from govdesk.booking.hours.closures import shut_times
from govdesk.catalog import holidays
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.catalog.rules import MIDNIGHT, ONE_DAY, Span, wall_moment
from govdesk.catalog.service import calendar_of, seasons_of

SHOWN = 7  # days from today


@dataclass(frozen=True, slots=True)
class OpenDay:
    """The true hours of a day, none where it is shut, and what makes them other than those of the week."""

    day: dt.date
    spans: tuple[Span, ...]
    why: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a branch is open now, and the next change of that; moments in its own zone."""

    today: dt.date
    is_open: bool
    until: dt.datetime | None  # while open; None = day and night
    opens: dt.datetime | None  # while shut; None = not known
    is_whole_day: bool  # shut from its first minute to its last
    why: Name | None  # the holiday or closure that shuts it now; none outside its usual hours


def opening_of(session: Session, branch: Branch) -> Opening:
    """Return whether a branch is open now, until when, or why not and from when on."""
    calendar, shuts = calendar_of(session, branch, is_strict=False), shut_times(session, branch)
    now = clock.now()
    today = clock.local_day(now, branch.timezone)
    opens = open_time.next_open(calendar, shuts, now)
    if opens is not None and opens <= now:
        until = open_time.open_until(calendar, shuts, now)
        return Opening(today, is_open=True, until=until, opens=None, is_whole_day=False, why=None)
    is_whole_day = not open_time.open_spans(calendar, shuts, today)
    holding = [Name(*shut.why) for shut in shuts if shut.start <= now < shut.end]
    if is_whole_day:
        holding += days_of(session, branch, count=1)[0].why[:1]
    return Opening(
        today, is_open=False, until=None, opens=opens, is_whole_day=is_whole_day,
        why=holding[0] if holding else None,
    )  # fmt: skip


def days_of(
    session: Session, branch: Branch, *, count: int = SHOWN, first: dt.date | None = None
) -> list[OpenDay]:
    """Return the true hours of so many days from today, or from `first`, on.

    Closures are named first, then holiday or season.
    """
    calendar, shuts = calendar_of(session, branch, is_strict=False), shut_times(session, branch)
    today = first or clock.local_day(clock.now(), branch.timezone)
    days = [today + n * ONE_DAY for n in range(count)]
    named = holidays.named(session, branch, days)
    seasons, usual = seasons_of(session, branch.id), {row.weekday for row in branch.hours}
    found = []
    for day in days:
        begin, end = (wall_moment(one, MIDNIGHT, calendar.zone) for one in (day, day + ONE_DAY))
        why = [Name(*shut.why) for shut in shuts if shut.start < end and shut.end > begin]
        season = next((one for one in reversed(seasons) if one.first_on <= day <= one.last_on), None)
        spans = tuple(open_time.open_spans(calendar, shuts, day))
        if not spans and day.weekday() not in usual:
            season = None  # it is shut on this weekday in any season
        special = named.get(day) or season
        if special is not None:
            why.append(Name(special.name_ar, special.name_en))
        found.append(OpenDay(day, spans, tuple(why)))
    return found
