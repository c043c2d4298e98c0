"""Repeat visits: M1, first-contact resolution and M2, counted from the classes of visits (KPI.md §1)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import and_, case, or_, true
from sqlalchemy.orm import Session

from govdesk.cases.classes import ATTENDED_CLASSES, INDEX_CLASSES, VisitClass
from govdesk.cases.counts import COMPARABLE_LINKAGE
from govdesk.cases.links import PROBABLE
from govdesk.cases.models import Visit
from govdesk.kpi import cohorts, visits
from govdesk.kpi.cohorts import Timeline
from govdesk.kpi.columns import BESIDE, Columns
from govdesk.kpi.figures import Row, share
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import TIMES, By, Group, Grouping, Tallies
from govdesk.kpi.question import Question
from govdesk.kpi.returns import ahead, next_on
from govdesk.kpi.visits import CLOSING, FAILING, IS_CLOSING, IS_FAILING, OF_CLOSING, Reading

LONGEST = 90  # days: no window of a service is longer (catalog)
COUNTED_CLASSES: Mapping[str, str] = {
    VisitClass.CLOSED_UNSERVED: "at_night", VisitClass.PLANNED: "planned", VisitClass.RECALL: "recalls",
}  # fmt: skip
JOINED = {FAILING: IS_FAILING, CLOSING: IS_CLOSING}
REFERENCE_DAYS = 180  # how far back the older weeks reach that an estimate for a young one leans on


@dataclass(slots=True)
class Tally:
    """What was counted of one group."""

    failed: int = 0
    mature: int = 0
    pending: int = 0
    excluded: int = 0
    repeats: int = 0
    attended: int = 0
    planned: int = 0
    recalls: int = 0
    unlinked: int = 0
    unlinked_mature: int = 0
    probable: int = 0  # attended and linked only by telephone or e-mail: families share one
    probable_mature: int = 0
    probable_failed: int = 0
    silent: int = 0
    set_aside: int = 0
    at_night: int = 0
    failed_by_cause: Counter[str | None] = field(default_factory=Counter)
    repeats_by_cause: Counter[str | None] = field(default_factory=Counter)
    timeline: Timeline = field(default_factory=Counter)
    # the same group without its time, for young cohorts
    older: Timeline = field(default_factory=Counter, metadata=BESIDE)


@dataclass(slots=True)
class _Fact:
    """What is known of a visit, and of visits that are like it."""

    ended_on: dt.date
    class_name: str
    mature_on: dt.date | None
    is_excluded: bool
    withdrawn_on: dt.date | None
    is_set_aside: bool
    is_probable: bool
    is_failed: bool
    gap: int | None
    cause: str | None
    is_unresolved: bool = False
    came_on: dt.date | None = None  # after it was left unresolved


def reading(_session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the visits of a period; of those left unresolved, when somebody came back too."""
    outcome = case((Visit.closing_visit_id.is_(None), Visit.outcome), else_=CLOSING.outcome)
    is_left = and_(question.beside(Visit.class_name).in_(ATTENDED_CLASSES), outcome == "unresolved")
    columns = [*_columns(question), case((is_left, 1), else_=0), case((is_left, next_on(question)))]
    return Reading(columns, (), partial(_count, question), JOINED, OF_CLOSING)


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the visits of a period in each breakdown."""
    return visits.gather(session, question, bys, reading)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the visits of a period; young cohorts with the older visits on which their estimates lean."""
    found = [one.tallies(Tally) for one in gather(session, question, bys)]
    own = Grouping(bys, question.places).bys
    timed = {by: timeless(by, by)[0] for by in own if set(by) & set(TIMES)}
    older = _timelines(session, question, list(dict.fromkeys(timed.values()))) if timed else {}
    for by, tallies in zip(own, found, strict=True):
        for group, one in tallies.items() if by in timed else ():
            without_time, its_group = timeless(by, group)
            one.older = older[without_time][its_group].timeline
    return found


