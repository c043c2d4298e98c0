"""Where failure is made: first visits and their failures, by unit, service, reason for coming and cause."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from govdesk.kpi import repeats
from govdesk.kpi.crosses import Cell, Count, added, withheld
from govdesk.kpi.facts import reading as facts
from govdesk.kpi.groups import in_order
from govdesk.kpi.question import Question

WORDS = ("branch", "unit", "service", "scenario")
COUNTED = frozenset({"mature", "failed_by_cause"})


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
    tallies = facts.tallies(session, whole, repeats.tally, [WORDS], COUNTED)[0]
    leaves = {
        _cell(dict(zip(WORDS, group, strict=True))): Count(one.mature, Counter(one.failed_by_cause))
        for group, one in ((group, tallies[group]) for group in in_order(tallies))
        if one.mature
    }
    counts = added(leaves)
    return Cross(counts, withheld({cell: count.mature for cell, count in counts.items()}, fewest))


def _cell(group: Mapping[str, str | None]) -> Cell:
    return (group["branch"], group["unit"]), (group["service"], group["scenario"])
