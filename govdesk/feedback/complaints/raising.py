"""Complaints whose deadline is near or over go up, while somebody of the unit is there to read it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch
from govdesk.catalog.rules import Calendar
from govdesk.catalog.service import calendar_of
from govdesk.db import reading, transaction
from govdesk.feedback.complaints import instances, rules
from govdesk.feedback.complaints.models import Complaint, ComplaintRound
from govdesk.feedback.complaints.service import note

Calendars = dict[int, Calendar]
SAID = {rules.NEAR: "warned", rules.LATE: "escalated"}


def run_raise() -> int:
    """The job: a transaction for each complaint that has something to tell; how many deadlines were told."""
    session, calendars = reading(), Calendars()
    found = [one.id for one in _open(session) if _climbed(session, one, calendars)]
    session.rollback()
    count = 0
    for complaint_id in found:
        with transaction(patient=True) as writing:
            complaint = writing.get(Complaint, complaint_id, with_for_update={"of": Complaint})
            count += 0 if complaint is None else raise_late(writing, complaint, calendars)
    return count


def raise_late(session: Session, complaint: Complaint, calendars: Calendars | None = None) -> int:
    """Tell of each deadline of a complaint that has come nearer or passed, once; how many were told.

    The row is locked by who calls, so that a second run, or an answer at the same moment, finds it done.
    """
    climbed = _climbed(session, complaint, {} if calendars is None else calendars)
    row, role = complaint.round, instances.at(session, complaint.level).role
    for deadline, rung in climbed.items():
        setattr(row, f"{deadline}_rung", rung)
        row.raised_to, row.raised_at = rules.told(role, rung), clock.now()
        note(session, complaint, SAID[rung], SYSTEM, what=deadline)
        outbox.emit(
            session, "complaint.escalated" if rung == rules.LATE else "complaint.warned",
            complaint_id=complaint.id, deadline=deadline, to=row.raised_to,
        )  # fmt: skip
    session.flush()
    return len(climbed)


def _climbed(session: Session, complaint: Complaint, calendars: Calendars) -> dict[str, int]:
    """The rung of each deadline that has come further than was told; none while the unit is closed."""
    calendar, now, row = _calendar(session, complaint.branch_id, calendars), clock.now(), complaint.round
    if not calendar.is_open(now) and calendar.next_opening(now) is not None:
        return {}
    rungs = {
        deadline: rules.rung(
            calendar, begun_at=row.begun_at, due_at=getattr(row, f"{deadline}_due_at"), now=now
        )
        for deadline in rules.still_due(complaint.state)
    }
    return {one: rung for one, rung in rungs.items() if rung > getattr(row, f"{one}_rung")}


def _open(session: Session) -> list[Complaint]:
    """The open complaints of which not all is told yet."""
    present = (ComplaintRound.complaint_id == Complaint.id) & (ComplaintRound.level == Complaint.level)
    query = select(Complaint).join(ComplaintRound, present)
    query = query.where(Complaint.state.in_(rules.OPEN), ComplaintRound.answer_rung < rules.LATE)
    return list(session.scalars(query.order_by(ComplaintRound.answer_due_at, Complaint.id)))


def _calendar(session: Session, branch_id: int, known: Calendars) -> Calendar:
    if branch_id not in known:
        known[branch_id] = calendar_of(session, session.get_one(Branch, branch_id), is_strict=False)
    return known[branch_id]
