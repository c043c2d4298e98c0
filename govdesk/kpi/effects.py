"""Whether it helped: the failures linked to an obstacle before the change and since (KPI.md §1.4, §1.7)."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import INDEX_CLASSES
from govdesk.cases.models import Visit
from govdesk.cases.obstacles.models import Obstacle
from govdesk.catalog.models import PublicService
from govdesk.config import settings
from govdesk.kpi import cohorts
from govdesk.kpi.cohorts import Timeline
from govdesk.kpi.question import Places
from govdesk.kpi.statistics import Interval, difference, wilson

SPAN = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The first and planned visits that ended in some days, and how many failed by what is linked.

    `value` is failed / mature; while none is mature yet, an estimate by Kaplan-Meier (`is_estimate`), never
    the raw share of the young. None where nothing can be said.
    """

    first_on: dt.date
    last_on: dt.date
    failed: int
    mature: int
    pending: int
    value: float | None
    interval: Interval | None
    is_estimate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Before and after, and the difference with its interval; None where one side says nothing yet."""

    before: Cohort
    after: Cohort
    difference: tuple[float, float, float] | None

    @property
    def verdict(self) -> str:
        """What it means: fewer, more, or unclear (the interval holds 0) failures; unknown without data."""
        if self.difference is None:
            return "unknown"
        _found, low, high = self.difference
        if high < 0:
            return "fewer"
        return "more" if low > 0 else "unclear"


def effect(session: Session, obstacle: Obstacle, as_of: dt.datetime) -> Effect | None:
    """Compare the 90 days before the change with up to 90 since; None while nothing changed or is linked."""
    if obstacle.changed_on is None or not obstacle.links:
        return None
    places = Places(session, settings().default_timezone)
    changed_on = obstacle.changed_on
    today = as_of.astimezone(places.zone(obstacle.branch_id)).date()
    one_day = dt.timedelta(days=1)
    earlier = _gather(session, obstacle, places, as_of, changed_on - SPAN, changed_on - one_day)
    last_on = min(today, changed_on + SPAN - one_day)
    later = _gather(session, obstacle, places, as_of, changed_on, last_on)
    before = earlier.cohort(Counter())
    after = later.cohort(earlier.timeline)
    found = None
    if before.value is not None and before.interval and after.value is not None and after.interval:
        found = difference((after.value, after.interval), (before.value, before.interval))
    return Effect(before=before, after=after, difference=found)


@dataclass(slots=True)
class _Gathered:
    first_on: dt.date
    last_on: dt.date
    timeline: Timeline
    failed: int = 0
    mature: int = 0
    pending: int = 0

    def cohort(self, older: Timeline) -> Cohort:
        value: float | None = None
        interval, is_estimate = wilson(self.failed, self.mature), False
        if self.mature:
            value = self.failed / self.mature
        elif (estimate := cohorts.provisional(self.timeline, older)) is not None:
            low, high = estimate["interval"]
            value, interval, is_estimate = estimate["value"], (low, high), True
        return Cohort(
            first_on=self.first_on,
            last_on=self.last_on,
            failed=self.failed,
            mature=self.mature,
            pending=self.pending,
            value=value,
            interval=interval,
            is_estimate=is_estimate,
        )


def _gather(
    session: Session,
    obstacle: Obstacle,
    places: Places,
    as_of: dt.datetime,
    first_on: dt.date,
    last_on: dt.date,
) -> _Gathered:
    """Count index visits: what failed by another cause stays in the denominator, as one that did not."""
    one = _Gathered(first_on, last_on, Counter())
    for ended_on, mature_on, failed, gap, service_id, branch_id, count in session.execute(
        _alike(obstacle, as_of, first_on, last_on)
    ):
        today = as_of.astimezone(places.zone(branch_id)).date()
        window = places.services[service_id].window_days
        if mature_on is None or ended_on > today:
            continue
        age = (today - mature_on).days + window
        if age >= 0:
            has_failed = bool(failed) and gap is not None and gap <= age
            one.timeline[max(gap, 0) if has_failed else age, has_failed, window] += count
        if today < mature_on:
            one.pending += count
        else:
            one.mature += count
            one.failed += count * bool(failed)
    return one


def _alike(obstacle: Obstacle, as_of: dt.datetime, first_on: dt.date, last_on: dt.date) -> Any:
    later = aliased(Visit)
    has_failed = and_(later.id.is_not(None), later.started_at <= as_of, _by_cause(obstacle, later))
    columns = (
        Visit.ended_on,
        Visit.mature_on,
        case((has_failed, 1), else_=0).label("failed"),
        case((has_failed, later.gap_days)).label("gap"),
        Visit.service_id,
        Visit.branch_id,
    )
    inner = (
        select(*columns)
        .outerjoin(later, later.id == Visit.repeat_visit_id)
        .where(
            Visit.class_name.in_(INDEX_CLASSES),
            Visit.is_excluded.is_(False),
            Visit.ended_on.between(first_on, last_on),
            *_inside(obstacle),
        )
        .subquery()
    )
    return select(*inner.c, func.count()).group_by(*inner.c)


def _by_cause(obstacle: Obstacle, later: Any) -> ColumnElement[bool]:
    """Whether a failure has one of the linked causes."""
    causes = obstacle.codes("cause")
    if not causes:
        return true()
    found: ColumnElement[bool] = later.return_cause.in_(causes)
    return found


def _inside(obstacle: Obstacle) -> list[ColumnElement[bool]]:
    """The visits of the services and units that are linked; without any, those of its branch."""
    services, units = obstacle.codes("service"), obstacle.codes("unit")
    found: list[ColumnElement[bool]] = []
    if services:
        theirs = select(PublicService.id).where(PublicService.code.in_(services))
        found.append(Visit.service_id.in_(theirs))
    if units:
        found.append(Visit.unit.in_(units))
    elif obstacle.branch_id is not None:
        found.append(Visit.branch_id == obstacle.branch_id)
    return found
