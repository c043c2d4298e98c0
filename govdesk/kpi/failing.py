"""Where failure is made: first visits and their failures, by unit, service, reason for coming and cause."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from govdesk.kpi import service
from govdesk.kpi.crosses import Cell, Count, added, withheld
from govdesk.kpi.question import Question

WORDS = ("branch", "unit", "service", "scenario")
KEY = "repeat_visit_rate"


@dataclass(frozen=True, slots=True)
class Cross:
    """The counts of each place and matter, and the cells among them that are not shown."""

    counts: dict[Cell, Count]
    hidden: frozenset[Cell]


def cross(session: Session, question: Question, fewest: int) -> Cross:
    """Count in all that may be seen, whatever branch and service are looked at.

    What is hidden follows from the whole, or one could look twice and subtract.
    """
    whole = replace(question, scope=question.scope.narrowed())
    judged, failed = service.figures(session, whole, [(KEY, WORDS), (KEY, (*WORDS, "cause"))])
    leaves: dict[Cell, Count] = {}
    for row in judged.rows:
        if row.n:
            leaves[_cell(row.group)] = Count(row.n)
    for row in failed.rows:
        if row.numerator:
            leaves[_cell(row.group)].failed[row.group["cause"]] += row.numerator
    counts = added(leaves)
    return Cross(counts, withheld({cell: count.mature for cell, count in counts.items()}, fewest))


def _cell(group: Mapping[str, str | None]) -> Cell:
    return (group["branch"], group["unit"]), (group["service"], group["scenario"])