def _timelines(session: Session, question: Question, bys: Sequence[By]) -> dict[By, Tallies[Tally]]:
    """The timelines of the visits of a period and of all of late."""
    days = or_(and_(true(), *question.days(Visit.started_on)), Visit.started_on >= reference_from(question))
    period = [days, *question.scope.conditions(Visit)]
    columns = visits.gather(session, question, bys, _reading_of_timelines, period)
    return {by: one.tallies(Tally) for by, one in zip(bys, columns, strict=True)}


def _reading_of_timelines(_session: Session, question: Question, _grouping: Grouping) -> Reading:
    return Reading(_columns(question), (), partial(_observe, question), JOINED, OF_CLOSING)


def reference_from(question: Question) -> dt.date:
    """The first day of the visits on which the estimates for young cohorts lean, beside the period's own."""
    return question.as_of.date() - dt.timedelta(days=REFERENCE_DAYS - 1)


def repeat_visit_rate(one: Tally, _question: Question) -> dict[str, Any]:
    """M1: failed of mature index visits; the young are pending, never in a raw ratio."""
    return {**share(one.failed, one.mature), **_beside(one)}


def first_contact_resolution(one: Tally, _question: Question) -> dict[str, Any]:
    """FCR: the complement of M1."""
    row = {**share(one.mature - one.failed, one.mature), **_beside(one)}
    estimate = row["detail"].get("provisional")
    if estimate:
        low, high = estimate["interval"]
        estimate |= {"value": 1 - estimate["value"], "interval": [1 - high, 1 - low]}
    for name in ("bounds", "bounds_certain"):
        if row["detail"][name]:
            row["detail"][name] = [1 - bound for bound in reversed(row["detail"][name])]
    return row


def avoidable_visit_share(one: Tally, _question: Question) -> dict[str, Any]:
    """M2: repeats of attended linked visits; it needs no maturity."""
    detail = {"planned": one.planned, "recalls": one.recalls}
    return {
        **share(one.repeats, one.attended),
        "unlinked": one.unlinked,
        "data_quality": _quality(one),
        "detail": detail,
    }


def planned_share(one: Tally, _question: Question) -> dict[str, Any]:
    """Planned next steps, of attended linked visits."""
    return {**share(one.planned, one.attended), "unlinked": one.unlinked, "data_quality": _quality(one)}


def by_cause(one: Tally, key: str) -> Iterator[tuple[str | None, int]]:
    """Give the causes of the failures of a group with their number, the most frequent first."""
    counts = one.repeats_by_cause if key == "avoidable_visit_share" else one.failed_by_cause
    yield from sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or ""))


def cause_row(group: dict[str, str | None], one: Tally, count: int) -> Row:
    """M1 of one cause: its failures of all mature index visits, so that the causes add up to M1."""
    return Row(group=group, **share(count, one.mature), data_quality=_quality(one))


def avoidable_cause_row(group: dict[str, str | None], one: Tally, count: int) -> Row:
    """M2 of one cause."""
    return Row(group=group, **share(count, one.attended), data_quality=_quality(one))


def _columns(question: Question) -> list[Any]:
    is_failed = and_(FAILING.id.is_not(None), FAILING.started_at <= question.as_of)
    cause = case((is_failed, FAILING.return_cause), else_=Visit.return_cause)
    return [
        Visit.ended_on, Visit.class_name, Visit.mature_on, Visit.is_excluded,
        case((Visit.is_excluded, Visit.withdrawn_on)), Visit.is_set_aside,
        case((Visit.linked_by == PROBABLE, 1), else_=0), case((is_failed, 1), else_=0),
        case((is_failed, FAILING.gap_days)), cause,
    ]  # fmt: skip


