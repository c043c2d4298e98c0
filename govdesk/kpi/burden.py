"""What repeat visits cost: hours of staff at counters, and hours of the people in the hall (KPI.md §1.5)."""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import VisitClass
from govdesk.cases.models import Visit
from govdesk.kpi.columns import Columns
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question, each_row
from govdesk.kpi.squares import digits, whole
from govdesk.kpi.statistics import Z95

MICROSECOND = dt.timedelta(microseconds=1)
HOUR = dt.timedelta(hours=1) / MICROSECOND

Stage = tuple[dt.datetime, dt.datetime | None, dt.datetime]  # came, was served from, ended


@dataclass(slots=True)
class Tally:
    """Repeat visits of a group; times are sums of whole microseconds, and of their squares."""

    visits: int = 0
    staff: int = 0
    staff_squares: Counter[int] = field(default_factory=Counter)
    hall: int = 0
    hall_squares: Counter[int] = field(default_factory=Counter)
    without_service: int = 0  # turned away before a counter: no time of staff is known
    set_aside: int = 0  # with a time that ends before it begins: none of it is counted


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Gather the repeat visits of a period where, and by what cause, the visit before them failed."""
    grouping = Grouping(bys, question.places, has_cause=True)
    rows = Gathering(grouping)
    stages = _passed_on(session, question)
    for visit_id, day, stage, places in _repeats(session, question, grouping):
        rows.row(places, day)
        _count(rows, [stage, *stages.get(visit_id, ())])
    return rows.columns()


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the repeat visits of a period, as they were gathered."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def repeat_staff_hours(one: Tally, _question: Question) -> dict[str, Any]:
    """The time at counters of the repeat visits of a period."""
    return _hours(one, one.staff, one.staff_squares)


def repeat_hall_hours(one: Tally, _question: Question) -> dict[str, Any]:
    """The time from arrival to the end of the repeat visits of a period."""
    return _hours(one, one.hall, one.hall_squares)


def _hours(one: Tally, total: int, squares: Counter[int]) -> dict[str, Any]:
    """A sum that chance would vary: of a number of visits that is Poisson, each with its own length."""
    value = total / HOUR
    half = Z95 * math.sqrt(whole(squares)) / HOUR
    return {
        "unit": "hours_spent",
        "value": value if one.visits else None,
        "n": one.visits,
        "interval": (max(0.0, value - half), value + half) if one.visits else None,
        "data_quality": {"without_service": one.without_service, "set_aside": one.set_aside},
        "detail": {"visits": one.visits},
    }


def _count(row: Gathering, times: Sequence[Stage]) -> None:
    row.add("visits")
    served = [(since, end) for _came, since, end in times if since is not None]
    hall = (max(end for *_, end in times) - min(came for came, *_ in times)) // MICROSECOND
    staff = [(end - since) // MICROSECOND for since, end in served]
    if hall < 0 or any(length < 0 for length in staff):
        row.add("set_aside")
        return
    row.add("without_service", not staff)
    row.add("staff", sum(staff))
    row.add("hall", hall)
    for name, length in (("staff_squares", sum(staff)), ("hall_squares", hall)):
        for place, digit in digits(length**2):
            row.count(name, place, digit)


def _conditions(question: Question, charged: Any) -> list[ColumnElement[bool]]:
    return [
        question.beside(Visit.class_name) == VisitClass.REPEAT,
        Visit.ended_at <= question.as_of,
        *question.days(Visit.started_on),
        *question.everywhere(Visit),
        *question.scope.conditions(charged),
    ]


def _repeats(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[int, dt.date, Stage, Sequence[Any]]]:
    charged = aliased(Visit)
    columns = Visit.id, Visit.started_on, Visit.started_at, Visit.served_at, Visit.ended_at
    query = grouping.select(
        select(*columns).select_from(Visit).join(charged, charged.id == Visit.charged_visit_id),
        charged,
        unit=func.coalesce(Visit.charged_unit, charged.unit),
        cause=Visit.return_cause.expression,
    ).where(*_conditions(question, charged))
    for visit_id, day, came, since, end, *places in each_row(session, query):
        yield visit_id, day, (came, since, end), places


def _passed_on(session: Session, question: Question) -> dict[int, list[Stage]]:
    """The later tickets of the same visits, joined by transfer, by the ticket that stands for the visit."""
    charged, part = aliased(Visit), aliased(Visit)
    tree = (
        select(Visit.id.label("head_id"), Visit.source, Visit.visit_no, Visit.id)
        .select_from(Visit)
        .join(charged, charged.id == Visit.charged_visit_id)
        .where(*_conditions(question, charged))
        .cte("passed_on", recursive=True)
    )
    tree = tree.union_all(
        select(tree.c.head_id, part.source, part.visit_no, part.id)
        .join(tree, (part.source == tree.c.source) & (part.transfer_of == tree.c.visit_no))
        .where(part.class_name == VisitClass.MERGED)
    )
    query = (
        select(tree.c.head_id, Visit.started_at, Visit.served_at, Visit.ended_at)
        .join(tree, tree.c.id == Visit.id)
        .where(tree.c.id != tree.c.head_id)
    )
    found: dict[int, list[Stage]] = defaultdict(list)
    for head_id, came, since, end in session.execute(query):
        found[head_id].append((came, since, end))
    return found
