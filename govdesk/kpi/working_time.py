"""The business and the net clock of cases: open hours of the branch, less waiting on the person."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.cases.clocks import OpenSpan, clocks
from govdesk.cases.models import Case, CasePause
from govdesk.catalog.models import Branch
from govdesk.catalog.rules import Calendar
from govdesk.catalog.service import calendar_of
from govdesk.kpi.censoring import aside_row, aside_share
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.lengths import Lengths
from govdesk.kpi.observing import COLUMNS, cases, life_of
from govdesk.kpi.question import Question, each_row

MICROSECOND = dt.timedelta(microseconds=1)
HOUR = 3_600_000_000  # microseconds


@dataclass(slots=True)
class Tally:
    """Cases of a group in microseconds of open hours; one without opening hours is only counted."""

    business: Lengths = field(default_factory=Lengths)  # until they were resolved
    net: Lengths = field(default_factory=Lengths)
    open_business: Lengths = field(default_factory=Lengths)  # of those that were open when they were seen
    open_net: Lengths = field(default_factory=Lengths)
    set_aside: int = 0
    without_hours: int = 0


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Measure the cases opened in the period by the calendars of their branches."""
    grouping = Grouping(bys, question.places)
    found: list[Tallies[Tally]] = [Tallies(Tally) for _ in bys]
    calendars, pauses = _calendars(session), _pauses(session, question)
    for day, row in cases(session, question, grouping, (*COLUMNS, Case.id)):
        life = life_of(row[: len(COLUMNS)], row[-1], question)
        groups = grouping.of(row[len(COLUMNS) + 1 :], day)
        tallies = [tallies[group] for tallies, group in zip(found, groups, strict=True)]
        calendar = calendars.get(row[-1])
        if life.is_set_aside or calendar is None:
            for one in tallies:
                one.set_aside += life.is_set_aside and calendar is not None
                one.without_hours += calendar is None
            continue
        known = [
            (start, None if end is None or end > life.until else end)
            for start, end in pauses.get(row[len(COLUMNS)], ())
            if start < life.until
        ]
        measured = clocks(life.opened_at, life.until, calendar, known)
        for one in tallies:
            is_open = life.ended_at is None
            (one.open_business if is_open else one.business).add(measured.business // MICROSECOND)
            (one.open_net if is_open else one.net).add(measured.net // MICROSECOND)
    return found


def business_time_to_resolution(one: Tally, _question: Question) -> dict[str, Any]:
    """Open hours until resolution: Kaplan-Meier median, the open ones counted."""
    return {
        **aside_row(one.business, one.open_business, one.set_aside, unit="hours", length=HOUR),
        "data_quality": _quality(one),
    }


def net_time_to_resolution(one: Tally, _question: Question) -> dict[str, Any]:
    """Open hours less those in which the office waited on the person; the stopped share beside it."""
    row = aside_row(one.net, one.open_net, one.set_aside, unit="hours", length=HOUR)
    whole = one.business.total + one.open_business.total
    stopped = whole - one.net.total - one.open_net.total
    row["detail"]["stopped_share"] = stopped / whole if whole else None
    return {**row, "data_quality": _quality(one)}


def _quality(one: Tally) -> dict[str, Any]:
    measured = aside_share(one.set_aside, len(one.business) + len(one.open_business) + one.set_aside)
    return {**measured, "without_opening_hours": one.without_hours}


def _calendars(session: Session) -> dict[int | None, Calendar]:
    branches = session.scalars(select(Branch)).all()
    return {branch.id: calendar_of(session, branch, is_strict=False) for branch in branches if branch.hours}


def _pauses(session: Session, question: Question) -> dict[int, list[OpenSpan]]:
    query = (
        select(CasePause.case_id, CasePause.from_at, CasePause.to_at)
        .join(Case, Case.id == CasePause.case_id)
        .where(*question.known(Case.opened_at), *question.scope.conditions(Case))
    )
    found: dict[int, list[OpenSpan]] = defaultdict(list)
    for case_id, start, end in each_row(session, query):
        found[case_id].append((start, end))
    return found
