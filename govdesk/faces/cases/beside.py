"""What other parts of the house know of a need: promises made to the person, tasks of recovery."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.commitments.models import Commitment
from govdesk.cases.models import Case
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.work.thread import Knot
from govdesk.catalog.models import PublicService
from govdesk.notify.models import Message


def knots(session: Session, case: Case) -> list[Knot]:
    """The promises made, what was written of them, and the tasks opened for this need while it lasted."""
    if case.person_id is None:
        return []
    until = case.resolved_at or clock.now()
    family = select(PublicService.id).where(PublicService.family == case.family)
    promised = select(Commitment).where(
        Commitment.person_id == case.person_id,
        Commitment.service_id.in_(family),
        Commitment.made_at.between(case.opened_at, until),
        or_(Commitment.object_ref.is_(None), Commitment.object_ref == (case.object_ref or "")),
    )
    tasks = select(Recovery).where(
        Recovery.person_id == case.person_id,
        Recovery.need == case.family,
        Recovery.opened_at >= case.opened_at,
        or_(Recovery.closed_at.is_(None), Recovery.opened_at <= until),
    )
    promises = session.scalars(promised).unique().all()
    abouts = [f"commitment:{one.id}" for one in promises]
    letters = session.scalars(select(Message).where(Message.about.in_(abouts)).order_by(Message.id))
    found = [Knot(one.made_at, "promise", one) for one in promises]
    found += [Knot(one.ended_at or one.due_at, "message", one) for one in letters if one.state != "dropped"]
    return [*found, *(Knot(one.opened_at, "recovery", one) for one in session.scalars(tasks))]
