"""Which need a complaint is about, and what was complained of in a case: both read from the same rule."""

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Case
from govdesk.catalog.models import PublicService
from govdesk.feedback.complaints.models import Complaint
from govdesk.people import same


def case_of(session: Session, complaint: Complaint) -> Case | None:
    """The case that a complaint concerns: the person's last for this need that had begun by that day.

    Where no service is named it is the last at the branch complained of. None: it is anonymous, or about
    something that no case here tells of.
    """
    if complaint.person_id is None:
        return None
    theirs = select(Case).where(
        Case.source == LIVE,
        Case.person_id == same.whole(session, complaint.person_id),
        Case.opened_at <= complaint.received_at,
    )
    if complaint.service is not None:
        theirs = theirs.where(Case.family == complaint.service.family)
    else:
        theirs = theirs.where(Case.branch_id == complaint.branch_id)
    found = session.scalars(theirs.order_by(Case.opened_at.desc(), Case.id.desc())).unique().all()
    day = complaint.happened_on or dt.date.max
    zone = complaint.branch.timezone
    begun = (case for case in found if clock.local_day(case.opened_at, zone) <= day)
    return next(begun, found[-1] if found else None)


def of_case(session: Session, case: Case) -> list[Complaint]:
    """What was complained of in a case, the oldest first."""
    if case.person_id is None:
        return []
    family = select(PublicService.id).where(PublicService.family == case.family)
    query = select(Complaint).where(
        Complaint.person_id.in_(same.names_of(session, case.person_id)),
        or_(Complaint.service_id.is_(None), Complaint.service_id.in_(family)),
        Complaint.received_at >= case.opened_at,
    )
    theirs = session.scalars(query.order_by(Complaint.received_at, Complaint.id)).unique().all()
    return [one for one in theirs if (about := case_of(session, one)) is not None and about.id == case.id]
