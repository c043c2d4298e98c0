"""Silent alarms of staff: one press, seen on every floor page of the branch, answered by who goes."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch
from govdesk.errors import NotAllowedError
from govdesk.queue import counters
from govdesk.queue.hall_models import StaffAlarm

RAISERS = ("officer", "reception", "supervisor", "admin")
LISTED = dt.timedelta(days=90)


def call_help(session: Session, *, actor: Actor, branch: Branch) -> StaffAlarm:
    """Call for help from where one sits: one's counter there, else reception. NotAllowedError elsewhere.

    While an alarm of the same person is open, pressing again is the same alarm.
    """
    if actor.kind != "staff" or not actor.may(*RAISERS, branch_id=branch.id):
        raise NotAllowedError
    own = StaffAlarm.raised_by == int(actor.id), StaffAlarm.acknowledged_at.is_(None)
    already = session.scalars(select(StaffAlarm).where(StaffAlarm.branch_id == branch.id, *own)).first()
    if already is not None:
        return already
    seat = counters.seat_of(session, actor)
    is_here = seat is not None and seat.counter.branch_id == branch.id
    alarm = StaffAlarm(
        branch_id=branch.id,
        counter_id=seat.counter_id if seat is not None and is_here else None,
        raised_at=clock.now(),
        raised_by=int(actor.id),
    )
    session.add(alarm)
    session.flush()
    subject = f"branch:{branch.id}"
    audit.record(
        session, actor=actor, action="alarm.raised", subject=subject, alarm=alarm.id, counter=alarm.counter_id
    )
    return alarm


def calling(session: Session, branch_id: int) -> list[StaffAlarm]:
    """The alarms to which nobody goes yet, the oldest first."""
    query = select(StaffAlarm).where(StaffAlarm.branch_id == branch_id, StaffAlarm.acknowledged_at.is_(None))
    return list(session.scalars(query.order_by(StaffAlarm.raised_at, StaffAlarm.id)))


def lately(session: Session, branch_id: int) -> list[StaffAlarm]:
    """The alarms of the last three months, the newest first."""
    query = select(StaffAlarm).where(
        StaffAlarm.branch_id == branch_id, StaffAlarm.raised_at > clock.now() - LISTED
    )
    return list(session.scalars(query.order_by(StaffAlarm.raised_at.desc(), StaffAlarm.id.desc())))
