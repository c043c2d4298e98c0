"""Obstacles as figures: how many are open, and how old they are, at the end of a period (KPI.md §6)."""

import datetime as dt
import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from govdesk.cases.obstacles.models import Obstacle, ObstacleEvent, ObstacleLink
from govdesk.cases.obstacles.rules import open_stretches
from govdesk.catalog.models import Branch, Department, PublicService
from govdesk.kpi.groups import TIMES, By, Group, Tallies, period_of
from govdesk.kpi.question import Question
from govdesk.kpi.ranks import median_interval
from govdesk.kpi.statistics import nearest_rank

DAY = 86400.0
COUNTED = ("raised", "closed", "reopened")


@dataclass(slots=True)
class Tally:
    """The ages in days of what is open, and how many had been raised by then."""

    ages: list[float] = field(default_factory=list)
    raised: int = 0


@dataclass(frozen=True, slots=True)
class _Life:
    branch: str | None
    department: str | None
    category: str
    history: tuple[tuple[dt.datetime, str], ...]


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Look at the end of the period, and in a breakdown by time at the end of each of its parts."""
    found: list[Tallies[Tally]] = [Tallies(Tally) for _ in bys]
    lives = list(_lives(session, question))
    for tallies, by in zip(found, bys, strict=True):
        time = next((word for word in by if word in TIMES), None)
        moments = list(_moments(question, lives, time))
        lines: dict[tuple[str | None, ...], list[Tally]] = {}  # of a place, at each moment
        for life in lives:
            where = life.branch, life.department, life.category
            if where not in lines:
                lines[where] = [tallies[_group(by, life, name)] for name, _moment in moments]
            _count(life, lines[where], [moment for _name, moment in moments])
    return found


def obstacle_age(one: Tally, _question: Question) -> dict[str, Any]:
    """The median age of what is open, nearest-rank, with the oldest beside it."""
    return {
        "unit": "days",
        "value": nearest_rank(one.ages, 0.5),
        "n": len(one.ages),
        "interval": median_interval(one.ages),
        "open": len(one.ages),
        "detail": {"oldest_open": max(one.ages, default=None), "raised": one.raised},
    }


def obstacles_open(one: Tally, _question: Question) -> dict[str, Any]:
    """How many are open, of all that had been raised; no data where none ever was."""
    return {
        "unit": "obstacles",
        "value": float(len(one.ages)) if one.raised else None,
        "numerator": len(one.ages),
        "denominator": one.raised,
        "n": one.raised,
        "open": len(one.ages),
        "detail": {"oldest_open": max(one.ages, default=None)},
    }


def _count(life: _Life, line: Sequence[Tally], moments: Sequence[dt.datetime]) -> None:
    """Count it at those of these moments, in order, at which it had been raised, with its age while open."""
    for one in line[bisect_left(moments, life.history[0][0]) :]:
        one.raised += 1
    for since, begin, end in open_stretches(life.history):
        last = len(moments) if end is None else bisect_left(moments, end)
        for place in range(bisect_left(moments, begin), last):
            line[place].ages.append((moments[place] - since).total_seconds() / DAY)


def _lives(session: Session, question: Question) -> Iterator[_Life]:
    rows = session.execute(
        select(
            Obstacle.id, Branch.code, Department.code, Obstacle.category, ObstacleEvent.at, ObstacleEvent.kind
        )
        .join(ObstacleEvent, ObstacleEvent.obstacle_id == Obstacle.id)
        .outerjoin(Branch, Branch.id == Obstacle.branch_id)
        .outerjoin(Department, Department.id == Obstacle.department_id)
        .where(
            ObstacleEvent.kind.in_(COUNTED),
            ObstacleEvent.at <= question.as_of,
            *_seen(question),
        )
        .order_by(Obstacle.id, ObstacleEvent.at, ObstacleEvent.id)
    )
    for _, group in itertools.groupby(rows, key=lambda row: row[0]):
        events = list(group)
        _id, branch, department, category, _at, _kind = events[0]
        yield _Life(branch, department, category, tuple((row[4], row[5]) for row in events))


def _seen(question: Question) -> list[ColumnElement[bool]]:
    """What a reader may see: of their branches and departments; what is everywhere, who sees everywhere."""
    scope, found = question.scope, []
    if scope.places is not None:
        found.append(
            or_(
                false(),
                *(
                    and_(
                        true() if branch is None else Obstacle.branch_id == branch,
                        true()
                        if department is None
                        else or_(Obstacle.department_id.is_(None), Obstacle.department_id == department),
                    )
                    for branch, department in sorted(scope.places, key=str)
                ),
            )
        )
    if scope.branch_id is not None:
        found.append(Obstacle.branch_id == scope.branch_id)
    if scope.service_id is not None:
        code = select(PublicService.code).where(PublicService.id == scope.service_id).scalar_subquery()
        linked = exists().where(
            ObstacleLink.obstacle_id == Obstacle.id, ObstacleLink.kind == "service", ObstacleLink.code == code
        )
        found.append(linked.correlate(Obstacle))
    return found


def _moments(
    question: Question, lives: Sequence[_Life], time: str | None
) -> Iterator[tuple[str | None, dt.datetime]]:
    """Give the moments at which to look: the end of each day's period, no later than what is known."""
    zone = question.places.default_zone
    today = question.as_of.astimezone(zone).date()
    last = min(question.to_day or today, today)
    if time is None:
        yield None, _end_of(last, question)
        return
    raised = [life.history[0][0].astimezone(zone).date() for life in lives]
    first = question.from_day or min(raised, default=last)
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    ends = {period_of(day, time): day for day in days}
    for name, day in ends.items():
        yield name, _end_of(day, question)


def _end_of(day: dt.date, question: Question) -> dt.datetime:
    midnight = dt.datetime.combine(
        day + dt.timedelta(days=1), dt.time(0), tzinfo=question.places.default_zone
    )
    return min(midnight, question.as_of)


def _group(by: By, life: _Life, name: str | None) -> Group:
    own = {"branch": life.branch, "department": life.department, "category": life.category}
    return tuple(name if word in TIMES else own[word] for word in by)
