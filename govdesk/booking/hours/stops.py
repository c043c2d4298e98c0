"""Stop joining: who supervises a hall takes nobody else in for a while, and lets people in again."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.booking.hours.models import JoinStop
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch, BranchService
from govdesk.errors import DeskError, NotAllowedError, NotFoundError

STOPPERS = ("supervisor", "admin")


def stop_joining(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    service_id: int | None,
    reason: Name,
    until: dt.datetime,
) -> JoinStop:
    """Give no ticket until then, in a branch or for one of its services; who waits or has booked is served.

    NotAllowedError; DeskError beside `reason_ar`, `until` or `scope`.
    """
    if not actor.may(*STOPPERS, branch_id=branch.id):
        raise NotAllowedError
    if not (reason.ar and reason.en):
        raise DeskError("errors.required", field="reason_en" if reason.ar else "reason_ar", status=422)
    now = clock.now()
    if not now < until <= clock.day_bounds(clock.local_day(now, branch.timezone), branch.timezone)[1]:
        raise DeskError("queue.stop_until", field="until", status=422)
    if service_id is not None and session.get(BranchService, (branch.id, service_id)) is None:
        raise DeskError("errors.choose_known", field="scope", status=422)
    stop = JoinStop(
        branch_id=branch.id, service_id=service_id, reason_ar=reason.ar, reason_en=reason.en,
        stopped_at=now, until=until,
    )  # fmt: skip
    session.add(stop)
    session.flush()
    audit.record(
        session, actor=actor, action="joining.stopped", subject=f"branch:{branch.id}", stop=stop.id,
        service=service_id, until=until, reason=reason.en,
    )  # fmt: skip
    return stop


def lift(session: Session, *, actor: Actor, branch: Branch, stop_id: int) -> None:
    """Give tickets again before the time; lifting twice is lifting once."""
    if not actor.may(*STOPPERS, branch_id=branch.id):
        raise NotAllowedError
    stop = session.get(JoinStop, stop_id, with_for_update=True)
    if stop is None or stop.branch_id != branch.id:
        raise NotFoundError
    if stop.lifted_at is None:
        stop.lifted_at = clock.now()
        subject = f"branch:{branch.id}"
        audit.record(session, actor=actor, action="joining.resumed", subject=subject, stop=stop.id)


def in_force(session: Session, branch_id: int) -> list[JoinStop]:
    """What is stopped in a branch now, the longest first."""
    now = clock.now()
    query = select(JoinStop).where(
        JoinStop.branch_id == branch_id,
        JoinStop.lifted_at.is_(None),
        JoinStop.stopped_at <= now,
        JoinStop.until > now,
    )
    return list(session.scalars(query.order_by(JoinStop.until.desc(), JoinStop.id)))


def stop_of(session: Session, branch_id: int, service_id: int | None) -> JoinStop | None:
    """The longest stop of a branch, or with a service of this one too; None where people may join."""
    own = (stop for stop in in_force(session, branch_id) if stop.service_id in (None, service_id))
    return next(own, None)
