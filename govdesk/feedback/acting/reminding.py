"""The clock reminds whoever answers for a change, once, some days before its last day."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import outbox
from govdesk.actor import SYSTEM
from govdesk.cases.obstacles.places import today_at
from govdesk.db import reading, transaction
from govdesk.feedback.acting import changes, rules
from govdesk.feedback.acting.models import Change, ChangeStep


def run_remind() -> int:
    """Remind of every change whose last day is near; how many. A job."""
    found = _due(reading())
    reading().rollback()
    count = 0
    for change_id in found:
        with transaction(patient=True) as session:
            count += remind(session, change_id)
    return count


def remind(session: Session, change_id: int) -> bool:
    """Remind of one change, unless it was done or reminded of meanwhile; whether it was reminded of.

    A day that was moved, or another owner, is reminded of anew.
    """
    change = session.get_one(Change, change_id, with_for_update={"of": Change})
    if change.done_on is not None or _is_told(session, change):
        return False
    changes.note(session, SYSTEM, change, "reminded", owner=change.owner_id, due_on=change.due_on.isoformat())
    outbox.emit(session, "change.reminded", **changes.about(change))
    return True


def _due(session: Session) -> list[int]:
    near = today_at(None) + dt.timedelta(days=rules.REMINDED_DAYS)
    open_ones = select(Change).where(Change.done_on.is_(None), Change.due_on <= near).order_by(Change.id)
    return [one.id for one in session.scalars(open_ones).unique() if not _is_told(session, one)]


def _is_told(session: Session, change: Change) -> bool:
    told = select(ChangeStep).where(ChangeStep.change_id == change.id, ChangeStep.kind == "reminded")
    wanted = {"owner": change.owner_id, "due_on": change.due_on.isoformat()}
    return any(step.detail == wanted for step in session.scalars(told))
