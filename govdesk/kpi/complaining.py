"""Complaints against visits, their answers in time, and who was failed won back in time (KPI.md §6)."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.models import Visit
from govdesk.cases.recovery.models import Recovery
from govdesk.feedback.complaints.models import Complaint, ComplaintRound
from govdesk.feedback.complaints.rules import WITHDRAWN, is_in_time
from govdesk.kpi import visits
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Adding, Gathering
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.observing import note_change
from govdesk.kpi.question import Question
from govdesk.kpi.statistics import poisson_interval
from govdesk.kpi.visits import Reading

THOUSAND = 1000
BY_WORD = frozenset({"link", "word"})  # of the person: only that is a recovery


@dataclass(slots=True)
class Rate:
    """Complaints of a period, and the attended visits of the same days and units."""

    complaints: Counter[str] = field(default_factory=Counter)  # by what they are about
    visits: int = 0


@dataclass(slots=True)
class Timely:
    """What was due: done in time, late or overdue; what is neither yet, and what does not count."""

    in_time: int = 0
    late: int = 0
    waiting: int = 0
    excluded: int = 0
    overdue: int = 0  # of the late: not done even now
    verdicts: Counter[str] = field(default_factory=Counter)
    next_change: float | None = None  # minus the moment of the first deadline ahead


def reading_rate(session: Session, question: Question, _grouping: Grouping) -> Reading:
    """What is asked of the visits of a period, and of the complaints received in it."""
    where = (
        Visit.status.in_(ATTENDED_STATUSES),
        Visit.direction == "inbound",
        Visit.transfer_of.is_(None),
    )
    return Reading((), where, _count_visit, beside=partial(_count_received, session, question))


def gather_rate(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count the complaints received in a period, and the attended visits that began in it."""
    return visits.gather(session, question, bys, reading_rate)


def tally_rate(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Rate]]:
    """Give the complaints and the visits of a period."""
    return [columns.tallies(Rate) for columns in gather_rate(session, question, bys)]


def tally_answers(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Timely]]:
    """Give the rounds of complaints that began in a period, as they stood at `as_of`."""
    return [columns.tallies(Timely) for columns in gather_answers(session, question, bys)]


def gather_answers(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them."""
    rows = Gathering(Grouping(bys, question.places))
    columns = (
        ComplaintRound.begun_at, ComplaintRound.answer_due_at, ComplaintRound.answered_at,
        ComplaintRound.verdict, Complaint.state,
    )  # fmt: skip
    rounds = rows.grouping.select(
        select(*columns).join(Complaint, Complaint.id == ComplaintRound.complaint_id), Complaint
    ).where(
        *question.known(ComplaintRound.begun_at),
        *question.scope.conditions(Complaint),
    )
    for begun_at, due_at, answered_at, verdict, state, *places in session.execute(rounds):
        if not _is_begun(rows, question, begun_at, places):
            continue
        if state == WITHDRAWN and answered_at is None:
            rows.add("excluded")
            continue
        is_answered = answered_at is not None and answered_at <= question.as_of
        in_time = is_in_time(due_at, answered_at, question.as_of)
        _judge(rows, in_time=in_time, due_at=due_at)
        rows.add("overdue", in_time is False and not is_answered)
        if is_answered:
            rows.count("verdicts", verdict or "")
    return rows.columns()


def tally_recoveries(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Timely]]:
    """Give the tasks of recovery opened in a period, as they stood at `as_of`."""
    return [columns.tallies(Timely) for columns in gather_recoveries(session, question, bys)]


def gather_recoveries(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Count them."""
    rows = Gathering(Grouping(bys, question.places))
    columns = Recovery.opened_at, Recovery.first_due_at, Recovery.closed_at, Recovery.closed_by
    tasks = rows.grouping.select(select(*columns), Recovery).where(
        *question.known(Recovery.opened_at),
        *question.scope.conditions(Recovery),
    )
    for opened_at, due_at, closed_at, closed_by, *places in session.execute(tasks):
        if not _is_begun(rows, question, opened_at, places):
            continue
        is_closed = closed_at is not None and closed_at <= question.as_of
        if is_closed and closed_by == "forgotten":
            rows.add("excluded")
        elif is_closed and closed_by not in BY_WORD:
            rows.add("late")
        else:
            _judge(rows, in_time=is_in_time(due_at, closed_at, question.as_of), due_at=due_at)
    return rows.columns()


def complaints_per_thousand(one: Rate, _question: Question) -> dict[str, Any]:
    """Complaints per 1,000 attended visits, with an exact Poisson interval of the complaints."""
    count = one.complaints.total()
    per = THOUSAND / one.visits if one.visits else None
    low, high = poisson_interval(count)
    return {
        "unit": "per_thousand",
        "value": count * per if per else None,
        "numerator": count,
        "denominator": one.visits,
        "n": one.visits,
        "interval": (low * per, high * per) if per else None,
        "detail": {"about": dict(sorted(one.complaints.items()))},
    }


def complaints_in_time(one: Timely, _question: Question) -> dict[str, Any]:
    """Rounds answered by their deadline, of those answered and those overdue."""
    detail = {"verdicts": dict(sorted(one.verdicts.items())), "overdue": one.overdue}
    return {**_timely(one), "detail": detail}


def recovered_in_time(one: Timely, _question: Question) -> dict[str, Any]:
    """Tasks that the person's word closed by their first deadline, of all closed and all overdue."""
    return _timely(one)


def _timely(one: Timely) -> dict[str, Any]:
    return {**share(one.in_time, one.in_time + one.late), "open": one.waiting, "excluded": one.excluded}


def _is_begun(rows: Gathering, question: Question, at: dt.datetime, places: Sequence[Any]) -> bool:
    """Begin a row at the day of a moment at a place, where it lies in the period."""
    day = clock.local_day(at, question.places.zone(places[-1]))
    if question.has(day):
        rows.row(places, day)
    return question.has(day)


def _judge(rows: Gathering, *, in_time: bool | None, due_at: dt.datetime) -> None:
    """Count a row by whether it was in time; what is neither yet changes at its deadline."""
    rows.add("waiting" if in_time is None else "in_time" if in_time else "late")
    if in_time is None:
        note_change(rows, due_at)


def _count_visit(row: Adding, _values: Sequence[Any], _places: Sequence[Any]) -> None:
    row.add("visits")


def _count_received(session: Session, question: Question, rows: Gathering) -> None:
    received = rows.grouping.select(select(Complaint.received_at, Complaint.about), Complaint).where(
        *question.known(Complaint.received_at),
        *question.scope.conditions(Complaint),
    )
    for at, about, *places in session.execute(received):
        if _is_begun(rows, question, at, places):
            rows.count("complaints", about)
