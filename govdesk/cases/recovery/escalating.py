"""Who is overdue goes up: to the supervisor, then to the head; in the unit's working hours only."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.actor import SYSTEM
from govdesk.cases.recovery import rules
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.recovery.steps import note
from govdesk.catalog.models import Branch
from govdesk.catalog.rules import Calendar
from govdesk.catalog.service import calendar_of
from govdesk.db import reading, transaction


def run_escalate() -> int:
    """The job: a transaction for each task that goes up; how many."""
    session = reading()
    late = [task.id for task in _late(session)]
    session.rollback()
    count = 0
    calendars: dict[int, Calendar] = {}
    for recovery_id in late:
        with transaction(patient=True) as writing:
            task = writing.get(Recovery, recovery_id, with_for_update=True)
            if task is not None and task.closed_at is None:
                count += escalate(writing, task, calendars)
    return count


def escalate(session: Session, task: Recovery, calendars: dict[int, Calendar] | None = None) -> bool:
    """Let a task that is overdue go up a level, if it is time; whether it went.

    At night and on holidays nobody is there who could step in, and no working time passes.
    """
    known = {} if calendars is None else calendars
    if task.branch_id not in known:
        branch = session.get_one(Branch, task.branch_id)
        known[task.branch_id] = calendar_of(session, branch, is_strict=False)
    calendar, now = known[task.branch_id], clock.now()
    if not calendar.is_open(now):
        return False
    to = rules.escalated_to(calendar.open_time(task.due_at, now))
    if to is None or task.escalated_to in {to, "head"}:
        return False
    task.escalated_to, task.escalated_at = to, now
    note(session, task, "escalated", SYSTEM, what=to)
    outbox.emit(session, "recovery.escalated", recovery_id=task.id, to=to)
    return True


def _late(session: Session) -> list[Recovery]:
    late = Recovery.closed_at.is_(None), Recovery.due_at < clock.now()
    not_above = Recovery.escalated_to.is_(None) | (Recovery.escalated_to != "head")
    return list(
        session.scalars(select(Recovery).where(*late, not_above).order_by(Recovery.due_at, Recovery.id))
    )
