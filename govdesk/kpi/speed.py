"""The share that came back for the same need within 90 days, and the curve that leads there (KPI.md §1.7)."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import ATTENDED_CLASSES, INDEX_CLASSES
from govdesk.cases.models import Visit
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.curves import DRAWN, LONGEST, Timeline, observed, points
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question, Service
from govdesk.kpi.visits import CLOSING, IS_CLOSING, OF_CLOSING, Reading

FOLLOWING = aliased(Visit)  # the next visit of the matter


@dataclass(slots=True)
class Tally:
    """The first and planned visits of a group, each by the days it was seen and whether it came back then."""

    timeline: Timeline = field(default_factory=Counter)
    windows: Counter[int] = field(default_factory=Counter)  # of the services of these visits
    seen: int = 0  # for the whole of the 90 days
    pending: int = 0
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class _Visit:
    mature_on: dt.date
    withdrawn_on: dt.date | None  # where that takes it out of the figures
    gap: int | None  # to the repeat that made it fail
    next_class: str | None
    next_on: dt.date | None

    def days_until_next(self, service: Service) -> int | None:
        """The days from its end to the next attended visit of the matter."""
        if self.gap is not None or self.next_on is None:
            return self.gap
        ended_on = self.mature_on - dt.timedelta(days=service.window_days + service.lag_days)
        return (self.next_on - ended_on).days


def reading(_session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the first and planned visits of a period."""
    where = (
        question.beside(Visit.class_name).in_(INDEX_CLASSES),
        Visit.mature_on.is_not(None),
    )
    columns = (
        Visit.mature_on, case((Visit.is_excluded, Visit.withdrawn_on)),
        case((Visit.repeat_visit_id.is_not(None), FOLLOWING.gap_days)),
        FOLLOWING.class_name, FOLLOWING.started_on,
    )  # fmt: skip
    next_id = func.coalesce(Visit.repeat_visit_id, _next_visit(question))
    came = FOLLOWING.id == case((and_(*where), next_id))  # of other visits nothing is looked for
    joined = {FOLLOWING: and_(came, FOLLOWING.started_at <= question.as_of), CLOSING: IS_CLOSING}
    return Reading(columns, where, partial(_count, question), joined, OF_CLOSING)


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Gather the first and planned visits of a period with the days until each person came back."""
    return visits.gather(session, question, bys, reading)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the first and planned visits of a period, as they were gathered."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def returned_in_90_days(one: Tally, _question: Question) -> dict[str, Any]:
    """1 - S(90) of everybody, the young as long as they were seen; None where nobody was seen so long."""
    curve = points(one.timeline, one.windows)
    last = curve[-1]
    drawn = points(one.timeline, one.windows, DRAWN)
    detail: dict[str, Any] = {
        "curve": [asdict(point) for point in curve],
        "drawn": [(point.days, point.share, *point.interval) for point in drawn if point.interval],
        "windows": sorted(one.windows),
    }
    if one.pending and last.share is not None and last.interval is not None:
        detail["provisional"] = {
            "value": last.share, "interval": list(last.interval), "n": one.timeline.total(),
            "method": "kaplan_meier",
        }  # fmt: skip
    return {
        "unit": "share",
        "value": last.share,
        "n": one.seen,
        "interval": last.interval,
        "pending": one.pending,
        "excluded": one.excluded,
        "detail": detail,
    }


def _count(question: Question, row: Adding, values: Sequence[Any], places: Sequence[Any]) -> None:
    visit = _Visit(*values)
    service, today = question.places.services[places[-2]], question.today(places[-1])
    if visit.withdrawn_on is not None and visit.withdrawn_on <= today:
        row.add("excluded")
        return
    age = (today - visit.mature_on).days + service.window_days
    row.add("seen" if age >= LONGEST else "pending")
    if age >= 0:
        age = min(age, LONGEST)  # what comes later changes no figure
        gap = visit.days_until_next(service)
        row.count("timeline", observed(age, gap, visit.next_class, service.cycle_days))
        row.count("windows", service.window_days)


def _next_visit(question: Question) -> ColumnElement[Any]:
    """The next attended visit of the same matter, whatever its class (KPI.md §1.2)."""
    later = aliased(Visit)
    same_object = or_(
        Visit.object_ref.is_(None), later.object_ref.is_(None), Visit.object_ref == later.object_ref
    )
    same_case = and_(later.case_no == Visit.case_no, later.source == Visit.source)
    return (
        select(later.id)
        .where(
            later.person_id == Visit.person_id,
            or_(and_(later.family == Visit.family, same_object), same_case),
            later.started_at >= Visit.ended_at,
            later.id != Visit.id,
            later.class_name.in_(ATTENDED_CLASSES),
            *question.soon(Visit.ended_on, later.started_at, LONGEST + question.places.longest_window),
        )
        .order_by(later.started_at, later.id)
        .limit(1)
        .correlate(Visit)
        .scalar_subquery()
    )
