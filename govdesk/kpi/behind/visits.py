"""Lists of visits: first visits that failed, returns, waits too long, who left, papers that lacked."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.classes import ATTENDED_STATUSES, INDEX_CLASSES, VisitClass
from govdesk.cases.models import Visit
from govdesk.kpi.behind.lines import Line, Source, line
from govdesk.kpi.question import Question

SECOND = dt.timedelta(seconds=1)


def visits(question: Question, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Visits of the period, as known now: number, begin, service, branch, person, case, then the columns."""
    return select(
        Visit.id,
        Visit.started_at,
        Visit.service_id,
        Visit.branch_id,
        Visit.person_id,
        Visit.case_id,
        *columns,
    ).where(
        Visit.ended_at <= question.as_of, *question.days(Visit.started_on), *question.scope.conditions(Visit)
    )


def failed(_session: Session, question: Question) -> Source:
    """Mature index visits that a repeat followed."""
    later = aliased(Visit)
    query = (
        visits(question, Visit.mature_on, later.gap_days, later.return_cause)
        .join(later, later.id == Visit.repeat_visit_id)
        .where(
            Visit.class_name.in_([str(one) for one in INDEX_CLASSES]), Visit.mature_on.is_not(None),
            Visit.is_excluded.is_(False), later.started_at <= question.as_of,
        )
    )  # fmt: skip

    def judge(row: Any, asked: Question) -> Line | None:
        if asked.today(row[3]) < row[6]:
            return None
        return line(row, "failed", case_id=row[5], number=row[7], cause=row[8])

    return query, Visit.id.expression, judge


def returns(_session: Session, question: Question) -> Source:
    """Returns for the same need, each a failure of the visit before it."""
    query = visits(question, Visit.gap_days, Visit.return_cause)
    query = query.where(Visit.class_name == str(VisitClass.REPEAT))
    return (
        query,
        Visit.id.expression,
        lambda row, _: line(row, "return", case_id=row[5], number=row[6], cause=row[7]),
    )


def _turns(question: Question, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return visits(
        question, Visit.status, Visit.arrived_at, Visit.called_at, Visit.served_at,
        Visit.ended_at, Visit.appointment_at, Visit.quoted_high,
    ).where(
        Visit.direction == "inbound", Visit.transfer_of.is_(None), Visit.arrived_at.is_not(None),
        Visit.status.not_in(["cancelled", "closed_unserved"]), *conditions,
    )  # fmt: skip


def waited(_session: Session, question: Question) -> Source:
    """Those who waited longer than the target of their service, called or not."""

    def judge(row: Any, asked: Question) -> Line | None:
        wait = _wait(row)
        target = dt.timedelta(minutes=asked.places.services[row[2]].wait_target)
        if wait is None or wait[0] <= target:
            return None
        return line(row, "waited", case_id=row[5], length=wait[0])

    return _turns(question), Visit.id.expression, judge


def unkept(_session: Session, question: Question) -> Source:
    """Those whom we promised less."""

    def judge(row: Any, _asked: Question) -> Line | None:
        wait, promised = _wait(row), dt.timedelta(minutes=row[12])
        if wait is None or wait[0] + wait[1] <= promised:
            return None
        return line(row, "promise", case_id=row[5], length=wait[0] + wait[1], limit=promised)

    return _turns(question, Visit.quoted_high.is_not(None)), Visit.id.expression, judge


def _wait(row: Any) -> tuple[dt.timedelta, dt.timedelta] | None:
    """How long somebody waited, and before an appointment's time; None where there is no wait to judge."""
    status, arrived_at, called_at, served_at, ended_at, appointment_at = row[6:12]
    until = called_at or served_at
    if until is None:
        if status != "abandoned":
            return None
        until = ended_at
    since = arrived_at
    if appointment_at is not None and arrived_at < appointment_at <= until:
        since = appointment_at
    wait, early = (until - since) // SECOND * SECOND, (since - arrived_at) // SECOND * SECOND
    return None if wait < dt.timedelta() else (wait, early)


def left(_session: Session, question: Question) -> Source:
    """Those who left before they were called."""

    def judge(row: Any, _asked: Question) -> Line | None:
        return line(row, "left", case_id=row[5], length=row[6] - row[1])

    query = visits(question, Visit.ended_at).where(
        Visit.status == "abandoned", Visit.direction == "inbound", Visit.transfer_of.is_(None)
    )
    return query, Visit.id.expression, judge


def turned_away(_session: Session, question: Question) -> Source:
    """Those sent away without what they came for, at the desk or at the door."""
    query = visits(question, Visit.cause).where(
        Visit.status == "turned_away", Visit.direction == "inbound", Visit.transfer_of.is_(None)
    )
    return (
        query,
        Visit.id.expression,
        lambda row, _: line(row, "turned_away", case_id=row[5], cause=row[6]),
    )


def papers(_session: Session, question: Question) -> Source:
    """Those who came without a paper that their reason asks for."""
    query = visits(question, Visit.missing_papers).where(
        Visit.source == "live", Visit.status.in_(ATTENDED_STATUSES), Visit.direction == "inbound",
        Visit.transfer_of.is_(None), Visit.missing_papers > 0,
    )  # fmt: skip
    return query, Visit.id.expression, lambda row, _: line(row, "papers", case_id=row[5], number=row[6])
