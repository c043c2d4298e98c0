"""The shadow of repeat visits: who came back for anything at all, so that recoding shows (KPI.md §1.9)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, not_, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import INDEX_CLASSES, VisitClass
from govdesk.cases.models import Visit
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question, each_row

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
    started_on: dt.date
    ended_on: dt.date
    mature_on: dt.date | None
    is_excluded: bool
    has_failed: bool
    back_on: dt.date | None


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the first and planned visits of a period, and what came after them of any service."""
    grouping = Grouping(bys, question.places)
    rows = Gathering(grouping)
    for visit, count, places in _visits(session, question, grouping):
        today, window = question.today(places[-1]), question.places.services[places[-2]].window_days
        rows.row(places, visit.started_on)
        _count(rows, visit, count, today, window)
    return rows.columns()


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


def _count(row: Gathering, visit: _Visit, count: int, today: dt.date, window: int) -> None:
    if visit.mature_on is None or today < visit.mature_on:
        row.add("pending", count)
    elif visit.is_excluded:
        row.add("excluded", count)
    else:
        is_back = visit.back_on is not None and (visit.back_on - visit.ended_on).days <= window
        row.add("mature", count)
        row.add("failed", count * visit.has_failed)
        row.add("came_back", count * (visit.has_failed or is_back))


def _visits(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[_Visit, int, Sequence[Any]]]:
    """The next turn of a recurring service is no return; a visit that overlaps is none either."""
    later, failing, closing = aliased(Visit), aliased(Visit), aliased(Visit)
    recurring = [key for key, service in question.places.services.items() if service.cycle_days]
    is_next_turn = and_(
        later.service_id.in_(recurring),
        later.class_name == VisitClass.INDEX_NEW,
        later.gap_days.is_not(None),
    )
    back_on = (
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
    has_failed = and_(failing.id.is_not(None), failing.started_at <= question.as_of)
    columns = (
        Visit.started_on, Visit.ended_on, Visit.mature_on, Visit.is_excluded, case((has_failed, 1), else_=0),
        back_on.label("back_on"),
    )  # fmt: skip
    unit = func.coalesce(closing.unit, Visit.unit)
    alike = grouping.select(select(*columns).select_from(Visit), Visit, unit=unit)
    inner = (
        alike.outerjoin(failing, failing.id == Visit.repeat_visit_id)
        .outerjoin(closing, closing.id == Visit.closing_visit_id)
        .where(
            question.beside(Visit.class_name).in_(INDEX_CLASSES),
            Visit.ended_at <= question.as_of,
            *question.at(Visit, Visit.started_on),
        )
    )
    for row in each_row(session, grouping.counted(inner)):
        yield _Visit(*row[: len(columns)]), row[-1], row[len(columns) : -1]
