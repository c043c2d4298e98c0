"""What the clock does to bookings: holds run out, appointments are missed, slots are made ahead."""

import datetime as dt
from collections import Counter

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM
from govdesk.booking import rebooking, slots
from govdesk.booking.models import Appointment, AppointmentSlot
from govdesk.booking.schedule import making
from govdesk.booking.service import LATEST
from govdesk.catalog import ways
from govdesk.catalog.rules import MissingHolidaysError
from govdesk.db import reading, transaction
from govdesk.errors import DeskError

_KEPT = dt.timedelta(days=1)


def expire_holds(session: Session) -> int:
    """Give back the places of holds that ran out; how many. Forget holds that ran out more than a day ago.

    One UPDATE picks them by their state, so a hold that is being confirmed at this moment is either confirmed
    or swept, never both. Emits `place.freed` for each service, so that who waits for it is asked at once.
    """
    now = clock.now()
    swept = session.execute(
        update(Appointment)
        .where(Appointment.state == "held", Appointment.held_until <= now)
        .values(state="cancelled", cancelled_at=now)
        .returning(Appointment.id, Appointment.slot_id, Appointment.service_id)
        .execution_options(synchronize_session=False)
    ).all()
    further = session.execute(
        delete(AppointmentSlot)
        .where(AppointmentSlot.appointment_id.in_([row.id for row in swept]))
        .returning(AppointmentSlot.slot_id)
        .execution_options(synchronize_session=False)
    ).scalars()
    slots.give_back_all(session, Counter([*(row.slot_id for row in swept), *further]))
    gone = session.execute(
        delete(Appointment)
        .where(Appointment.state == "cancelled", Appointment.booked_at.is_(None))
        .where(Appointment.held_until < now - _KEPT)
        .returning(Appointment.id)
        .execution_options(synchronize_session=False)
    ).scalars()
    ways.drop(session, [f"appointment:{appointment_id}" for appointment_id in gone])
    for service_id in sorted({row.service_id for row in swept}):
        outbox.emit(session, "place.freed", service_id=service_id)
    return len(swept)


def note_missed(session: Session) -> int:
    """Note who did not come: nobody two hours after the end; how many. Emits `appointment.missed`.

    From then on the person can book again. One UPDATE picks them by their state, so an appointment that is
    checked in at this moment has either arrived or been missed.
    """
    ids = session.execute(
        update(Appointment)
        .where(Appointment.state == "booked", Appointment.ends_at <= clock.now() - LATEST)
        .where(~rebooking.is_without_place())
        .values(state="noshow", home_address=None)
        .returning(Appointment.id)
        .execution_options(synchronize_session=False)
    ).scalars()
    missed = sorted(ids)
    for appointment_id in missed:
        subject = f"appointment:{appointment_id}"
        audit.record(session, actor=SYSTEM, action="appointment.missed", subject=subject)
        outbox.emit(session, "appointment.missed", appointment_id=appointment_id)
    return len(missed)


def run_make_slots() -> str:
    """The job: make the slots of every branch and service, one short transaction each.

    What cannot be made (holidays of a year unknown, a rule without sense) keeps no other from being made;
    the job then fails with the first reason.
    """
    todo, changed, problems = making.pairs(reading()), 0, []
    for branch_id, service_id in todo:
        try:
            with transaction() as session:
                changed += making.make_slots(session, branch_id=branch_id, service_id=service_id)
        except (DeskError, MissingHolidaysError) as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
    return f"{changed} slots made or changed for {len(todo)} services at their branches"


def run_expire_holds() -> int:
    """The job: holds that ran out."""
    with transaction() as session:
        return expire_holds(session)


def run_note_missed() -> int:
    """The job: appointments to which nobody came, or for which we had no place any more."""
    with transaction() as session:
        return rebooking.cancel_unplaced(session) + note_missed(session)
