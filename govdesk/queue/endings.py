"""How a ticket ends: concluded with an outcome, missed, left, turned away, or closed at night."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM, Actor
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, Cause
from govdesk.queue import rules, steps
from govdesk.queue.errors import OutcomeError
from govdesk.queue.models import Ticket


def noshow(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Nobody came to the counter."""
    ticket = steps.step(session, "noshow", ticket_id, actor)
    steps.end(session, ticket, "noshow", actor)
    return ticket


def conclude(
    session: Session,
    *,
    actor: Actor,
    ticket_id: int,
    outcome: str,
    cause: str | None = None,
    return_reason: str | None = None,
    plan_reason: str | None = None,
    plan_due: dt.date | None = None,
) -> Ticket:
    """End a service with its outcome.

    OutcomeError when an unmet need lacks its cause, or a planned next step its reason or
    a date from today on.
    """
    ticket = steps.found(session, ticket_id, actor)
    if outcome not in rules.OUTCOMES:
        raise OutcomeError(field="outcome")
    if outcome in {"unresolved", "turned_away"} and not cause:
        raise OutcomeError("queue.cause_missing", field="cause")
    for field, code in (("cause", cause), ("return_reason", return_reason)):
        if code and session.get(Cause, code) is None:
            raise OutcomeError("queue.cause_unknown", field=field)
    if outcome == "planned_next_step":
        branch = session.get_one(Branch, ticket.branch_id)
        if not plan_reason:
            raise OutcomeError("queue.plan_reason_missing", field="plan_reason")
        if plan_due is None or plan_due < clock.local_day(clock.now(), branch.timezone):
            raise OutcomeError("queue.plan_due_past", field="plan_due")
        ticket.plan_reason, ticket.plan_due = plan_reason, plan_due
    steps.advance("turn_away" if outcome == "turned_away" else "conclude", ticket)
    ticket.outcome, ticket.cause, ticket.return_reason = outcome, cause or None, return_reason or None
    ticket.started_at = ticket.started_at or ticket.last_called_at or clock.now()
    steps.end(session, ticket, "concluded", actor, outcome=outcome, cause=cause, return_reason=return_reason)
    _fulfil(session, actor, ticket)
    return ticket


def turn_away(session: Session, *, actor: Actor, ticket_id: int, cause: str) -> Ticket:
    """Send someone home unserved, with the cause: counted as an attended visit that failed."""
    if session.get(Cause, cause) is None:
        raise OutcomeError("queue.cause_unknown", field="cause")
    ticket = steps.step(session, "turn_away", ticket_id, actor)
    ticket.outcome, ticket.cause = "turned_away", cause
    steps.end(session, ticket, "concluded", actor, outcome="turned_away", cause=cause)
    _fulfil(session, actor, ticket)
    return ticket


def abandon(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """The person left before being served; said by themselves or seen by staff."""
    ticket = steps.step(session, "abandon", ticket_id, actor)
    steps.end(session, ticket, "abandoned", actor)
    return ticket


def close_day(session: Session, *, branch: Branch) -> int:
    """Close what is still open from earlier local days as unserved; how many. Never counted as served."""
    today = clock.local_day(clock.now(), branch.timezone)
    query = select(Ticket).where(
        Ticket.branch_id == branch.id, Ticket.state.in_(rules.LIVE), Ticket.day < today
    )
    left = session.scalars(query.order_by(Ticket.id)).all()
    for ticket in left:
        ticket.state = "closed_unserved"
        steps.end(session, ticket, "closed", SYSTEM)
    return len(left)


def _fulfil(session: Session, actor: Actor, ticket: Ticket) -> None:
    if ticket.appointment_id is not None:
        appointment = session.get_one(Appointment, ticket.appointment_id)
        if appointment.state == "arrived":
            booking.fulfil(session, actor=actor, appointment=appointment)
