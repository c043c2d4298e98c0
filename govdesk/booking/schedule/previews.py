"""What a change of schedules would do, told before it is saved: slots, conflicts, and who is touched."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govdesk import clock
from govdesk.booking import places
from govdesk.booking.models import Appointment
from govdesk.booking.rules import PlannedSlot, SlotRule
from govdesk.booking.schedule.plan import DayChange, Setup, compare, plan, troubles
from govdesk.catalog.models import Branch
from govdesk.catalog.rules import Calendar
from govdesk.catalog.service import calendar_of
from govdesk.people.models import Person

CHECKED_DAYS = 60  # in which conflicts with hours, holidays and exceptions are looked for
Setups = Mapping[int, Setup]  # by service


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something to tell about a rule: the key says what; with another rule, some minutes, or days."""

    key: str
    rule: SlotRule
    other: SlotRule | None = None
    minutes: int | None = None
    days: tuple[dt.date, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """The slots of each service day by day, the conflicts, and the booked people left outside."""

    days: Mapping[int, list[DayChange]]
    conflicts: Sequence[Conflict]
    touched: Sequence[Appointment]

    @property
    def added(self) -> int:
        """How many slots are new."""
        return sum(len(day.added) for days in self.days.values() for day in days)

    @property
    def removed(self) -> int:
        """How many slots are gone."""
        return sum(len(day.removed) for days in self.days.values() for day in days)

    @property
    def changed(self) -> int:
        """How many slots have other places or another length."""
        return sum(len(day.changed) for days in self.days.values() for day in days)

    @property
    def unchanged(self) -> int:
        """How many slots stay as they are."""
        return sum(day.unchanged for days in self.days.values() for day in days)


def preview(
    session: Session,
    branch: Branch,
    *,
    before: Setups,
    after: Setups,
    days: int,
    rule: SlotRule | None = None,
    calendar: Calendar | None = None,
) -> Preview:
    """Return what changes for these services within so many days, and for all who have booked.

    Conflicts are those of `rule`. `calendar` is the branch's future one, if that changes too.
    Raises MissingHolidaysError.
    """
    zone, now = ZoneInfo(branch.timezone), clock.now()
    today = clock.local_day(now, zone)
    old = calendar_of(session, branch)
    new = calendar or old
    until = clock.day_bounds(today + dt.timedelta(days=days), zone)[0]
    changes, touched = {}, []
    for service_id in sorted({*before, *after}):
        was, becomes = before.get(service_id, Setup()), after.get(service_id, Setup())
        changes[service_id] = compare(
            _slots(was, old, today, zone, now, until), _slots(becomes, new, today, zone, now, until), zone
        )
        booked = booked_ahead(session, branch.id, service_id)
        touched += _left_outside(booked, was, becomes, old, new, today, zone)
    around = [setup for setup in after.values() if rule in setup.rules]
    found = conflicts(around[0], new, today, rule) if around and rule else []
    return Preview(changes, found, sorted(touched, key=lambda row: (row.starts_at, row.id)))


def conflicts(
    setup: Setup, calendar: Calendar, today: dt.date, rule: SlotRule | None = None
) -> list[Conflict]:
    """Return what is odd about the rules, or about one of them and those that it meets."""
    rules = setup.rules
    found = [
        Conflict(
            problem.key,
            rules[problem.first],
            rules[problem.second] if problem.second is not None else None,
            problem.minutes,
        )
        for problem in places.problems(rules, today)
    ]
    found += [
        Conflict(trouble.key, rules[trouble.rule], days=trouble.days)
        for trouble in troubles(rules, setup.exceptions, calendar, today, CHECKED_DAYS)
    ]
    return [conflict for conflict in found if rule is None or rule in (conflict.rule, conflict.other)]


def booked_ahead(session: Session, branch_id: int, service_id: int) -> list[Appointment]:
    """Who has booked a service at a branch from now on, in the order of booking, with their names."""
    wanted = (
        select(Appointment)
        .where(
            Appointment.branch_id == branch_id,
            Appointment.service_id == service_id,
            Appointment.state == "booked",
            Appointment.starts_at > clock.now(),
        )
        .options(joinedload(Appointment.person).joinedload(Person.contact))
        .order_by(Appointment.booked_at, Appointment.id)
    )
    return list(session.scalars(wanted))


def _slots(
    setup: Setup, calendar: Calendar, today: dt.date, zone: ZoneInfo, now: dt.datetime, until: dt.datetime
) -> dict[dt.datetime, PlannedSlot]:
    made = plan(setup, calendar, today, zone)
    return {start: place.slot for start, place in made.items() if now < start < until}


def _left_outside(
    booked: Sequence[Appointment],
    was: Setup,
    becomes: Setup,
    old: Calendar,
    new: Calendar,
    today: dt.date,
    zone: ZoneInfo,
) -> list[Appointment]:
    """Who has a desk now and would have none; the last to have booked goes first where desks are fewer."""
    if not booked:
        return []
    reach = (max(row.starts_at for row in booked).astimezone(zone).date() - today).days + 1

    def outside(setup: Setup, calendar: Calendar) -> set[int]:
        made = plan(setup, calendar, today, zone, days=reach)
        return {row.id for row in places.stranded((place.slot for place in made.values()), booked)}

    lost = outside(becomes, new) - outside(was, old)
    return [row for row in booked if row.id in lost]
