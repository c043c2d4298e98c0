"""Alerts of a hall as rows: begun and ended by the clock, seen by who answers for it."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, Counter
from govdesk.db import reading, transaction, written
from govdesk.queue import limits, thresholds, watched
from govdesk.queue.hall_models import HallAlert
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.pause_models import WrapUp
from govdesk.queue.policy import MINUTE
from govdesk.queue.thresholds import OF_COUNTERS, Changes, Course, Key, Level

KEPT = dt.timedelta(days=90)


def run_watch() -> int:
    """Begin and end the alerts of every hall in which somebody waits or one is open; how many changed.

    What is looked at is read outside a transaction; a branch is written to only where something changes.
    """
    session = reading()
    changing = [
        branch_id
        for branch_id in _watched(session)
        if _look(session, session.get_one(Branch, branch_id))[1] != Changes()
    ]
    session.rollback()
    changed = 0
    for branch_id in changing:
        with transaction(patient=True) as writing:
            changed += watch(writing, branch=writing.get_one(Branch, branch_id))
    return changed


def watch(session: Session, *, branch: Branch) -> int:
    """Begin and end the alerts of one branch as it is now; how many changed.

    1. The row of the branch is locked (for others who would lock it; tickets go on).
    2. The hall is looked at after that, so of two watchers the second finds what the first has written.
    """
    session.refresh(branch, ["code"], with_for_update={"key_share": True})
    found, changes = _look(session, branch)
    for key in changes.begin:
        alert = _new(branch, key, found[key])
        session.add(alert)
        session.flush()
        outbox.emit(session, "alert.began", alert_id=alert.id, branch_id=branch.id, kind=alert.kind)
    for alert in lasting(session, branch.id):
        if _key(alert) in changes.end:
            alert.ended_at = clock.now()
            outbox.emit(session, "alert.ended", alert_id=alert.id, branch_id=branch.id, kind=alert.kind)
    return len(changes.begin) + len(changes.end)


def lasting(session: Session, branch_id: int) -> list[HallAlert]:
    """The open alerts of a branch, the oldest first."""
    query = select(HallAlert).where(HallAlert.branch_id == branch_id, HallAlert.ended_at.is_(None))
    return list(session.scalars(query.order_by(HallAlert.began_at, HallAlert.id)))


def of_today(session: Session, branch: Branch) -> list[HallAlert]:
    """The alerts that began today and are over, the newest first."""
    first, _after = clock.day_bounds(clock.local_day(clock.now(), branch.timezone), branch.timezone)
    query = select(HallAlert).where(
        HallAlert.branch_id == branch.id, HallAlert.began_at >= first, HallAlert.ended_at.is_not(None)
    )
    return list(session.scalars(query.order_by(HallAlert.ended_at.desc(), HallAlert.id.desc())))


def forget_old(session: Session) -> int:
    """Remove alerts that ended long ago; how many."""
    old = delete(HallAlert).where(HallAlert.ended_at < clock.now() - KEPT).returning(HallAlert.id)
    return len(session.execute(old).all())


def _watched(session: Session) -> Collection[int]:
    now = clock.now()
    waited_at = select(Ticket.branch_id).where(Ticket.state == written("waiting"))
    alerted = select(HallAlert.branch_id).where(HallAlert.ended_at.is_(None))
    written_at = (
        select(Counter.branch_id)
        .join(CounterSession, CounterSession.counter_id == Counter.id)
        .join(WrapUp, WrapUp.seat_id == CounterSession.id)
        .where(CounterSession.closed_at.is_(None))
    )
    expected_at = select(Appointment.branch_id).where(
        Appointment.state == written("booked"),
        Appointment.starts_at > now,
        Appointment.starts_at <= now + limits.MOST["soon"] * MINUTE,
    )
    return sorted(session.scalars(waited_at.union(alerted, written_at, expected_at)))


def _look(session: Session, branch: Branch) -> tuple[dict[Key, Level], Changes]:
    found = thresholds.levels(watched.read(session, branch.id))
    return found, thresholds.decide(found, _known(session, branch.id), clock.now())


def _known(session: Session, branch_id: int) -> dict[Key, Course]:
    """The open alerts, and those that ended so lately that they may not begin again yet."""
    lately = HallAlert.ended_at.is_(None) | (HallAlert.ended_at > clock.now() - thresholds.SHORTEST)
    query = select(HallAlert).where(HallAlert.branch_id == branch_id, lately)
    rows = session.scalars(query.order_by(HallAlert.began_at, HallAlert.id))
    return {_key(alert): Course(alert.began_at, alert.ended_at) for alert in rows}


def _key(alert: HallAlert) -> Key:
    return alert.kind, alert.counter_id or alert.service_id or 0


def _new(branch: Branch, key: Key, level: Level) -> HallAlert:
    kind, number = key
    return HallAlert(
        branch_id=branch.id,
        kind=kind,
        service_id=None if kind in OF_COUNTERS else number,
        counter_id=number if kind in OF_COUNTERS else None,
        bound=level.bounds.above,
        began_at=clock.now(),
    )
