"""How a ticket ends: concluded with an outcome, missed, left, turned away, or closed at night."""

import datetime as dt

from sqlalchemy import bindparam, false, func, select, update
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.catalog.entries import PLAN_REASONS
from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.db import connection_of, table_of, written
from govdesk.errors import NotAllowedError
from govdesk.prepared import Prepared
from govdesk.queue import counters, rules, steps
from govdesk.queue.errors import OutcomeError, TooEarlyError, WrongStepError
from govdesk.queue.finding import refuse_other_hands
from govdesk.queue.models import Ticket

_tickets = table_of(Ticket)
_now = bindparam("now", type_=_tickets.c.ended_at.type)
_CONCLUDE = {  # made once: a conclusion runs while every other writer waits
    verb: Prepared(
        update(_tickets)
        .where(
            _tickets.c.id == bindparam("of_ticket"),
            _tickets.c.state.in_([written(state) for state in sorted(rules.STEPS[verb][0])]),
        )
        .values(
            state=rules.STEPS[verb][1],
            ended_at=_now,
            started_at=func.coalesce(_tickets.c.started_at, _tickets.c.last_called_at, _now),
            **{
                name: bindparam(name, type_=_tickets.c[name].type)
                for name in ("outcome", "cause", "return_reason", "plan_reason", "plan_due")
            },
        )
        .returning(
            _tickets.c.branch_id,
            _tickets.c.counter_id,
            _tickets.c.staff_id,
            _tickets.c.appointment_id,
            _tickets.c.person_id,
        )
    )
    for verb in ("conclude", "turn_away")
}


def noshow(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Nobody came to the counter. TooEarlyError before they were called as often as the branch wants."""
    ticket = steps.step(session, "noshow", ticket_id, actor)
    wanted = session.get_one(Branch, ticket.branch_id).calls_before_noshow
    if left := rules.calls_left(ticket.call_count, wanted):
        raise TooEarlyError(left=left)
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
) -> int | None:
    """End a service with its outcome: one conditional UPDATE, so that of two presses one finds it done.

    Gives whose matter it was; None where nobody is named.

    OutcomeError when an unmet need lacks its cause, or a planned next step a known reason or a date to come;
    WrongStepError when the ticket is not at a counter; TicketNotFoundError; NotAllowedError when it is
    another branch's, or in another officer's hands (a supervisor may).
    """
    _want(session, outcome, cause, return_reason)
    if outcome == "planned_next_step":
        _want_plan(session, ticket_id, plan_reason, plan_due)
    is_planned = outcome == "planned_next_step"
    verb = "turn_away" if outcome == "turned_away" else "conclude"
    given = {
        "of_ticket": ticket_id,
        "now": clock.now(),
        "outcome": outcome,
        "cause": cause or None,
        "return_reason": return_reason or None,
        "plan_reason": plan_reason if is_planned else None,
        "plan_due": plan_due if is_planned else None,
    }
    session.flush()
    ended = _CONCLUDE[verb].first(connection_of(session), given)
    if ended is None:
        raise WrongStepError(state=steps.found(session, ticket_id, actor).state)
    if actor.kind == "staff" and not actor.may(*steps.AT_WORK, branch_id=ended.branch_id):
        raise NotAllowedError
    refuse_other_hands(ended.staff_id, actor)
    steps.forget(session, ticket_id)
    told = {"outcome": outcome, "cause": cause, "return_reason": return_reason}
    detail = {name: value for name, value in told.items() if value}
    steps.write(session, ticket_id, ended.counter_id, "concluded", actor, **detail)
    outbox.emit(session, "ticket.ended", ticket_id=ticket_id)
    _fulfil(session, actor, ended.appointment_id)
    person_id: int | None = ended.person_id
    return person_id


def _want(session: Session, outcome: str, cause: str | None, return_reason: str | None) -> None:
    if outcome not in rules.OUTCOMES:
        raise OutcomeError(field="outcome")
    if outcome in {"unresolved", "turned_away"} and not cause:
        raise OutcomeError("queue.cause_missing", field="cause")
    for field, code in (("cause", cause), ("return_reason", return_reason)):
        if code and session.get(Cause, code) is None:
            raise OutcomeError("queue.cause_unknown", field=field)


def _want_plan(session: Session, ticket_id: int, reason: str | None, due: dt.date | None) -> None:
    if not reason:
        raise OutcomeError("queue.plan_reason_missing", field="plan_reason")
    of_ticket = select(PublicService).join(Ticket, Ticket.service_id == PublicService.id)
    service = session.scalars(of_ticket.where(Ticket.id == ticket_id)).one_or_none()
    if service is not None and reason not in {*service.policy.allowed_reasons, *PLAN_REASONS}:
        raise OutcomeError("queue.plan_reason_unknown", field="plan_reason")
    zone = session.scalar(select(Branch.timezone).join(Ticket).where(Ticket.id == ticket_id))
    if due is None or (zone is not None and due < clock.local_day(clock.now(), zone)):
        raise OutcomeError("queue.plan_due_past", field="plan_due")


def turn_away(session: Session, *, actor: Actor, ticket_id: int, cause: str) -> Ticket:
    """Send someone home unserved, with the cause: counted as an attended visit that failed."""
    if session.get(Cause, cause) is None:
        raise OutcomeError("queue.cause_unknown", field="cause")
    ticket = steps.step(session, "turn_away", ticket_id, actor)
    ticket.outcome, ticket.cause = "turned_away", cause
    steps.end(session, ticket, "concluded", actor, outcome="turned_away", cause=cause)
    _fulfil(session, actor, ticket.appointment_id)
    return ticket


def abandon(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """The person left before being served; said by themselves or seen by staff."""
    ticket = steps.step(session, "abandon", ticket_id, actor)
    steps.end(session, ticket, "abandoned", actor)
    outbox.emit(session, "ticket.unserved", ticket_id=ticket.id)
    return ticket


def close_day(session: Session, *, branch: Branch) -> int:
    """Close what is still open from earlier local days, tickets as unserved, and seats; how many tickets.

    Who was called or begun with in the last half hour is being served past midnight: that one is left for a
    later run. A run that finds nothing changes nothing, and one after a standstill closes all days before.
    """
    today = clock.local_day(clock.now(), branch.timezone)
    since = clock.now() - counters.JUST_NOW
    in_hand = Ticket.state.in_(("called", "serving")) & (
        func.coalesce(Ticket.last_called_at > since, false())
        | func.coalesce(Ticket.started_at > since, false())
    )
    query = select(Ticket).where(
        Ticket.branch_id == branch.id, Ticket.state.in_(rules.LIVE), Ticket.day < today, ~in_hand
    )
    query = query.with_for_update(of=Ticket)  # whoever concludes one at this moment comes before or after
    left = session.scalars(query.order_by(Ticket.id)).all()
    for ticket in left:
        ticket.state = "closed_unserved"
        steps.end(session, ticket, "closed", SYSTEM)
        outbox.emit(session, "ticket.unserved", ticket_id=ticket.id)
    session.flush()
    counters.close_left(session, branch=branch)
    return len(left)


def _fulfil(session: Session, actor: Actor, appointment_id: int | None) -> None:
    if appointment_id is not None:
        appointment = session.get_one(Appointment, appointment_id)
        if appointment.state == "arrived":
            booking.fulfil(session, actor=actor, appointment=appointment)
