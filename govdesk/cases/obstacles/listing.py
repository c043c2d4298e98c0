"""Obstacles as lists: what is open, oldest first, in the sight of all staff."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.obstacles import rules
from govdesk.cases.obstacles.models import Obstacle, ObstacleEvent, ObstacleSupport
from govdesk.cases.obstacles.places import today_at
from govdesk.people.models import Staff


@dataclass(frozen=True, slots=True)
class Line:
    """One obstacle with how old it is and how many people meet it."""

    obstacle: Obstacle
    age_days: int
    people: int
    is_overdue: bool


def open_ones(session: Session, *, branch_id: int | None = None) -> list[Line]:
    """The open obstacles of all branches, or of one with those that are everywhere; the oldest first."""
    here = [] if branch_id is None else [_at(branch_id)]
    query = select(Obstacle).where(Obstacle.state == "open", *here)
    return lines(session, list(session.scalars(query.order_by(Obstacle.raised_at, Obstacle.id))))


def closed_ones(session: Session, *, branch_id: int | None = None, most: int = 50) -> list[Line]:
    """Those that were closed, the latest first."""
    here = [] if branch_id is None else [_at(branch_id)]
    query = select(Obstacle).where(Obstacle.state == "closed", *here)
    latest = query.order_by(Obstacle.closed_at.desc(), Obstacle.id.desc()).limit(most)
    return lines(session, list(session.scalars(latest)))


def of(session: Session, actor: Actor) -> list[Line]:
    """The open obstacles for which someone answers, what is due first."""
    query = select(Obstacle).where(_is_of(actor), Obstacle.state == "open")
    return lines(session, list(session.scalars(query.order_by(Obstacle.due_on, Obstacle.id))))


def count_of(session: Session, actor: Actor) -> int:
    """How many open obstacles someone answers for."""
    query = select(func.count()).select_from(Obstacle).where(_is_of(actor), Obstacle.state == "open")
    return session.scalar(query) or 0


def count_open(session: Session, actor: Actor) -> int:
    """How many obstacles are open where someone works."""
    here = Obstacle.branch_id.is_(None) | Obstacle.branch_id.in_(actor.branch_ids or ())
    seen = [] if actor.branch_ids is None else [here]
    query = select(func.count()).select_from(Obstacle).where(Obstacle.state == "open", *seen)
    return session.scalar(query) or 0


def lines(session: Session, obstacles: list[Obstacle]) -> list[Line]:
    """Put age and number of people beside each."""
    ids = [one.id for one in obstacles]
    said = (
        select(ObstacleSupport.obstacle_id, func.count())
        .where(ObstacleSupport.obstacle_id.in_(ids))
        .group_by(ObstacleSupport.obstacle_id)
    )
    more = {row[0]: row[1] for row in session.execute(said)}
    return [
        Line(
            obstacle=one,
            age_days=_age_days(one),
            people=1 + more.get(one.id, 0),
            is_overdue=rules.is_overdue(one.state, one.due_on, today_at(one.branch)),
        )
        for one in obstacles
    ]


def history(session: Session, obstacle: Obstacle) -> list[ObstacleEvent]:
    """All that was done with it, from the first."""
    query = select(ObstacleEvent).where(ObstacleEvent.obstacle_id == obstacle.id)
    return list(session.scalars(query.order_by(ObstacleEvent.at, ObstacleEvent.id)))


def named_in(session: Session, obstacle: Obstacle) -> list[Staff]:
    """The people to whom its history says that it was given."""
    told = [event.detail.get(name) for event in history(session, obstacle) for name in ("assigned_to", "to")]
    wanted = {one for one in told if isinstance(one, int)}
    return list(session.scalars(select(Staff).where(Staff.id.in_(wanted)).order_by(Staff.id)))


def has_supported(session: Session, actor: Actor, obstacle: Obstacle) -> bool:
    """Whether someone has said already that they meet it."""
    if actor.kind != "staff" or int(actor.id) == obstacle.raised_by_id:
        return True
    return session.get(ObstacleSupport, (obstacle.id, int(actor.id))) is not None


def _age_days(obstacle: Obstacle) -> int:
    until = obstacle.closed_at or clock.now()
    return max(0, (until - obstacle.raised_at) // dt.timedelta(days=1))


def _at(branch_id: int) -> ColumnElement[bool]:
    return or_(Obstacle.branch_id == branch_id, Obstacle.branch_id.is_(None))


def _is_of(actor: Actor) -> ColumnElement[bool]:
    me = int(actor.id) if actor.kind == "staff" else 0
    return or_(Obstacle.assigned_to_id == me, Obstacle.escalated_to_id == me)
