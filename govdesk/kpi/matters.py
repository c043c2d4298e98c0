"""Visits per finished matter (M3): the visits that one need took, from its first to the one that ended it."""

import datetime as dt
import itertools
import math
import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import ATTENDED_CLASSES, VisitClass
from govdesk.cases.models import GOES_ON, Visit
from govdesk.db import written
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.observing import note_change
from govdesk.kpi.question import Question, each_row
from govdesk.kpi.statistics import Z95
from govdesk.kpi.visits import Reading


@dataclass(slots=True)
class Tally:
    """How many visits each finished matter took."""

    sizes: Counter[int] = field(default_factory=Counter)
    pending: int = 0
    next_change: float | None = None  # minus the moment at which one that is pending may be finished


@dataclass(slots=True)
class _Matter:
    """A need, from its first visit on."""

    visit_id: int
    visits: int = 0
    settled_on: dt.date = dt.date.min


def reading(session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the first visits of matters in a period.

    Of most people no visit goes on with an earlier one: each of theirs is a matter of its own. Of the others
    all visits since the period began are read.
    """
    open_for = _open_for(question)
    longer = {
        matter.visit_id: (matter.visits, matter.settled_on)
        for _person_id, rows in itertools.groupby(_courses(session, question), operator.itemgetter(0))
        for matter in _matters(rows, open_for)
        if matter.visits > 1
    }

    def add(row: Adding, values: Sequence[Any], places: Sequence[Any]) -> None:
        ended_on, more = values
        number, settled_on = more or (1, ended_on + open_for[places[-2]])
        _count(row, number, settled_on, places, question)

    where = (question.beside(Visit.class_name) == VisitClass.INDEX_NEW, Visit.person_id.is_not(None))
    return Reading((Visit.ended_on,), where, add, known=(Visit.id, longer))


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the visits of each matter begun in the period; it is finished once its last visit is mature."""
    return visits.gather(session, question, bys, reading)


def _count(row: Adding, number: int, settled_on: dt.date, places: Sequence[Any], question: Question) -> None:
    if question.today(places[-1]) >= settled_on:
        row.count("sizes", number)
    else:
        row.add("pending")
        zone = question.places.zone(places[-1])  # where the day of its settling begins:
        note_change(row, dt.datetime.combine(settled_on, dt.time(), zone))


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the matters begun in a period, as they were counted."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def visits_per_matter(one: Tally, _question: Question) -> dict[str, Any]:
    """The mean with its normal 95 % interval, beside the share of matters that one visit was enough for."""
    n, visits = one.sizes.total(), sum(size * count for size, count in one.sizes.items())
    interval = None
    if n > 1:
        mean = visits / n
        half = Z95 * math.sqrt(_spread(one.sizes, mean) / (n - 1) / n)
        interval = (max(1.0, mean - half), mean + half)
    once = share(one.sizes[1], n)
    return {
        "unit": "visits",
        "value": visits / n if n else None,
        "numerator": visits,
        "denominator": n,
        "n": n,
        "interval": interval,
        "pending": one.pending,
        "detail": {
            "one_visit": {name: once[name] for name in ("value", "numerator", "interval")},
            "most": max(one.sizes, default=None),
        },
    }


def _spread(sizes: Counter[int], mean: float) -> float:
    return math.fsum(count * (size - mean) ** 2 for size, count in sizes.items())


def _begun(question: Question) -> list[ColumnElement[bool]]:
    """The first visits of matters, of the period and in scope."""
    return [
        question.beside(Visit.class_name) == VisitClass.INDEX_NEW,
        Visit.person_id.is_not(None),
        *question.at(Visit, Visit.started_on),
    ]


def _open_for(question: Question) -> dict[int, dt.timedelta]:
    """How long a matter stays open after a visit, by service."""
    return {
        key: dt.timedelta(days=service.window_days + service.lag_days)
        for key, service in question.places.services.items()
    }


def _courses(session: Session, question: Question) -> Iterator[Sequence[Any]]:
    """The visits of each person who began a matter in the period and of whom a visit goes on with any."""
    later = aliased(Visit)
    goes_on = exists().where(
        later.person_id == Visit.person_id,
        later.class_name.in_([written(word) for word in GOES_ON]),
        later.started_at >= Visit.started_at,
        or_(later.family == Visit.family, later.case_no == Visit.case_no),
    )
    returning = select(Visit.person_id).where(*_begun(question), goes_on.correlate(Visit))
    columns = (
        Visit.person_id, Visit.id, Visit.class_name, Visit.family, Visit.object_ref, Visit.case_no,
        Visit.ended_on, Visit.index_visit_id, Visit.charged_visit_id, Visit.service_id,
    )  # fmt: skip
    query = select(*columns).where(
        question.beside(Visit.class_name).in_(ATTENDED_CLASSES),
        Visit.person_id.in_(returning),
        Visit.ended_at <= question.as_of,
        *question.since(Visit.started_at),
    )
    return each_row(session, query.order_by(Visit.person_id, Visit.started_at, Visit.id))


def _matters(rows: Iterator[Sequence[Any]], open_for: Mapping[int, dt.timedelta]) -> list[_Matter]:
    """Put the visits of one person, in their order, to their matters, open for some days after each.

    A repeat belongs to the visit it is charged to, a recall to its index visit, and a planned step to the
    latest earlier visit of the same need.
    """
    of_visit: dict[int, _Matter] = {}
    seen: list[tuple[Sequence[Any], _Matter]] = []
    found: list[_Matter] = []
    for row in rows:
        _, visit_id, name, _, _, _, ended_on, index_id, charged_id, service_id = row
        matter = None
        if name == VisitClass.PLANNED:
            matter = next((known for earlier, known in reversed(seen) if _is_same_need(earlier, row)), None)
        elif name != VisitClass.INDEX_NEW:
            matter = of_visit.get(charged_id or index_id)
        if matter is None:
            matter = _Matter(visit_id)
            found.append(matter)
        matter.visits += 1
        matter.settled_on = max(matter.settled_on, ended_on + open_for[service_id])
        of_visit[visit_id] = matter
        seen.append((row, matter))
    return found


def _is_same_need(one: Sequence[Any], other: Sequence[Any]) -> bool:
    if one[5] is not None and one[5] == other[5]:
        return True
    return bool(one[3] == other[3] and (one[4] is None or other[4] is None or one[4] == other[4]))
