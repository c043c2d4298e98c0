"""Planned next steps: written once at the end of a visit, found again by the visit that comes for them."""

import datetime as dt

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk.cases.classes import ATTENDED_STATUSES, FAILURE_REASONS
from govdesk.cases.models import NextStep, Visit
from govdesk.cases.records import rule_of
from govdesk.catalog.models import PublicService
from govdesk.errors import DeskError


class LatePlanError(DeskError):
    """A next step that was not written while its visit went on: it would make a failure look planned."""

    key = "queue.plan_late"


def write_down(
    session: Session, visit: Visit, *, due: dt.date, reason: str, made_at: dt.datetime | None = None
) -> NextStep | None:
    """Add the next step that was planned during a visit, once; None for a visitor without a name.

    It was written at `made_at`, which is the conclusion where nobody says another moment. What is written
    stays: told again it is the same, whatever it is told. LatePlanError for a moment outside the visit.
    """
    if not visit.started_at <= (made_at or visit.ended_at) <= visit.ended_at:
        raise LatePlanError
    if visit.person_id is None:
        return None
    known = session.scalars(select(NextStep).where(NextStep.visit_id == visit.id)).first()
    if known is not None:
        return known
    step = NextStep(
        visit_id=visit.id,
        person_id=visit.person_id,
        family=visit.family,
        object_ref=visit.object_ref,
        made_at=made_at or visit.ended_at,
        due=due,
        reason=reason,
    )
    session.add(step)
    session.flush()
    return step


def drop_undone(session: Session, visit: Visit) -> None:
    """Take away what was planned at an end of a live visit that was undone: it has another end now.

    Whoever undoes a conclusion and concludes anew at once is heard of too late to be heard as taken back.
    """
    undone = NextStep.visit_id == visit.id, NextStep.made_at != visit.ended_at
    session.execute(delete(NextStep).where(*undone))


def attach(session: Session, visit: Visit) -> None:
    """Say which planned next step an attended visit came for, if there is one."""
    if visit.person_id is None or visit.status not in ATTENDED_STATUSES:
        return
    step = fitting(
        session,
        person_id=visit.person_id,
        family=visit.family,
        object_ref=visit.object_ref,
        before=visit.started_at,
        on=visit.started_on,
        reason=visit.reason,
    )
    visit.plan_made_at = step.made_at if step else None
    visit.plan_due = step.due if step else None
    visit.plan_reason = step.reason if step else None


def promised(
    session: Session, *, person_id: int, family: str, object_ref: str | None, before: dt.datetime
) -> list[NextStep]:
    """The steps planned before a moment for a matter that no attended visit came for yet, newest first."""
    steps = session.scalars(
        select(NextStep)
        .join(Visit, Visit.id == NextStep.visit_id)  # whose it is, the visit says: a link may be mended
        .where(Visit.person_id == person_id, NextStep.family == family, NextStep.made_at < before)
        .order_by(NextStep.made_at.desc(), NextStep.id.desc())
    ).all()
    same = [step for step in steps if not object_ref or not step.object_ref or step.object_ref == object_ref]
    if not same:
        return []
    used = session.execute(
        select(Visit.plan_made_at, Visit.plan_due, Visit.plan_reason).where(
            Visit.person_id == person_id,
            Visit.family == family,
            Visit.plan_made_at.is_not(None),
            Visit.started_at < before,
            Visit.status.in_(ATTENDED_STATUSES),
        )
    ).all()
    taken = {tuple(row) for row in used}
    return [step for step in same if (step.made_at, step.due, step.reason) not in taken]


def fitting(
    session: Session,
    *,
    person_id: int,
    family: str,
    object_ref: str | None,
    before: dt.datetime,
    on: dt.date,
    reason: str | None,
) -> NextStep | None:
    """The planned step that a visit on a local day comes for: due by then, at most a window ago.

    Whoever comes because something failed comes for that; the planned step waits on.
    """
    if reason in FAILURE_REASONS:
        return None
    for step in promised(session, person_id=person_id, family=family, object_ref=object_ref, before=before):
        made_during = session.get_one(Visit, step.visit_id)
        window = rule_of(session.get_one(PublicService, made_during.service_id)).window_days
        if step.due <= on <= step.due + dt.timedelta(days=window):
            return step
    return None
