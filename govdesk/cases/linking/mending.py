"""What follows when links change: the planned steps are found again, and everything is judged anew."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.cases import failures, links, steps
from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.classifying import reclassify
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Visit
from govdesk.cases.records import in_parts, together


def judge(
    session: Session,
    person_ids: Iterable[int],
    visit_ids: Iterable[int] = (),
    *,
    moved: Collection[int] = (),
) -> int:
    """Find the planned steps of these people again and bring the classes up to date; how many rows changed.

    A step that was planned while somebody was known by another name counts from now on; one that was
    planned for somebody else does so no more. What is a return now, or is none any more, is
    told; so is a return that is now another person's (`moved`).
    """
    session.flush()
    people, some_visits = sorted(set(person_ids)), list(visit_ids)
    were = failures.repeats(together(session, people, some_visits).values())
    for some in in_parts(people):
        query = (
            select(Visit)
            .where(Visit.person_id.in_(some), Visit.source == LIVE, Visit.status.in_(ATTENDED_STATUSES))
            .order_by(Visit.started_at, Visit.id)
        )
        visits = session.scalars(query).all()
        for visit in visits:
            visit.plan_made_at = visit.plan_due = visit.plan_reason = None
        session.flush()
        for visit in visits:
            steps.attach(session, visit)
            session.flush()
    changed = reclassify(session, people, some_visits)
    failures.tell_changes(session, were, moved)
    return changed


def point_again(session: Session, names: Iterable[int]) -> set[int]:
    """Link the visits of everybody named so to who they are found to be now; whom to judge anew."""
    people: set[int] = set()
    for some in in_parts(sorted(set(names))):
        query = select(Visit).where(Visit.named_id.in_(some) | Visit.person_id.in_(some))
        for visit in session.scalars(query):
            people.add(visit.person_id or 0)
            links.point(session, visit, visit.named_id or visit.person_id)
            people.add(visit.person_id or 0)
    session.flush()
    return people - {0}
