"""The demo city's closures: a water leak in the past, and an evening without power today."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.booking import rebooking
from govdesk.booking.models import Appointment
from govdesk.booking.schedule import timetable
from govdesk.booking.schedule.models import ScheduleException
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.demo.errands import Errand

Booked = dict[tuple[str, dt.date], list[tuple[int, Errand]]]


@dataclass(frozen=True, slots=True)
class Closure:
    """So many days before the present it is declared at a branch, for some days or for some hours."""

    branch: str
    declared_ago: int
    starts_after: int
    days: int
    reason: Name
    hours: tuple[dt.time, dt.time] | None = None


CLOSURES = (
    Closure("harbour", 5, 1, 2, Name("تسرّب مياه في الصالة", "Water leak in the hall")),
    Closure(
        "nakheel", 0, 0, 1, Name("انقطاع الكهرباء مساءً", "No power this evening"), (dt.time(16), dt.time(20))
    ),
)


def close(session: Session, branch: Branch, day: dt.date, *, ago: int, booked: Booked) -> None:
    """Declare the closures of a day at a branch, find other places, and let people come to those."""
    for closure in CLOSURES:
        if (closure.branch, closure.declared_ago) == (branch.code, ago):
            with clock.at(clock.day_bounds(day, branch.timezone)[0] + dt.timedelta(hours=6, minutes=30)):
                _declare(session, branch, day + dt.timedelta(days=closure.starts_after), closure)
            _follow(session, branch, booked)


def _declare(session: Session, branch: Branch, first_on: dt.date, closure: Closure) -> None:
    starts, ends = closure.hours or (None, None)
    shut = ScheduleException(
        branch_id=branch.id, kind="shut", first_on=first_on,
        last_on=first_on + dt.timedelta(days=closure.days - 1), starts=starts, ends=ends,
        name_ar=closure.reason.ar, name_en=closure.reason.en,
    )  # fmt: skip
    services = timetable.touched_services(branch, shut)
    touched = timetable.look(session, branch, services, exception=shut).touched
    timetable.save_exception(session, actor=SYSTEM, branch=branch, exception=shut)
    made = rebooking.rebook(session, actor=SYSTEM, appointments=touched, reason=closure.reason)
    for row in [row for row in made if row.needs_call and row.moved_to][1::2]:
        rebooking.settle(session, actor=SYSTEM, displacement=row)


def _follow(session: Session, branch: Branch, booked: Booked) -> None:
    """Write down again on which day each appointment is."""
    for code, day in [key for key in booked if key[0] == branch.code]:
        for entry in booked.pop((code, day)):
            starts_at = session.get_one(Appointment, entry[0]).starts_at
            booked[code, clock.local_day(starts_at, branch.timezone)].append(entry)
