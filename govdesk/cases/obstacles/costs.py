"""What an obstacle costs: the visits charged to what it is linked to, and the hours that they took."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from govdesk import clock
from govdesk.cases.classes import VisitClass
from govdesk.cases.models import Visit
from govdesk.cases.obstacles.models import Obstacle
from govdesk.catalog.models import PublicService

LOOKED_BACK = dt.timedelta(days=90)
HOUR = 3600.0
DAY = 86400.0
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Visits that were not needed in a span of time: how many, hours of the people, hours at the counter."""

    days: float
    visits: int
    people_hours: float
    desk_hours: float

    @property
    def per_month(self) -> float | None:
        """Visits in 30 days at this pace; None where no time has passed."""
        return self.visits * USUAL_DAYS / self.days if self.days else None


def cost(session: Session, obstacle: Obstacle) -> tuple[Cost, Cost] | None:
    """The cost in the 90 days before it was raised, and since; None while it is linked to nothing."""
    if not obstacle.links:
        return None
    raised = obstacle.raised_at
    before = _between(session, obstacle, raised - LOOKED_BACK, raised)
    return before, _between(session, obstacle, raised, obstacle.closed_at or clock.now())


def charged_to(obstacle: Obstacle, repeat: Any, charged: Any) -> list[ColumnElement[bool]]:
    """The conditions under which a repeat is charged to what an obstacle is linked to.

    Of each kind that is linked one must fit; a kind without links leaves all.
    """
    causes, services, units = (obstacle.codes(kind) for kind in ("cause", "service", "unit"))
    found: list[ColumnElement[bool]] = []
    if causes:
        found.append(repeat.return_cause.in_(causes))
    if services:
        theirs = select(PublicService.id).where(PublicService.code.in_(services))
        found.append(charged.service_id.in_(theirs))
    if units:
        found.append(func.coalesce(repeat.charged_unit, charged.unit).in_(units))
    return found


def _between(session: Session, obstacle: Obstacle, first: dt.datetime, until: dt.datetime) -> Cost:
    charged = aliased(Visit)
    rows = session.execute(
        select(Visit.started_at, Visit.served_at, Visit.ended_at)
        .join(charged, charged.id == Visit.charged_visit_id)
        .where(
            Visit.class_name == VisitClass.REPEAT,
            Visit.started_at >= first,
            Visit.started_at < until,
            *charged_to(obstacle, Visit, charged),
        )
    ).all()
    people = sum((_length(started, ended) for started, _served, ended in rows), 0.0)
    desk = sum((_length(served, ended) for _started, served, ended in rows if served is not None), 0.0)
    return Cost(
        days=(until - first).total_seconds() / DAY,
        visits=len(rows),
        people_hours=people / HOUR,
        desk_hours=desk / HOUR,
    )


def _length(start: dt.datetime, end: dt.datetime) -> float:
    """The seconds between; what ends before it begins took no time that is known."""
    return max(0.0, (end - start).total_seconds())
