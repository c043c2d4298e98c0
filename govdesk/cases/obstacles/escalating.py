"""Overdue obstacles go up, rung by rung, while somebody is there to read it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM
from govdesk.cases.obstacles import owners, rules
from govdesk.cases.obstacles.models import Obstacle, ObstacleEvent
from govdesk.cases.obstacles.places import calendar, today_at, working_days
from govdesk.db import reading, transaction


def run_escalate() -> int:
    """Tell the next above of every obstacle that stays overdue; how many. A job."""
    found = [one.id for one in _overdue(reading())]
    reading().rollback()
    count = 0
    for obstacle_id in found:
        with transaction(patient=True) as session:
            count += escalate(session, obstacle_id)
    return count


def escalate(session: Session, obstacle_id: int) -> bool:
    """Let one obstacle rise, if it must now and its branch is open; whether it rose.

    1. Its row is locked, then its date is looked at.
    2. Of two that do this at once, the second finds it told today already.
    """
    obstacle = session.get_one(Obstacle, obstacle_id, with_for_update={"of": Obstacle})
    if not _must_rise(session, obstacle):
        return False
    rungs = owners.rungs(session, branch_id=obstacle.branch_id, department_id=obstacle.department_id)
    above = rules.next_above(rungs, obstacle.escalated_to_id or obstacle.assigned_to_id)
    obstacle.escalated_on = today_at(obstacle.branch)
    if above is None:
        return False
    obstacle.escalated_to_id = above
    session.add(
        ObstacleEvent(
            obstacle_id=obstacle.id, at=clock.now(), kind="escalated", staff_id=None, words="",
            detail={"to": above},
        )
    )  # fmt: skip
    subject = f"obstacle:{obstacle.id}"
    audit.record(session, actor=SYSTEM, action="obstacle.escalated", subject=subject, to=above)
    outbox.emit(session, "obstacle.escalated", obstacle_id=obstacle.id, to=above)
    return True


def _overdue(session: Session) -> list[Obstacle]:
    rows = session.scalars(select(Obstacle).where(Obstacle.state == "open").order_by(Obstacle.id))
    return [one for one in rows if _must_rise(session, one)]


def _must_rise(session: Session, obstacle: Obstacle) -> bool:
    today = today_at(obstacle.branch)
    if not rules.is_overdue(obstacle.state, obstacle.due_on, today):
        return False
    hours = calendar(session, obstacle.branch)
    return (hours is None or hours.is_open(clock.now())) and rules.must_rise(
        due=obstacle.due_on,
        escalated_on=obstacle.escalated_on,
        today=today,
        is_open=working_days(session, obstacle.branch),
    )
