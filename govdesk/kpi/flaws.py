"""Flaws of the records behind the figures, counted visit by visit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast
from sqlalchemy.orm import Session

from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.links import PROBABLE
from govdesk.cases.models import Visit
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question
from govdesk.kpi.visits import Reading

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

TOLD = [case((condition, 1), else_=0) for condition in CONDITIONS.values()]
WHERE = Visit.direction == "inbound", Visit.status.not_in(("cancelled", "no_show"))


@dataclass(slots=True)
class Tally:
    """Visits of a group, and how many have each flaw."""

    counts: Counter[str] = field(default_factory=Counter)


def reading(_session: Session, _question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the visits of a period."""
    return Reading(TOLD, WHERE, _count)


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the visits of a period, and the flaws in what is known of them."""
    return visits.gather(session, question, bys, reading)


def _count(row: Adding, values: Sequence[Any], _places: Sequence[Any]) -> None:
    for name, is_so in zip(CONDITIONS, values, strict=True):
        if is_so:
            row.count("counts", name)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the visits of a period, as they were counted."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]
