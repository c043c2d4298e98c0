"""Whether those whom a past fault touched were reached, and it was made good for them (KPI.md §6)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.recall.models import Recall, RecallMember, RecallStep
from govdesk.cases.recall.rules import COVERED, ENDS, Act, Standing, standing
from govdesk.kpi.figures import share
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question


@dataclass(slots=True)
class Tally:
    """People whom faults touched, and visits of nobody known, by how it ended for them."""

    ends: Counter[str] = field(default_factory=Counter)
    open: int = 0
    reached: int = 0
    covered: int = 0
    recalls: set[int] = field(default_factory=set)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Count the members of the recalls that were started in a period, as they stood at `as_of`."""
    grouping = Grouping(bys, question.places)
    found: list[Tallies[Tally]] = [Tallies(Tally) for _ in bys]
    which = (
        *question.known(Recall.started_at),
        *question.scope.conditions(RecallMember),
    )
    acts = _acts(session, which)
    columns = RecallMember.id, RecallMember.recall_id, Recall.started_at
    members = grouping.select(
        select(*columns).join(Recall, Recall.id == RecallMember.recall_id), RecallMember
    ).where(*which)
    for member_id, recall_id, started_at, *places in session.execute(members):
        day = clock.local_day(started_at, question.places.zone(places[-1]))
        if not question.has(day):
            continue
        stood = standing(acts[member_id], question.as_of)
        for tallies, group in zip(found, grouping.of(places, day), strict=True):
            _count(tallies[group], stood, recall_id)
    return found


def recall_coverage(one: Tally, _question: Question) -> dict[str, Any]:
    """Reached and made good, or declined by their own word, of all whom a fault touched, open ones too."""
    n = one.ends.total() + one.open
    return {
        **share(one.covered, n),
        "open": one.open,
        "data_quality": {
            "unknown": one.ends["unknown"],
            "unknown_share": one.ends["unknown"] / n if n else None,
        },
        "detail": {
            "recalls": len(one.recalls),
            "reached": one.reached,
            "reached_share": one.reached / n if n else None,
            **{how: one.ends[how] for how in ENDS},
        },
    }


def _acts(session: Session, which: Sequence[Any]) -> defaultdict[int, list[Act]]:
    found: defaultdict[int, list[Act]] = defaultdict(list)
    columns = RecallStep.member_id, RecallStep.kind, RecallStep.at, RecallStep.is_reached
    steps = (
        select(*columns)
        .join(RecallMember, RecallMember.id == RecallStep.member_id)
        .join(Recall, Recall.id == RecallMember.recall_id)
        .where(*which)
        .order_by(RecallStep.at, RecallStep.id)
    )
    for member_id, kind, at, is_reached in session.execute(steps):
        if member_id is not None:
            found[member_id].append(Act(kind, at, is_reached))
    return found


def _count(one: Tally, stood: Standing, recall_id: int) -> None:
    one.recalls.add(recall_id)
    one.reached += stood.is_reached
    one.covered += stood.is_reached and stood.end in COVERED
    one.open += stood.end is None
    if stood.end is not None:
        one.ends[stood.end] += 1
