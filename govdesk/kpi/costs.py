"""What a finished case cost in time of staff: the minutes at counters of all its visits (KPI.md §6)."""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.models import Case, Visit
from govdesk.cases.records import in_parts
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.observing import COLUMNS, life_of
from govdesk.kpi.question import Question
from govdesk.kpi.statistics import mean, mean_interval, nearest_rank

MINUTE = 60.0


@dataclass(slots=True)
class Tally:
    """Finished cases of a group: the minutes of each, and those of which no time is known."""

    minutes: list[float] = field(default_factory=list)
    visits: int = 0  # that were timed
    without_time: int = 0
    negative: int = 0  # services that end before they begin: left out, and counted


@dataclass(frozen=True, slots=True)
class Spent:
    """The time at counters that the visits of one case took."""

    minutes: tuple[float, ...] = ()
    negative: int = 0


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Add up the time of each case whose completion, as known at `as_of`, lies in the period."""
    grouping = Grouping(bys, question.places)
    found: list[Tallies[Tally]] = [Tallies(Tally) for _ in bys]
    finished = list(_finished(session, question, grouping))
    spent = _spent(session, question, [case_id for case_id, _day, _places in finished])
    for case_id, day, places in finished:
        for tallies, group in zip(found, grouping.of(places, day), strict=True):
            _count(tallies[group], spent.get(case_id, Spent()))
    return found


def staff_minutes_per_case(one: Tally, _question: Question) -> dict[str, Any]:
    """The mean of the minutes, since a budget is their sum; median and p90 stand beside."""
    n, limits = len(one.minutes), mean_interval(one.minutes)
    return {
        "unit": "minutes",
        "value": mean(one.minutes),
        "n": n,
        "interval": limits and (max(0.0, limits[0]), limits[1]),
        "excluded": one.without_time,
        "data_quality": {
            "without_time": one.without_time,
            "without_time_share": one.without_time / (n + one.without_time) if n + one.without_time else None,
            "set_aside": one.negative,
        },
        "detail": {
            "median": nearest_rank(one.minutes, 0.5),
            "p90": nearest_rank(one.minutes, 0.9),
            "staff_minutes": math.fsum(one.minutes),
            "visits": one.visits,
        },
    }


def _count(one: Tally, spent: Spent) -> None:
    one.negative += spent.negative
    one.visits += len(spent.minutes)
    if spent.minutes:
        one.minutes.append(math.fsum(spent.minutes))
    else:
        one.without_time += 1


def _finished(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[int, dt.date, Sequence[Any]]]:
    """The cases that were finished in the period, as known at `as_of`."""
    ends = or_(
        *(
            and_(column <= question.as_of, *question.moments(column))
            for column in (Case.first_resolved_at, Case.resolved_at)
        )
    )
    query = grouping.select(select(Case.id, *COLUMNS), Case).where(ends, *question.scope.conditions(Case))
    for case_id, *row in session.execute(query.execution_options(yield_per=2000)):
        life, places = life_of(row[: len(COLUMNS)], row[-1], question), row[len(COLUMNS) :]
        if life.ended_at is None or life.is_set_aside:
            continue
        day = clock.local_day(life.ended_at, question.places.zone(places[-1]))
        if question.has(day):
            yield case_id, day, places


def _spent(session: Session, question: Question, case_ids: Sequence[int]) -> dict[int, Spent]:
    found: dict[int, Spent] = {}
    for some in in_parts(case_ids):
        timed = select(Visit.case_id, Visit.served_at, Visit.ended_at).where(
            Visit.case_id.in_(some), Visit.served_at.is_not(None), Visit.ended_at <= question.as_of
        )
        rows: Any = session.execute(timed.order_by(Visit.id))
        for case_id, served_at, ended_at in rows:
            length = (ended_at - served_at).total_seconds() / MINUTE
            one = found.get(case_id, Spent())
            is_told = length >= 0
            more = (length,) if is_told else ()
            found[case_id] = Spent((*one.minutes, *more), one.negative + (not is_told))
    return found
