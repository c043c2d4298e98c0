"""What turned out to be none after a task was opened by it: said in the task, and never taken from it."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import SYSTEM
from govdesk.cases.recovery.models import Recovery, RecoveryTrigger
from govdesk.cases.recovery.opening import weigh
from govdesk.cases.recovery.steps import note
from govdesk.people import same

UNDONE = "undone"


def heard(session: Session, kind: str, source: str) -> RecoveryTrigger | None:
    """What was heard of it before, its row locked."""
    known = RecoveryTrigger.kind == kind, RecoveryTrigger.source == source
    return session.scalars(select(RecoveryTrigger).where(*known).with_for_update()).first()


def undo(session: Session, kind: str, source: str) -> None:
    """Note in the task that what opened or joined it was none; said twice is once.

    The task stays open: whether all is well is the person's to say. What is still to be weighed is left to
    be weighed.
    """
    trigger = heard(session, kind, source)
    if trigger is None or trigger.spared is not None or trigger.recovery_id is None:
        return
    trigger.spared = UNDONE
    task = session.get_one(Recovery, trigger.recovery_id, with_for_update=True)
    if task.closed_at is None:
        note(session, task, UNDONE, SYSTEM, what=kind)
    session.flush()


def hear_again(session: Session, kind: str, source: str, *, person_id: int | None, at: dt.datetime) -> None:
    """Place once more what was taken to be none; or what is now somebody else's, with that person.

    What stands as it was heard is left.
    """
    trigger = heard(session, kind, source)
    if trigger is None or trigger.state == "waiting":
        return
    if not _is_whose(session, trigger, person_id):
        undo(session, kind, source)
        trigger.person_id, trigger.spared = person_id, UNDONE
    if trigger.spared == UNDONE:
        trigger.spared, trigger.at = None, at
        weigh(session, trigger)


def _is_whose(session: Session, trigger: RecoveryTrigger, person_id: int | None) -> bool:
    """Whether it is still the same person's, by whatever name."""
    if trigger.person_id is None or person_id is None:
        return trigger.person_id == person_id
    return same.whole(session, trigger.person_id) == same.whole(session, person_id)
