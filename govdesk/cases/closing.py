"""What came of a visit in the end: where several tickets are one visit, the one that ended last says it."""

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.models import Visit


def outcome() -> ColumnElement[str | None]:
    """The outcome of a visit as a column of a query over visits."""
    last = aliased(Visit)
    said = select(last.outcome).where(last.id == Visit.closing_visit_id).correlate(Visit)
    return case((Visit.closing_visit_id.is_(None), Visit.outcome), else_=said.scalar_subquery())


def outcome_of(session: Session, visit: Visit) -> str | None:
    """The outcome of one visit."""
    if visit.closing_visit_id is None:
        return visit.outcome
    return session.get_one(Visit, visit.closing_visit_id).outcome
