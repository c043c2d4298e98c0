"""Visits that failed somebody whom we know: told as soon as they are judged, for whoever makes it good."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.cases.classes import VisitClass
from govdesk.cases.models import Visit
from govdesk.cases.records import LIVE, VisitRow, in_parts


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


def repeats(rows: Iterable[VisitRow]) -> dict[int, bool]:
    """Whether each of the visits made here is a return, by id, before its links are mended."""
    return {row.id: row.class_name == VisitClass.REPEAT for row in rows if row.source == LIVE}


def tell_changes(session: Session, were: Mapping[int, bool], moved: Collection[int] = ()) -> None:
    """Tell of visits that became a return now that links are mended, and of those that are none any more.

    A return that is now somebody else's (`moved`) is told of anew: that person was failed by it.
    """
    for some in in_parts(sorted(were)):
        query = select(Visit.id, Visit.class_name).where(Visit.id.in_(some)).order_by(Visit.id)
        for visit_id, class_name in session.execute(query).all():
            if class_name != VisitClass.REPEAT:
                if were[visit_id]:
                    outbox.emit(session, "visit.repeat_undone", visit_id=visit_id)
            elif not were[visit_id] or visit_id in moved:
                outbox.emit(session, "visit.repeated", visit_id=visit_id)
