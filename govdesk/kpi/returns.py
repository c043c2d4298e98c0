"""Who came back after being left unresolved, and after leaving: looking ahead (KPI.md §1.6)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import ATTENDED_CLASSES, VisitClass
from govdesk.cases.models import Visit
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question
from govdesk.kpi.visits import Reading


@dataclass(slots=True)
class Tally:
    """Abandoned visits of a group; `returned` are mature ones, `known` all returns seen so far."""

    mature: int = 0
    returned: int = 0
    known: int = 0
    pending: int = 0
    unlinked: int = 0


def reading(_session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the visits of a period that people left before being served."""
    has_left = question.beside(Visit.class_name) == VisitClass.ABANDONED
    is_linked = case((Visit.person_id.is_not(None), 1), else_=0)
    columns = Visit.ended_on, is_linked, case((has_left, next_on(question)))
    return Reading(columns, (has_left,), partial(_count, question))


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the people who left before being served, and those of them who came back within the window."""
    return visits.gather(session, question, bys, reading)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the people of a period who left, and came back."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def abandon_returns(one: Tally, _question: Question) -> dict[str, Any]:
    """Those who came back within the window, of those who left unserved, whose window has passed."""
    return {
        **share(one.returned, one.mature),
        "pending": one.pending,
        "unlinked": one.unlinked,
        "detail": {"returns_so_far": one.known},
    }


@dataclass(frozen=True, slots=True)
class Ahead:
    """What came of a visit: whether its window has passed, and whether its person came back within it."""

    is_mature: bool
    has_return: bool


def ahead(question: Question, ended_on: dt.date, came_on: dt.date | None, places: Sequence[Any]) -> Ahead:
    """Look ahead from a visit at a service and branch to the day of the next one, if there is one."""
    service = question.places.services[places[-2]]
    age = (question.today(places[-1]) - ended_on).days
    has_return = came_on is not None and (came_on - ended_on).days <= service.window_days
    return Ahead(age >= service.window_days + service.lag_days, has_return)


def next_on(question: Question) -> ColumnElement[Any]:
    """The day of the next attended visit of the same person for the same need, or of the same case."""
    later = aliased(Visit)
    same_object = or_(
        Visit.object_ref.is_(None), later.object_ref.is_(None), Visit.object_ref == later.object_ref
    )
    return (
        select(func.min(later.started_on))
        .where(
            later.person_id == Visit.person_id,
            or_(and_(later.family == Visit.family, same_object), later.case_no == Visit.case_no),
            later.started_at >= Visit.ended_at,
            later.started_at <= question.as_of,
            later.id != Visit.id,
            later.class_name.in_(ATTENDED_CLASSES),
            *question.soon(Visit.ended_on, later.started_at, question.places.longest_window),
        )
        .correlate(Visit)
        .scalar_subquery()
    )


def _count(question: Question, row: Adding, values: Sequence[Any], places: Sequence[Any]) -> None:
    ended_on, is_linked, came_on = values
    seen = ahead(question, ended_on, came_on, places)
    if not is_linked:
        row.add("unlinked")
        return
    row.add("known", seen.has_return)
    if not seen.is_mature:
        row.add("pending")
        return
    row.add("mature")
    row.add("returned", seen.has_return)