def _count(question: Question, row: Adding, values: Sequence[Any], places: Sequence[Any]) -> None:
    fact = _Fact(*values)
    today, name = question.today(places[-1]), fact.class_name
    _observe(question, row, values, places)
    row.add("set_aside", fact.is_set_aside)
    if fact.is_unresolved:
        seen = ahead(question, fact.ended_on, fact.came_on, places)
        row.add("silent", seen.is_mature and not seen.has_return)
    if name in ATTENDED_CLASSES:
        row.add("attended")
        row.add("probable", fact.is_probable)
    if name in COUNTED_CLASSES:
        row.add(COUNTED_CLASSES[name])
    if name == VisitClass.REPEAT:
        row.add("repeats")
        row.count("repeats_by_cause", fact.cause)
    elif name == VisitClass.UNLINKED:
        service = question.places.services[places[-2]]
        young = (today - fact.ended_on).days < service.window_days + service.lag_days
        row.add("unlinked")
        row.add("unlinked_mature", not young)
    elif name in INDEX_CLASSES:
        if fact.mature_on is None or today < fact.mature_on:
            row.add("pending")
        elif fact.is_excluded:
            row.add("excluded")
        else:
            row.add("mature")
            row.add("probable_mature", fact.is_probable)
            row.add("probable_failed", fact.is_probable and fact.is_failed)
            if fact.is_failed:
                row.add("failed")
                row.count("failed_by_cause", fact.cause)


def _observe(question: Question, row: Adding, values: Sequence[Any], places: Sequence[Any]) -> None:
    observation = _observation(_Fact(*values), places, question)
    if observation is not None:
        row.count("timeline", observation)


def _observation(fact: _Fact, places: Sequence[Any], question: Question) -> tuple[int, bool, int] | None:
    """Give (days, whether it failed then, window) of an index visit, observed until `as_of` less the lag.

    No longer than any window: what comes later changes no estimate.
    """
    if fact.class_name not in INDEX_CLASSES or fact.mature_on is None:
        return None
    today, service = question.today(places[-1]), question.places.services[places[-2]]
    if fact.is_excluded and fact.withdrawn_on is not None and fact.withdrawn_on <= today:
        return None
    window = service.window_days
    age = (today - fact.mature_on).days + window  # mature_on is the end of the visit, window and lag together
    if age < 0:
        return None
    if fact.is_failed and fact.gap is not None and fact.gap <= age:
        return max(fact.gap, 0), True, window
    return min(age, max(LONGEST, window)), False, window


def timeless(by: By, group: Group) -> tuple[By, Group]:
    """A breakdown and a group of it without their time."""
    kept = [place for place, word in enumerate(by) if word not in TIMES]
    return tuple(by[place] for place in kept), tuple(group[place] for place in kept)


def _beside(one: Tally) -> dict[str, Any]:
    everybody = one.mature + one.unlinked_mature
    bounds = [one.failed / everybody, (one.failed + one.unlinked_mature) / everybody] if everybody else None
    detail: dict[str, Any] = {
        "bounds": bounds,
        "bounds_certain": _bounds_certain(one, everybody),
        "silent": one.silent,
        "planned": one.planned,
        "recalls": one.recalls,
    }
    if one.pending:
        detail["provisional"] = cohorts.provisional(one.timeline, one.older)
    return {
        "pending": one.pending,
        "excluded": one.excluded,
        "unlinked": one.unlinked,
        "data_quality": _quality(one),
        "detail": detail,
    }


def _bounds_certain(one: Tally, everybody: int) -> list[float] | None:
    """The bounds where a probable link is trusted no more than none: either way it may have gone."""
    if not everybody:
        return None
    sure = one.failed - one.probable_failed
    return [sure / everybody, (sure + one.probable_mature + one.unlinked_mature) / everybody]


def _quality(one: Tally) -> dict[str, Any]:
    everybody = one.attended + one.unlinked
    linkage = one.attended / everybody if everybody else None
    return {
        "linkage": linkage,
        "probable": one.probable / one.attended if one.attended else None,
        "comparable": None if linkage is None else linkage >= COMPARABLE_LINKAGE,
        "set_aside": one.set_aside,
        "closed_at_night": one.at_night,
    }
