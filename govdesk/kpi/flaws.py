"""Flaws of the records behind the figures, counted visit by visit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, select
from sqlalchemy.orm import Session

from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.links import PROBABLE
from govdesk.cases.models import Visit
from govdesk.kpi.columns import Columns
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question

LATE = 2  # days after its end: the recording lag of KPI.md §1
NOTHING = "[]"  # how an empty list is stored
HAS_COME = Visit.status.in_(sorted(ATTENDED_STATUSES))
CONDITIONS: dict[str, ColumnElement[bool]] = {
    "visits": Visit.id.is_not(None),
    "attended": HAS_COME,
    "unlinked": and_(HAS_COME, Visit.person_id.is_(None)),
    "probable": and_(HAS_COME, Visit.linked_by == PROBABLE),
    "without_outcome": and_(Visit.status == "served", Visit.outcome.is_(None)),
    "without_arrival": Visit.arrived_at.is_(None),
    "set_aside": Visit.is_set_aside.is_(True),
    "at_night": Visit.status == "closed_unserved",
    "edited_times": Visit.has_edited_times.is_(True),
    "entered_late": Visit.entered_after > LATE,
    "by_hand": cast(Visit.by_hand, Text) != NOTHING,
}


@dataclass(slots=True)
class Tally:
    """Visits of a group, and how many have each flaw."""

    counts: Counter[str] = field(default_factory=Counter)


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the visits of a period, and the flaws in what is known of them."""
    grouping = Grouping(bys, question.places)
    rows = Gathering(grouping)
    counted: list[Any] = [func.sum(case((one, 1), else_=0)).label(name) for name, one in CONDITIONS.items()]
    alike = grouping.select(select(Visit.started_on, *counted), Visit).where(
        Visit.direction == "inbound",
        Visit.status.not_in(("cancelled", "no_show")),
        Visit.ended_at <= question.as_of,
        *question.at(Visit, Visit.started_on),
    )
    query = alike.group_by(Visit.started_on, Visit.service_id, Visit.branch_id)
    for day, *values in session.execute(query):
        rows.row(values[len(counted) :], day)
        for name, count in zip(CONDITIONS, values, strict=False):
            if count:
                rows.count("counts", name, int(count))
    return rows.columns()


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the visits of a period, as they were counted."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]
