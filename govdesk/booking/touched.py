"""Whom a change of days or hours would leave before shut doors: asked before it is saved."""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.entries import HoursEntry
from govdesk.catalog.models import Branch
from govdesk.catalog.service import seasons_of

MIDNIGHT = dt.time(0)


def booked_on(
    session: Session,
    *,
    day: dt.date,
    branches: Iterable[Branch],
    hours: tuple[dt.time, dt.time] | None = None,
) -> int:
    """Return how many have booked on a day at these branches, outside the hours that it would still have."""
    return sum(
        not (hours and _fits(start, end, *hours))
        for branch in branches
        for start, end in _booked(session, branch, day=day)
    )


def booked_outside(
    session: Session,
    *,
    branch: Branch,
    week: Iterable[HoursEntry],
    days: tuple[dt.date, dt.date] | None = None,
) -> int:
    """Return how many have booked at a branch, from now on, outside this week of openings.

    `days`, both inside, are those of a season; without them the days of seasons are left out, which have
    weeks of their own.
    """
    openings = list(week)
    seasons = [] if days else [(row.first_on, row.last_on) for row in seasons_of(session, branch.id)]
    return sum(
        not any(
            row.weekday == start.weekday() and _fits(start, end, row.opens, row.closes) for row in openings
        )
        for start, end in _booked(session, branch)
        if (days is None or days[0] <= start.date() <= days[1])
        and not any(first <= start.date() <= last for first, last in seasons)
    )


def _booked(
    session: Session, branch: Branch, day: dt.date | None = None
) -> list[tuple[dt.datetime, dt.datetime]]:
    """Start and end of each booked appointment to come, on the wall of the branch."""
    zone = ZoneInfo(branch.timezone)
    wanted = select(Appointment.starts_at, Appointment.ends_at).where(
        Appointment.branch_id == branch.id,
        Appointment.state == "booked",
        Appointment.starts_at > clock.now(),
    )
    if day is not None:
        first, after = clock.day_bounds(day, zone)
        wanted = wanted.where(Appointment.starts_at >= first, Appointment.starts_at < after)
    return [(start.astimezone(zone), end.astimezone(zone)) for start, end in session.execute(wanted)]


def _fits(start: dt.datetime, end: dt.datetime, opens: dt.time, closes: dt.time) -> bool:
    is_in_time = closes == MIDNIGHT or (end.date() == start.date() and end.time() <= closes)
    return opens <= start.time() and is_in_time
