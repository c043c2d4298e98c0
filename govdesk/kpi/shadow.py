"""The shadow of repeat visits: who came back for anything at all, so that recoding shows (KPI.md §1.9)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import INDEX_CLASSES, VisitClass
from govdesk.cases.models import Visit
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question
from govdesk.kpi.visits import CLOSING, FAILING, IS_CLOSING, IS_FAILING, OF_CLOSING, Reading

BACK = (VisitClass.INDEX_NEW, VisitClass.REPEAT)  # neither a planned step nor our own invitation


@dataclass(slots=True)
class Tally:
    """The same mature visits as those of M1: how many came back for anything, and how many failed."""

    came_back: int = 0
    failed: int = 0
    mature: int = 0
    pending: int = 0
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class _Visit:
    ended_on: dt.date
    mature_on: dt.date | None
    is_excluded: bool
    has_failed: bool
    back_on: dt.date | None


def reading(_session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the first and planned visits of a period, and of what came after them."""
    where = (question.beside(Visit.class_name).in_(INDEX_CLASSES),)
    has_failed = and_(FAILING.id.is_not(None), FAILING.started_at <= question.as_of)
    columns = (
        Visit.ended_on, Visit.mature_on, Visit.is_excluded, case((has_failed, 1), else_=0),
        case((and_(*where), _back_on(question))),
    )  # fmt: skip
    joined = {FAILING: IS_FAILING, CLOSING: IS_CLOSING}
    return Reading(columns, where, partial(_count, question), joined, OF_CLOSING)


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the first and planned visits of a period, and what came after them of any service."""
    return visits.gather(session, question, bys, reading)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the first and planned visits of a period, as they were counted."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def shadow_repeat_rate(one: Tally, _question: Question) -> dict[str, Any]:
    """Came back within the window for anything, of the mature visits of M1; never below M1."""
    return {
        **share(one.came_back, one.mature),
        "pending": one.pending,
        "excluded": one.excluded,
        "detail": {"same_need": one.failed},
    }


def _count(question: Question, row: Adding, values: Sequence[Any], places: Sequence[Any]) -> None:
    visit = _Visit(*values)
    if visit.mature_on is None or question.today(places[-1]) < visit.mature_on:
        row.add("pending")
    elif visit.is_excluded:
        row.add("excluded")
    else:
        window = question.places.services[places[-2]].window_days
        is_back = visit.back_on is not None and (visit.back_on - visit.ended_on).days <= window
        row.add("mature")
        row.add("failed", visit.has_failed)
        row.add("came_back", visit.has_failed or is_back)


def _back_on(question: Question) -> ColumnElement[Any]:
    """The day of the next visit for anything.

    The next turn of a recurring service is no return; a visit that overlaps is none either.
    """
    later = aliased(Visit)
    recurring = [key for key, service in question.places.services.items() if service.cycle_days]
    is_next_turn = and_(
        later.service_id.in_(recurring),
        later.class_name == VisitClass.INDEX_NEW,
        later.gap_days.is_not(None),
    )
    return (
        select(func.min(later.started_on))
        .where(
            later.person_id == Visit.person_id,
            later.started_at >= Visit.ended_at,
            later.started_at <= question.as_of,
            later.id != Visit.id,
            later.class_name.in_(BACK),
            not_(is_next_turn),
            *question.soon(Visit.ended_on, later.started_at, question.places.longest_window),
        )
        .correlate(Visit)
        .scalar_subquery()
    )
