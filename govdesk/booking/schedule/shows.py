"""How many of those who book come, from the office's own past; and how far schedules may be overbooked."""

import datetime as dt
from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import SYSTEM
from govdesk.booking.models import Appointment, SlotSchedule
from govdesk.booking.past_models import PastAppointment
from govdesk.booking.schedule import overbooking
from govdesk.db import reading, transaction

PAST = dt.timedelta(days=180)
CAME = ("arrived", "fulfilled")


def show_rate(session: Session, branch_id: int, service_id: int) -> float:
    """The careful share of those who come, of the last half year; 1 where nothing is known."""
    now = clock.now()
    counted = (
        select(Appointment.state, func.count())
        .where(Appointment.branch_id == branch_id, Appointment.service_id == service_id)
        .where(Appointment.starts_at >= now - PAST, Appointment.ends_at <= now)
        .where(Appointment.state.in_((*CAME, "noshow")))
        .group_by(Appointment.state)
    )
    elsewhere = (
        select(PastAppointment.status, func.count())
        .where(PastAppointment.branch_id == branch_id, PastAppointment.service_id == service_id)
        .where(PastAppointment.starts_at.between(now - PAST, now))
        .where(PastAppointment.status.in_(("fulfilled", "noshow")))
        .group_by(PastAppointment.status)
    )
    by_state = Counter({row.state: row[1] for row in session.execute(counted)})
    by_state.update({row.status: row[1] for row in session.execute(elsewhere)})
    came = sum(by_state[state] for state in CAME)
    return overbooking.show_rate(came, came + by_state["noshow"])


def set_extra(session: Session, schedule: SlotSchedule) -> bool:
    """Set how many more than its places a schedule lets book; whether that changed.

    None where it may not overbook. Places kept for walk-ins or staff are no part of the pool.
    """
    pool = schedule.capacity - schedule.kept_walkins - schedule.kept_staff
    extra = 0
    if schedule.may_overbook:
        share = show_rate(session, schedule.branch_id, schedule.service_id)
        extra = overbooking.allowed(pool, share) - pool
    if extra == schedule.extra:
        return False
    subject = f"branch:{schedule.branch_id}"
    audit.record(
        session,
        actor=SYSTEM,
        action="schedule.overbooked",
        subject=subject,
        schedule=schedule.id,
        extra=extra,
    )
    schedule.extra = extra
    session.flush()
    return True


def run_set_extra() -> str:
    """The job: once a day the past says how many more may be booked; the slots follow with their own job."""
    touched = SlotSchedule.may_overbook.is_(True) | (SlotSchedule.extra > 0)
    ids = sorted(reading().scalars(select(SlotSchedule.id).where(touched)))
    changed = 0
    for schedule_id in ids:
        with transaction() as session:
            changed += set_extra(session, session.get_one(SlotSchedule, schedule_id))
    return f"{changed} of {len(ids)} schedules changed"
