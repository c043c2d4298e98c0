"""Who came back after being left unresolved, and after leaving: looking ahead (KPI.md §1.6)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases import closing
from govdesk.cases.classes import ATTENDED_CLASSES, VisitClass
from govdesk.cases.models import Visit
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question, each_row


@dataclass(slots=True)
class Tally:
    """Abandoned visits of a group; `returned` are mature ones, `known` all returns seen so far."""

    mature: int = 0
    returned: int = 0
    known: int = 0
    pending: int = 0
    unlinked: int = 0


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the people who left before being served, and those of them who came back within the window."""
    grouping = Grouping(bys, question.places)
    rows = Gathering(grouping)
    has_left = question.beside(Visit.class_name) == VisitClass.ABANDONED
    for one, places in _looking_ahead(session, question, grouping, has_left):
        rows.row(places, one.started_on)
        _count(rows, one)
    return rows.columns()


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


def silent_ones(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.date, Sequence[Any]]]:
    """Give day and place of each mature visit that was left unresolved and to which nobody returned."""
    has_come = question.beside(Visit.class_name).in_(ATTENDED_CLASSES)
    unresolved = and_(has_come, closing.outcome() == "unresolved")
    for one, places in _looking_ahead(session, question, grouping, unresolved):
        if one.is_mature and not one.has_return:
            yield one.started_on, places


@dataclass(slots=True)
class _Ahead:
    started_on: dt.date
    is_linked: bool
    is_mature: bool
    has_return: bool


def _looking_ahead(
    session: Session, question: Question, grouping: Grouping, which: ColumnElement[bool]
) -> Iterator[tuple[_Ahead, Sequence[Any]]]:
    later = aliased(Visit)
    same_object = or_(
        Visit.object_ref.is_(None), later.object_ref.is_(None), Visit.object_ref == later.object_ref
    )
    next_on = (
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
    query = grouping.select(select(Visit.started_on, Visit.ended_on, Visit.person_id, next_on), Visit).where(
        which,
        Visit.ended_at <= question.as_of,
        *question.at(Visit, Visit.started_on),
    )
    for row in each_row(session, query):
        started_on, ended_on, person_id, came_on, *places = row
        service = question.places.services[places[-2]]
        age = (question.today(places[-1]) - ended_on).days
        has_return = came_on is not None and (came_on - ended_on).days <= service.window_days
        is_mature = age >= service.window_days + service.lag_days
        yield _Ahead(started_on, person_id is not None, is_mature, has_return), places


def _count(row: Gathering, seen: _Ahead) -> None:
    if not seen.is_linked:
        row.add("unlinked")
        return
    row.add("known", seen.has_return)
    if not seen.is_mature:
        row.add("pending")
        return
    row.add("mature")
    row.add("returned", seen.has_return)
