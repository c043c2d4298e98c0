"""Where a case went whose matter became part of another: a link to it leads on to the one that remains."""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.cases.file_models import CaseTrace
from govdesk.cases.models import Case, Visit
from govdesk.cases.records import LIVE, VisitRow
from govdesk.config import settings


def leave(session: Session, case_ids: Collection[int], rows: Iterable[VisitRow]) -> None:
    """Keep of cases that are about to be removed which visit they began with; `rows` still name them.

    Wherever that visit belongs later, there the old number leads: nothing has to be brought up to date.
    """
    first: dict[int, VisitRow] = {}
    for row in sorted(rows, key=lambda row: (row.started_at, row.ended_at, row.key)):
        if row.case_id in case_ids and row.source == LIVE:
            first.setdefault(row.case_id or 0, row)
    for case_id, row in first.items():
        session.merge(CaseTrace(case_id=case_id, visit_no=row.visit_no))


def next_id(session: Session) -> int | None:
    """The id of a new case; None where the database never gives one twice.

    SQLite gives the id of the last row again once that row is gone, and an old link would then open the
    case of somebody else.
    """
    if not settings().is_sqlite:
        return None
    known = (session.scalar(select(func.max(column))) for column in (Case.id, CaseTrace.case_id))
    return max(one or 0 for one in known) + 1


def present(session: Session, case_id: int) -> int | None:
    """The case to which one that is gone leads now; None where none does."""
    trace = session.get(CaseTrace, case_id)
    return None if trace is None else _case_of(session, trace.visit_no)


def numbered(session: Session, number: str) -> Case | None:
    """The case made here that bears a number, or has taken in the one that bore it."""
    case = session.scalars(select(Case).where(Case.source == LIVE, Case.case_no == number)).one_or_none()
    if case is not None:
        return case
    found = _case_of(session, number)
    return None if found is None else session.get(Case, found)


def _case_of(session: Session, visit_no: str) -> int | None:
    told = select(Visit.case_id).where(Visit.source == LIVE, Visit.visit_no == visit_no)
    return session.scalar(told)
