"""Promises of staff kept: judged by their day and their history alone, whoever noticed (KPI.md §6)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.cases.commitments.models import Commitment, CommitmentEvent
from govdesk.cases.commitments.rules import Act, Standing, standing
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.observing import note_change
from govdesk.kpi.question import Question


@dataclass(slots=True)
class Tally:
    """Promises of a group by how they stood; `moved` of those that are judged."""

    kept: int = 0
    broken: int = 0
    open: int = 0
    moved: int = 0
    kept_by_first_day: int = 0
    done_late: int = 0
    next_change: float | None = None  # minus the moment at which the first open one is due


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the promises whose day, as it stood at `as_of`, lies in a period."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them."""
    rows = Gathering(Grouping(bys, question.places))
    for stood, places in _standing(session, question, rows.grouping):
        rows.row(places, stood.due_on)
        _count(rows, stood)
    return rows.columns()


def commitments_kept(one: Tally, _question: Question) -> dict[str, Any]:
    """Promises kept within their day, of those kept and those whose day is over."""
    judged = one.kept + one.broken
    return {
        **share(one.kept, judged),
        "open": one.open,
        "data_quality": {"moved": one.moved, "moved_share": one.moved / judged if judged else None},
        "detail": {
            "kept_by_first_day": one.kept_by_first_day,
            "broken": one.broken,
            "done_late": one.done_late,
        },
    }


def _standing(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[Standing, Sequence[Any]]]:
    """Each promise as it stood at `as_of`, with the values of its groups."""
    had_day = select(CommitmentEvent.commitment_id).where(
        CommitmentEvent.due_on.is_not(None), *question.days(CommitmentEvent.due_on)
    )
    which = (
        Commitment.made_at <= question.as_of,
        Commitment.id.in_(had_day),
        *question.scope.conditions(Commitment),
    )
    acts: dict[int, list[Act]] = defaultdict(list)
    columns = CommitmentEvent.kind, CommitmentEvent.at, CommitmentEvent.due_on, CommitmentEvent.due_at
    events = (
        select(CommitmentEvent.commitment_id, *columns)
        .join(Commitment, Commitment.id == CommitmentEvent.commitment_id)
        .where(*which, CommitmentEvent.kind.in_(("made", "moved", "kept", "done")))
        .order_by(CommitmentEvent.id)
    )
    for commitment_id, kind, at, due_on, due_at in session.execute(events):
        acts[commitment_id].append(Act(kind, at, due_on, due_at))
    for commitment_id, *places in session.execute(
        grouping.select(select(Commitment.id), Commitment).where(*which)
    ):
        stood = standing(acts[commitment_id], question.as_of)
        if stood is not None and question.has(stood.due_on):
            yield stood, places


def _count(rows: Gathering, stood: Standing) -> None:
    rows.add(stood.state)
    if stood.state == "open":
        note_change(rows, stood.due_at)
        return
    rows.add("moved", stood.moves > 0)
    rows.add("kept_by_first_day", stood.state == "kept" and stood.moves == 0)
    rows.add("done_late", stood.state == "broken" and stood.done_at is not None)
