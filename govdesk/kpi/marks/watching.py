"""The job that judges figures which somebody answers for, and tells of each signal once.

A figure is judged where it has a target with an owner: by weeks, as the pages show it, or by months where
too few weeks can be judged. Running periods, and courses of fewer than 12 points, are never news.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.figures import Figure, hide_small, leading_line
from govdesk.kpi.groups import week_of
from govdesk.kpi.judging import FEWEST, Judged, judge
from govdesk.kpi.marks import rules
from govdesk.kpi.marks.models import FigureSignal, FigureWatch
from govdesk.kpi.marks.rules import Known
from govdesk.kpi.marks.service import today
from govdesk.kpi.question import Scope
from govdesk.kpi.targets import service as targets
from govdesk.kpi.targets.models import Target
from govdesk.kpi.targets.service import Place

WEEKS = 24  # as many as the pages show
MONTHS = dt.timedelta(days=730)
TIMES = ("week", "month")


@dataclass(frozen=True, slots=True)
class Aim:
    """A target that holds, and who answers for it."""

    id: int
    measure: str
    place: Place
    value: float
    owner_id: int


@dataclass(frozen=True, slots=True)
class Course:
    """A figure over time with the target that it is held against."""

    aim: Aim
    time: str
    series: Figure
    rebased: Sequence[dt.date]
    today: dt.date

    def judged(self, until: int | None = None) -> Judged:
        """Judge the course, or its first `until` periods as when they were the newest."""
        series = self.series if until is None else replace(self.series, rows=self.series.rows[:until])
        return judge(series, self.time, self.today, target=self.aim.value, rebased=self.rebased)

    def period(self, place: int) -> str:
        """The name of a period."""
        return str(self.series.rows[place].group[self.time])


def run_watch() -> int:
    """Judge every figure that somebody answers for; how many signals were told. A job."""
    session = reading()
    found = [list(_courses(session, place, owned)) for place, owned in _places(session)]
    session.rollback()
    count = 0
    for courses in found:
        for course in courses:
            with transaction(patient=True) as writing:
                count += watch(writing, course)
    return count


def watch(session: Session, course: Course) -> int:
    """Take in what a course says, and tell what is new in it; how many signals.

    1. The row of the watch is locked, and says how far the course was judged.
    2. Each period since then is judged as when it was the newest, so that none is missed after a standstill.
    3. What is news is written once: the same period is told at most once in each sense.
    """
    newest = course.judged()
    if newest.variation == "few":
        return 0
    row = _row(session, course)
    told = {
        (one.period, one.kind, one.sense)
        for one in session.scalars(select(FigureSignal).where(FigureSignal.watch_id == row.id)).unique()
    }
    count = 0
    known = Known(row.judged_until, row.sense, row.sense_before)
    places = {course.period(place): place for place in newest.places}
    for period in rules.to_judge(list(places), known):
        then = newest if places[period] == newest.places[-1] else course.judged(places[period] + 1)
        known, is_news = rules.advance(known, period, then.variation)
        if is_news and (period, "variation", then.variation) not in told:
            _tell(session, course, row, period, then, "variation", then.variation)
            count += 1
    last = course.period(newest.places[-1])
    turned = newest.assurance == "fails" and row.assurance != "fails"
    if turned and (last, "assurance", "worse") not in told:
        _tell(session, course, row, last, newest, "assurance", "worse")
        count += 1
    row.judged_until, row.sense, row.sense_before = known.until, known.sense, known.before
    row.assurance = newest.assurance
    return count


def _places(session: Session) -> Iterator[tuple[Place, list[Aim]]]:
    """The targets that hold now and have an owner, place by place."""
    last: dict[tuple[str, Place], Target] = {}
    for row in session.scalars(select(Target).order_by(Target.id)).unique():
        last[row.measure, Place(row.branch_id, row.department_id, row.service_id)] = row
    owned = [
        Aim(row.id, measure, place, row.value, row.owner_id)
        for (measure, place), row in last.items()
        if row.value is not None and row.owner_id is not None
    ]
    owned.sort(key=lambda aim: (_order(aim.place), aim.measure))
    for place, aims in groupby(owned, key=lambda aim: aim.place):
        yield place, list(aims)


def _courses(session: Session, place: Place, owned: list[Aim]) -> Iterator[Course]:
    """The courses of the figures of one place; those that share facts are read together."""
    scope = _scope(place)
    now = today(session, place)
    rebases = targets.rebases(session, place)
    left = owned
    for time in TIMES:
        first = (
            week_of(now) - dt.timedelta(weeks=WEEKS - 1) if time == "week" else (now - MONTHS).replace(day=1)
        )
        question = service.ask(session, from_day=first, to_day=now, scope=scope)
        wanted = [(one.measure, (time,)) for one in left]
        few = []
        for aim, figure in zip(left, service.figures(session, question, wanted), strict=True):
            series = hide_small(leading_line(figure), FEWEST)
            days = [row.begins_on for row in rebases.get(aim.measure, ())]
            course = Course(aim, time, series, days, now)
            if time == "week" and course.judged().variation == "few":
                few.append(aim)
            else:
                yield course
        if not few:
            return
        left = few


def _scope(place: Place) -> Scope:
    where = (place.branch_id, place.department_id)
    return Scope(None if where == (None, None) else frozenset({where}), service_id=place.service_id)


def _row(session: Session, course: Course) -> FigureWatch:
    """The row of a watch, locked; a new one for a course that nobody has watched."""
    place, measure = course.aim.place, course.aim.measure
    pairs = zip(
        (FigureWatch.branch_id, FigureWatch.department_id, FigureWatch.service_id),
        astuple(place),
        strict=True,
    )
    same = [column.is_not_distinct_from(value) for column, value in pairs]
    query = select(FigureWatch).where(
        FigureWatch.measure == measure, FigureWatch.time == course.time, *same
    ).order_by(FigureWatch.id)  # fmt: skip
    row = session.scalars(query.with_for_update()).first()
    if row is None:
        row = FigureWatch(
            measure=measure, branch_id=place.branch_id, department_id=place.department_id,
            service_id=place.service_id, time=course.time, judged_until=None, sense="", sense_before="",
            assurance="",
        )  # fmt: skip
        session.add(row)
        session.flush()
    return row


def _tell(
    session: Session, course: Course, row: FigureWatch, period: str, judged: Judged, kind: str, sense: str
) -> None:
    last = judged.chart.last
    place = judged.places[-1]
    made = FigureSignal(
        watch_id=row.id, target_id=course.aim.id, owner_id=course.aim.owner_id, period=period,
        kind=kind, sense=sense, rule=last.rule if kind == "variation" and last else None,
        value=course.series.rows[place].value or 0.0, mean=judged.chart.limits[-1].mean, found_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, actor=SYSTEM, action="signal.found", subject=f"figure_signal:{made.id}",
        measure=row.measure, period=period, kind=kind, sense=sense,
    )  # fmt: skip
    outbox.emit(
        session, "signal.found", signal_id=made.id, measure=row.measure, period=period, kind=kind, sense=sense
    )


def _order(place: Place) -> tuple[int, ...]:
    return tuple(-1 if one is None else one for one in astuple(place))
