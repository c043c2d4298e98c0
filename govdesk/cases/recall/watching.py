"""The clock reminds whoever answers for a recall, and lets it go up when its last day is over."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.actor import SYSTEM
from govdesk.cases.obstacles.places import today_at
from govdesk.cases.recall import rules
from govdesk.cases.recall.models import Recall
from govdesk.cases.recall.steps import note
from govdesk.db import reading, transaction


def run_watch() -> int:
    """Remind of and raise what is due, a transaction for each; how many. A job."""
    near = today_at(None) + dt.timedelta(days=rules.REMINDED_DAYS)
    due = select(Recall.id).where(Recall.ended_at.is_(None), Recall.due_on <= near).order_by(Recall.id)
    waiting = list(reading().scalars(due))
    reading().rollback()
    count = 0
    for recall_id in waiting:
        with transaction(patient=True) as session:
            count += watch(session, recall_id)
    return count


def watch(session: Session, recall_id: int) -> bool:
    """Look at one recall, its row locked; whether its owner was reminded or it went up. Twice is once."""
    recall = session.get_one(Recall, recall_id, with_for_update={"of": Recall})
    today = today_at(None)
    if recall.ended_at is not None:
        return False
    if rules.is_overdue(recall.due_on, today):
        if recall.escalated_at is not None:
            return False
        recall.escalated_at = clock.now()
        note(session, SYSTEM, recall.id, "escalated", what=recall.due_on.isoformat())
        outbox.emit(session, "recall.escalated", recall_id=recall.id, owner_id=recall.owner_id)
        return True
    if not rules.must_remind(recall.due_on, today, recall.reminded_for):
        return False
    recall.reminded_for = recall.due_on
    note(session, SYSTEM, recall.id, "reminded", what=recall.due_on.isoformat())
    outbox.emit(session, "recall.reminded", recall_id=recall.id, owner_id=recall.owner_id)
    return True
