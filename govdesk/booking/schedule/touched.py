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
) -> list[Appointment]:
    """Return what is booked on a day at these branches, outside the hours that it would still have."""
    return [
        appointment
        for branch in branches
        for appointment, start, end in _booked(session, branch, day=day)
        if not (hours and _fits(start, end, *hours))
    ]


def booked_outside(
    session: Session,
    *,
    branch: Branch,
    week: Iterable[HoursEntry],
    days: tuple[dt.date, dt.date] | None = None,
) -> list[Appointment]:
    """Return what is booked at a branch, from now on, outside this week of openings.

    `days`, both inside, are those of a season; without them the days of seasons are left out, which have
    weeks of their own.
    """
    openings = list(week)
    seasons = [] if days else [(row.first_on, row.last_on) for row in seasons_of(session, branch.id)]
    return [
        appointment
        for appointment, start, end in _booked(session, branch)
        if (days is None or days[0] <= start.date() <= days[1])
        and not any(first <= start.date() <= last for first, last in seasons)
        and not any(
            row.weekday == start.weekday() and _fits(start, end, row.opens, row.closes) for row in openings
        )
    ]


def _booked(
    session: Session, branch: Branch, day: dt.date | None = None
) -> list[tuple[Appointment, dt.datetime, dt.datetime]]:
    """Each booked appointment to come, by time, with its start and end on the wall of the branch."""
    zone = ZoneInfo(branch.timezone)
    wanted = select(Appointment).where(
        Appointment.branch_id == branch.id,
        Appointment.state == "booked",
        Appointment.starts_at > clock.now(),
    )
    if day is not None:
        first, after = clock.day_bounds(day, zone)
        wanted = wanted.where(Appointment.starts_at >= first, Appointment.starts_at < after)
    found = session.scalars(wanted.order_by(Appointment.starts_at, Appointment.id))
    return [(row, row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)) for row in found]


def _fits(start: dt.datetime, end: dt.datetime, opens: dt.time, closes: dt.time) -> bool:
    is_in_time = closes == MIDNIGHT or (end.date() == start.date() and end.time() <= closes)
    return opens <= start.time() and is_in_time
