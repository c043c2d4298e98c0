"""Lists of who came back: for anything at all, within 90 days, after they had left."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import ATTENDED_CLASSES, INDEX_CLASSES, VisitClass
from govdesk.cases.models import Visit
from govdesk.kpi.behind.lines import Line, Source, line
from govdesk.kpi.behind.visits import visits
from govdesk.kpi.curves import LONGEST, observed
from govdesk.kpi.question import Question
from govdesk.kpi.shadow import BACK


def came_for_anything(_session: Session, question: Question) -> Source:
    """Mature first and planned visits whose person was back within the window, for whatever it was."""
    later, failing = aliased(Visit), aliased(Visit)
    recurring = [key for key, service in question.places.services.items() if service.cycle_days]
    is_next_turn = and_(
        later.service_id.in_(recurring), later.class_name == VisitClass.INDEX_NEW, later.gap_days.is_not(None)
    )
    back_on = _first(
        func.min(later.started_on),
        later,
        later.started_at <= question.as_of,
        later.class_name.in_(BACK),
        not_(is_next_turn),
    )
    failed_on = case((failing.started_at <= question.as_of, failing.started_on))
    query = (
        visits(question, Visit.mature_on, Visit.ended_on, back_on, failed_on)
        .outerjoin(failing, failing.id == Visit.repeat_visit_id)
        .where(
            Visit.class_name.in_(INDEX_CLASSES), Visit.mature_on.is_not(None), Visit.is_excluded.is_(False)
        )
    )

    def judge(row: Any, asked: Question) -> Line | None:
        mature_on, ended_on, came_on, failed = row[6:]
        if asked.today(row[3]) < mature_on:
            return None
        window = asked.places.services[row[2]].window_days
        is_back = came_on is not None and (came_on - ended_on).days <= window
        if failed is None and not is_back:
            return None
        days = min((one - ended_on).days for one in (came_on, failed) if one is not None)
        return line(row, "shadow", case_id=row[5], number=max(days, 0))

    return query, Visit.id.expression, judge


def came_in_90_days(_session: Session, question: Question) -> Source:
    """First and planned visits whose person came back for the same need, unplanned, while they were seen."""
    following = aliased(Visit)
    came = following.id == func.coalesce(Visit.repeat_visit_id, _next_visit())
    query = (
        visits(
            question, Visit.mature_on, case((Visit.is_excluded, Visit.withdrawn_on)),
            case((Visit.repeat_visit_id.is_not(None), following.gap_days)),
            following.class_name, following.started_on,
        )
        .join(following, and_(came, following.started_at <= question.as_of))
        .where(Visit.class_name.in_(INDEX_CLASSES), Visit.mature_on.is_not(None))
    )  # fmt: skip

    def judge(row: Any, asked: Question) -> Line | None:
        mature_on, withdrawn_on, gap, next_class, next_on = row[6:]
        service, today = asked.places.services[row[2]], asked.today(row[3])
        if withdrawn_on is not None and withdrawn_on <= today:
            return None
        age = (today - mature_on).days + service.window_days
        if gap is None:
            ended_on = mature_on - dt.timedelta(days=service.window_days + service.lag_days)
            gap = (next_on - ended_on).days
        days, is_back = observed(min(age, LONGEST), gap, next_class, service.cycle_days)
        return line(row, "ninety", case_id=row[5], number=days) if age >= 0 and is_back else None

    return query, Visit.id.expression, judge


def came_after_leaving(_session: Session, question: Question) -> Source:
    """Those who left before they were served, whose window is over and who came back in it."""
    later = aliased(Visit)
    came_on = _first(
        func.min(later.started_on),
        later,
        or_(_is_same_need(later), later.case_no == Visit.case_no),
        later.started_at <= question.as_of,
        later.class_name.in_(ATTENDED_CLASSES),
    )
    query = visits(question, Visit.ended_on, came_on).where(
        Visit.class_name == str(VisitClass.ABANDONED), Visit.person_id.is_not(None)
    )

    def judge(row: Any, asked: Question) -> Line | None:
        ended_on, back_on = row[6:]
        service = asked.places.services[row[2]]
        is_mature = (asked.today(row[3]) - ended_on).days >= service.window_days + service.lag_days
        if not is_mature or back_on is None or (back_on - ended_on).days > service.window_days:
            return None
        return line(row, "abandoned", case_id=row[5], number=(back_on - ended_on).days)

    return query, Visit.id.expression, judge


def _first(what: ColumnElement[Any], later: type[Visit], *conditions: ColumnElement[bool]) -> Any:
    """Of the person's later visits under these conditions."""
    return (
        select(what)
        .where(
            later.person_id == Visit.person_id,
            later.started_at >= Visit.ended_at,
            later.id != Visit.id,
            *conditions,
        )
        .correlate(Visit)
        .scalar_subquery()
    )


def _next_visit() -> Any:
    """The next attended visit of the same matter, whatever its class (KPI.md §1.2)."""
    later = aliased(Visit)
    same_case = and_(later.case_no == Visit.case_no, later.source == Visit.source)
    return (
        select(later.id)
        .where(
            later.person_id == Visit.person_id,
            later.started_at >= Visit.ended_at,
            later.id != Visit.id,
            or_(_is_same_need(later), same_case),
            later.class_name.in_(ATTENDED_CLASSES),
        )
        .order_by(later.started_at, later.id)
        .limit(1)
        .correlate(Visit)
        .scalar_subquery()
    )


def _is_same_need(later: type[Visit]) -> ColumnElement[bool]:
    same_object = or_(
        Visit.object_ref.is_(None), later.object_ref.is_(None), Visit.object_ref == later.object_ref
    )
    return and_(later.family == Visit.family, same_object)
