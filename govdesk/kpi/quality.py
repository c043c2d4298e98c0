"""How far the records behind the figures can be trusted, branch by branch."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, case, cast, func, select
from sqlalchemy.orm import Session

from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.links import PROBABLE
from govdesk.cases.models import Visit
from govdesk.kpi import attendance
from govdesk.kpi.question import Question

NOTHING = "[]"  # how an empty list is stored
FLAWS = {  # each with what it is a share of
    "unlinked": "attended",
    "probable": "attended",
    "without_outcome": "attended",
    "without_arrival": "visits",
    "set_aside": "visits",
    "at_night": "visits",
    "by_hand": "visits",
    "unknown": "appointments",
}


@dataclass(frozen=True, slots=True)
class Quality:
    """The counts of one branch, or of all of them (branch None)."""

    branch: str | None
    counts: Counter[str]

    def share(self, flaw: str) -> float | None:
        """How large a flaw is, of what it is counted in; None where nothing was counted."""
        whole = self.counts[FLAWS[flaw]]
        return self.counts[flaw] / whole if whole else None


def by_branch(session: Session, question: Question) -> list[Quality]:
    """Count the flaws of a period: all branches together first, then each by its code.

    `unlinked`: nobody knows whose visit it was; `probable`: known by a phone or e-mail alone, which families
    share; `without_outcome`: served, and nobody said how it ended; `without_arrival`: no wait can be told;
    `set_aside`: ends before it begins; `at_night`: closed unserved; `by_hand`: a person, case or object was
    put right afterwards; `unknown`: a past appointment of which nobody said whether somebody came.
    """
    found: dict[str | None, Counter[str]] = defaultdict(Counter)
    for branch_id, counts in _visits(session, question):
        _add(found, question.places.branches[branch_id], counts)
    for (branch,), one in attendance.tally(session, question, [("branch",)])[0].items():
        _add(found, branch, {"appointments": one.expected + one.unknown, "unknown": one.unknown})
    whole = found.pop(None, Counter())
    return [Quality(None, whole), *(Quality(branch, found[branch]) for branch in sorted(found, key=str))]


def _add(found: dict[str | None, Counter[str]], branch: str | None, counts: dict[str, int]) -> None:
    found[None].update(counts)
    if branch is not None:
        found[branch].update(counts)


def _visits(session: Session, question: Question) -> list[tuple[int, dict[str, int]]]:
    attended = Visit.status.in_(sorted(ATTENDED_STATUSES))
    conditions = {
        "visits": Visit.id.is_not(None),
        "attended": attended,
        "unlinked": attended & Visit.person_id.is_(None),
        "probable": attended & (Visit.linked_by == PROBABLE),
        "without_outcome": (Visit.status == "served") & Visit.outcome.is_(None),
        "without_arrival": Visit.arrived_at.is_(None),
        "set_aside": Visit.is_set_aside,
        "at_night": Visit.status == "closed_unserved",
        "by_hand": cast(Visit.by_hand, Text) != NOTHING,
    }
    counted: list[Any] = [func.sum(case((condition, 1), else_=0)) for condition in conditions.values()]
    query = (
        select(Visit.branch_id, *counted)
        .where(
            Visit.direction == "inbound",
            Visit.status.not_in(("cancelled", "no_show")),
            Visit.ended_at <= question.as_of,
            *question.days(Visit.started_on),
            *question.scope.conditions(Visit),
        )
        .group_by(Visit.branch_id)
    )
    return [(row[0], dict(zip(conditions, map(int, row[1:]), strict=True))) for row in session.execute(query)]
