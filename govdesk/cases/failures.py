"""Visits that failed somebody whom we know: told as soon as they are judged, for whoever makes it good."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.cases.classes import VisitClass
from govdesk.cases.models import Visit


def tell(session: Session, visit_ids: Collection[int]) -> None:
    """Tell of a return for the same need, and of a leaving unserved, among visits just judged.

    Told twice (a visit that was heard of twice) is for the listener to know again by its id. The moment is
    the visit's own, also where many are told of in one go.
    """
    columns = Visit.id, Visit.class_name, Visit.status, Visit.ended_at
    known = Visit.id.in_(visit_ids), Visit.person_id.is_not(None)
    for visit_id, class_name, status, ended_at in session.execute(select(*columns).where(*known)).all():
        with clock.at(ended_at):
            if class_name == VisitClass.REPEAT:
                outbox.emit(session, "visit.repeated", visit_id=visit_id)
            elif status == "abandoned":
                outbox.emit(session, "visit.abandoned", visit_id=visit_id)
