"""What a finished case cost in time of staff: the minutes at counters of all its visits (KPI.md §6)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.models import Case, Visit
from govdesk.cases.records import in_parts
from govdesk.kpi.columns import Columns
from govdesk.kpi.gathering import Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.lengths import Lengths
from govdesk.kpi.observing import COLUMNS, MICROSECOND, Life, life_of, note_change
from govdesk.kpi.question import Question, each_row
from govdesk.kpi.statistics import mean_interval

MINUTE = 60_000_000  # microseconds


@dataclass(slots=True)
class Tally:
    """Finished cases of a group: the microseconds of each, and those of which no time is known."""

    lengths: Lengths = field(default_factory=Lengths)
    visits: int = 0  # that were timed
    without_time: int = 0
    negative: int = 0  # services that end before they begin: left out, and counted
    next_change: float | None = None  # minus the moment at which time alone makes it another


@dataclass(slots=True)
class Spent:
    """The time at counters that the visits of one case took, in microseconds."""

    length: int = 0
    visits: int = 0
    negative: int = 0
    changes_at: dt.datetime | None = None


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Add up the time of each case whose completion, as known at `as_of`, lies in the period."""
    rows = Gathering(Grouping(bys, question.places))
    finished = list(_finished(session, question, rows.grouping))
    spent = _spent(session, question, [case_id for case_id, _life, _day, _places in finished])
    for case_id, life, day, places in finished:
        rows.row(places, day)
        note_change(rows, life.changes_at)
        _count(rows, spent.get(case_id, Spent()))
    return rows.columns()


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the time that the cases took which were finished in a period."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def staff_minutes_per_case(one: Tally, _question: Question) -> dict[str, Any]:
    """The mean of the minutes, since a budget is their sum; median and p90 stand beside."""
    n, limits = len(one.lengths), mean_interval(len(one.lengths), one.lengths.total, one.lengths.squares)
    return {
        "unit": "minutes",
        "value": one.lengths.mean(MINUTE),
        "n": n,
        "interval": limits and (max(0.0, limits[0]) / MINUTE, limits[1] / MINUTE),
        "excluded": one.without_time,
        "data_quality": {
            "without_time": one.without_time,
            "without_time_share": one.without_time / (n + one.without_time) if n + one.without_time else None,
            "set_aside": one.negative,
        },
        "detail": {
            "median": one.lengths.nearest_rank(0.5, MINUTE),
            "p90": one.lengths.nearest_rank(0.9, MINUTE),
            "staff_minutes": one.lengths.total / MINUTE,
            "visits": one.visits,
        },
    }


def _count(row: Gathering, spent: Spent) -> None:
    note_change(row, spent.changes_at)
    row.add("negative", spent.negative)
    row.add("visits", spent.visits)
    if spent.visits:
        row.length("lengths", spent.length)
    else:
        row.add("without_time")


def _finished(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[int, Life, dt.date, Sequence[Any]]]:
    """The cases that were finished in the period, as known at `as_of`."""
    ends = or_(*(and_(*question.known(column)) for column in (Case.first_resolved_at, Case.resolved_at)))
    query = grouping.select(select(Case.id, *COLUMNS), Case).where(ends, *question.scope.conditions(Case))
    for case_id, *row in each_row(session, query):
        life, places = life_of(row[: len(COLUMNS)], row[-1], question), row[len(COLUMNS) :]
        if life.ended_at is None or life.is_set_aside:
            continue
        day = clock.local_day(life.ended_at, question.places.zone(places[-1]))
        if question.has(day):
            yield case_id, life, day, places


def _spent(session: Session, question: Question, case_ids: Sequence[int]) -> dict[int, Spent]:
    found: dict[int, Spent] = defaultdict(Spent)
    for some in in_parts(case_ids):
        timed = select(Visit.case_id, Visit.served_at, Visit.ended_at).where(
            Visit.case_id.in_(some), Visit.served_at.is_not(None)
        )
        rows: Any = session.execute(timed.order_by(Visit.id))
        for case_id, served_at, ended_at in rows:
            one = found[case_id]
            if ended_at > question.as_of:
                one.changes_at = min(one.changes_at or ended_at, ended_at)
            elif ended_at < served_at:
                one.negative += 1
            else:
                one.visits += 1
                one.length += (ended_at - served_at) // MICROSECOND
    return found
