"""What other parts of the house know of a need: promises to the person, tasks of recovery, complaints."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.booking.models import Appointment
from govdesk.cases.commitments.models import Commitment
from govdesk.cases.models import Case
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.work.thread import Attended, Knot
from govdesk.catalog import ways
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import GuidedWay
from govdesk.feedback.complaints import finding, matching
from govdesk.feedback.complaints.models import Complaint
from govdesk.notify.models import Message
from govdesk.people import same


@dataclass(frozen=True, slots=True)
class Complained:
    """A complaint; what it says is for whoever answers it, not for whom it may be about."""

    complaint: Complaint
    may_open: bool


def ways_of(session: Session, thread: Iterable[Knot]) -> dict[str, GuidedWay]:
    """What was answered in the guide before the bookings and tickets of a thread, by whose it is."""
    abouts = [f"appointment:{one.thing.id}" for one in thread if isinstance(one.thing, Appointment)]
    met = [one.thing.ticket for one in thread if isinstance(one.thing, Attended)]
    abouts += [f"ticket:{ticket.id}" for ticket in met if ticket is not None]
    return ways.of_all(session, abouts)


def knots(session: Session, actor: Actor, case: Case) -> list[Knot]:
    """What was promised and complained of, what was written of it, and the tasks opened for this need."""
    if case.person_id is None:
        return []
    names = same.names_of(session, case.person_id)
    until = case.resolved_at or clock.now()
    family = select(PublicService.id).where(PublicService.family == case.family)
    promised = select(Commitment).where(
        Commitment.person_id.in_(names),
        Commitment.service_id.in_(family),
        Commitment.made_at.between(case.opened_at, until),
        or_(Commitment.object_ref.is_(None), Commitment.object_ref == (case.object_ref or "")),
    )
    tasks = select(Recovery).where(
        Recovery.person_id.in_(names),
        Recovery.need == case.family,
        Recovery.opened_at >= case.opened_at,
        or_(Recovery.closed_at.is_(None), Recovery.opened_at <= until),
    )
    promises = session.scalars(promised).unique().all()
    complaints = matching.of_case(session, case)
    abouts = [f"commitment:{one.id}" for one in promises] + [f"complaint:{one.id}" for one in complaints]
    letters = session.scalars(select(Message).where(Message.about.in_(abouts)).order_by(Message.id))
    found = [Knot(one.made_at, "promise", one) for one in promises]
    found += [Knot(one.ended_at or one.due_at, "message", one) for one in letters if one.state != "dropped"]
    for one in complaints:
        found.append(Knot(one.received_at, "complaint", Complained(one, finding.sees(session, actor, one))))
    return [*found, *(Knot(one.opened_at, "recovery", one) for one in session.scalars(tasks))]
