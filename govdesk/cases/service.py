"""What becomes of tickets: visits, their planned next steps, and what the counter should know."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.cases import failures, links, steps
from govdesk.cases.classifying import UNCLASSIFIED, reclassify
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import NextStep, Visit
from govdesk.cases.past import Past, history
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.cases.recall import coming
from govdesk.cases.records import in_parts, together
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.queue import rules
from govdesk.queue.models import Ticket, TicketEvent
from govdesk.queue.reasons import missing_of

__all__ = [
    "Past",
    "forget_missed",
    "history",
    "judge_again",
    "reclassify",
    "reclassify_all",
    "record_missed",
    "record_ticket",
    "record_tickets",
]

STATUS_OF = {
    "served": "served",
    "turned_away": "turned_away",
    "noshow": "no_show",
    "abandoned": "abandoned",
    "transferred": "served",
    "closed_unserved": "closed_unserved",
}
OUTCOME_OF = {"turned_away": "unresolved", "abandoned": "left"}


def record_ticket(session: Session, payload: dict[str, Any]) -> None:
    """Hear `ticket.ended`: make or update the visit of the ticket, write its planned step, judge anew."""
    record_tickets(session, [payload])


def record_tickets(session: Session, payloads: Iterable[dict[str, Any]]) -> None:
    """Hear of many tickets that ended, in their order, and judge their people anew once."""
    people: set[int] = set()
    visits: list[int] = []
    for payload in payloads:
        _record(session, payload["ticket_id"], people, visits)
    if visits:
        reclassify(session, sorted(people), visits)
        failures.tell(session, visits)


def _record(session: Session, ticket_id: int, people: set[int], visits: list[int]) -> None:
    """Write the visit of one ticket; whom to judge anew is added to `people` and `visits`.

    Reads the ticket as it is now, so that hearing twice, late or out of order gives the same: the visit of
    a ticket that was taken back meanwhile is written when it ends again. A stage that was passed on before
    anyone served it is no visit; the next stage begins with its arrival.
    """
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.ended_at is None or ticket.state not in STATUS_OF or _was_passed_on(ticket):
        return
    visit = _visit(session, str(ticket.id))
    people |= {person for person in (visit.person_id, ticket.person_id) if person is not None}
    branch = session.get_one(Branch, ticket.branch_id)
    service = session.get_one(PublicService, ticket.service_id)
    _tell(session, visit, ticket, branch, service)
    steps.attach(session, visit)
    is_told_again = visit in session
    session.add(visit)
    session.flush()
    if is_told_again:
        steps.drop_undone(session, visit)
    if ticket.outcome == "planned_next_step" and ticket.plan_due is not None and ticket.plan_reason:
        steps.write_down(session, visit, due=ticket.plan_due, reason=ticket.plan_reason)
    visits.append(visit.id)


def record_missed(session: Session, payload: dict[str, Any]) -> None:
    """Hear `appointment.missed`: make the visit that did not happen, at the minute it was for."""
    appointment = session.get(Appointment, payload["appointment_id"])
    if appointment is None or appointment.state != "noshow":
        return
    visit = _visit(session, f"appointment-{appointment.id}")
    branch, service = appointment.branch, appointment.service
    day = clock.local_day(appointment.starts_at, branch.timezone)
    if not links.is_by_hand(visit, links.PERSON):
        links.point(session, visit, appointment.person_id)
    visit.service_id, visit.branch_id = service.id, branch.id
    visit.family, visit.object_ref, visit.unit = (
        service.family,
        appointment.object_ref,
        _unit(branch, service),
    )
    visit.channel, visit.language, visit.status, visit.direction = (
        "appointment",
        appointment.language,
        "no_show",
        "inbound",
    )
    visit.appointment_at = visit.started_at = visit.ended_at = appointment.starts_at
    visit.started_on = visit.ended_on = day
    session.add(visit)
    session.flush()
    reclassify(session, [person for person in (visit.person_id,) if person is not None], [visit.id])


def forget_missed(session: Session, payload: dict[str, Any]) -> None:
    """Hear `ticket.taken_back`: remove the visit of an end that was none, and judge anew what hung on it.

    A next step planned at that end goes with it. Reads the ticket as it is now: of one that has ended since,
    the visit is told by its end.
    """
    ticket = session.get(Ticket, payload["ticket_id"])
    if ticket is None or ticket.state not in rules.LIVE:
        return
    visit = _visit(session, str(ticket.id))
    if visit not in session:  # it was never told
        return
    people = set() if visit.person_id is None else {visit.person_id}
    others = together(session, people, [visit.id])
    others.pop(visit.id)
    people |= {row.person_id for row in others.values() if row.person_id is not None}
    session.execute(delete(NextStep).where(NextStep.visit_id == visit.id))
    session.delete(visit)
    session.flush()
    reclassify(session, people, others)


def judge_again(session: Session, payload: dict[str, Any]) -> None:
    """Hear `service.repeat_changed`: judge everybody anew who ever came for the service."""
    people = select(Visit.person_id).where(Visit.service_id == payload["service_id"]).distinct()
    for some in in_parts(person for person in session.scalars(people).all() if person is not None):
        reclassify(session, some)


def _visit(session: Session, number: str) -> Visit:
    known = session.scalars(select(Visit).where(Visit.source == LIVE, Visit.visit_no == number)).one_or_none()
    return known or Visit(source=LIVE, visit_no=number, class_name=UNCLASSIFIED)


def _tell(session: Session, visit: Visit, ticket: Ticket, branch: Branch, service: PublicService) -> None:
    """Write into a visit what its ticket tells; `arrived_at` is that of the first stage nobody served."""
    assert ticket.ended_at is not None
    first, origin = _stages_before(session, ticket)
    visit.visitor_id = ticket.visitor_id
    if not links.is_by_hand(visit, links.PERSON):
        links.point(session, visit, ticket.person_id)
    visit.service_id, visit.branch_id = service.id, branch.id
    visit.family, visit.unit = service.family, _unit(branch, service)
    if not links.is_by_hand(visit, links.OBJECT):
        visit.object_ref = ticket.object_ref
    visit.channel, visit.language, visit.priority = ticket.channel, ticket.language, ticket.priority
    visit.status, visit.direction = STATUS_OF[ticket.state], "inbound"
    visit.outcome = OUTCOME_OF.get(ticket.state, ticket.outcome)
    visit.cause, visit.reason = ticket.cause, coming.reason_of(session, ticket)
    visit.arrived_at = visit.started_at = first.arrived_at
    visit.called_at = first.called_at or ticket.called_at
    visit.served_at, visit.ended_at = ticket.started_at, ticket.ended_at
    visit.started_on = clock.local_day(visit.started_at, branch.timezone)
    visit.ended_on = clock.local_day(visit.ended_at, branch.timezone)
    visit.transfer_of = None if origin is None else str(origin.id)
    visit.appointment_at = ticket.appointment.starts_at if ticket.appointment is not None else None
    visit.officer = None if ticket.staff_id is None else f"staff:{ticket.staff_id}"
    visit.quoted_high = first.quoted_high
    visit.has_edited_times = _was_taken_back(session, ticket)
    visit.scenario_id = ticket.scenario_id
    visit.missing_papers = None if ticket.scenario_id is None else len(missing_of(session, ticket.id))


def _stages_before(session: Session, ticket: Ticket) -> tuple[Ticket, Ticket | None]:
    """Go back over the stages nobody served: where this visit began, and the served stage before it."""
    first = ticket
    while first.transferred_from_id is not None:
        before = session.get_one(Ticket, first.transferred_from_id)
        if not _was_passed_on(before):
            return first, before
        first = before
    return first, None


def _was_taken_back(session: Session, ticket: Ticket) -> bool:
    """Whether a step of a ticket was undone, so that its times are not those of the first presses."""
    undone = select(TicketEvent.id).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "undone")
    return session.scalars(undone.limit(1)).first() is not None


def _was_passed_on(ticket: Ticket) -> bool:
    return ticket.state == "transferred" and ticket.started_at is None


def _unit(branch: Branch, service: PublicService) -> str:
    department: Department = service.department
    return f"{branch.code}/{department.code}"
