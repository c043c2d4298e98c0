"""Lists of needs that wait or were late, of appointments nobody came to, of promises that were not kept."""

from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.absence.models import Absence
from govdesk.booking.absence.service import CAME
from govdesk.booking.models import Appointment
from govdesk.cases.clocks import Attainment, attainment
from govdesk.cases.commitments.models import Commitment, CommitmentEvent
from govdesk.cases.commitments.rules import Act, standing
from govdesk.cases.models import Case
from govdesk.catalog.models import Branch
from govdesk.kpi.behind.lines import Line, Source, line
from govdesk.kpi.observing import Life, life_of
from govdesk.kpi.question import Question


def noshow(_session: Session, question: Question) -> Source:
    """Appointments booked here that nobody came to, without those who were excused or say that they came."""
    told = exists().where(
        Absence.appointment_id == Appointment.id, Absence.is_excused | Absence.reason.in_(CAME)
    )
    query = select(
        Appointment.id, Appointment.starts_at, Appointment.service_id, Appointment.branch_id,
        Appointment.person_id,
    ).where(
        Appointment.state == "noshow", Appointment.booked_at.is_not(None), ~told,
        *question.known(Appointment.starts_at),
        *question.scope.conditions(Appointment),
    )  # fmt: skip

    def judge(row: Any, asked: Question) -> Line | None:
        if not asked.has(clock.local_day(row[1], asked.places.zone(row[3]))):
            return None
        return line(row, "noshow", case_id=None)

    return query, Appointment.id.expression, judge


def _cases(question: Question) -> Select[*tuple[Any, ...]]:
    return select(
        Case.id, Case.opened_at, Case.service_id, Case.branch_id, Case.person_id, Case.source,
        Case.first_response_at, Case.first_resolved_at, Case.resolved_at, Case.reopened_at, Case.due_at,
        Case.withdrawn_on, Case.observed_until, Case.is_set_aside,
    ).where(
        *question.known(Case.opened_at), *question.scope.conditions(Case)
    )  # fmt: skip


def unmet(_session: Session, question: Question) -> Source:
    """Needs that are not met yet."""

    def judge(row: Any, asked: Question) -> Line | None:
        life = _life(row, asked)
        if life is None or life.is_set_aside or life.ended_at is not None or life.withdrawn_at is not None:
            return None
        return line(row, "open", case_id=row[0], length=life.until - life.opened_at)

    return _cases(question), Case.id.expression, judge


def unmet_in_hours(_session: Session, question: Question) -> Source:
    """Needs that were not met when they were seen last, the withdrawn too, of branches with opening hours."""

    def judge(row: Any, asked: Question) -> Line | None:
        life = _life(row, asked)
        if life is None or life.is_set_aside or life.ended_at is not None:
            return None
        why = "open" if life.withdrawn_at is None else "withdrawn"
        return line(row, why, case_id=row[0], length=life.until - life.opened_at)

    with_hours = select(Branch.id).where(Branch.hours.any())
    return _cases(question).where(Case.branch_id.in_(with_hours)), Case.id.expression, judge


def late(_session: Session, question: Question) -> Source:
    """Needs that were met after their day, and those that are overdue."""

    def judge(row: Any, asked: Question) -> Line | None:
        life = _life(row, asked)
        if life is None or life.due_at is None or life.withdrawn_at is not None:
            return None
        stands = attainment(life.due_at, life.ended_at, life.observed_at)
        if stands not in (Attainment.LATE, Attainment.OPEN_OVERDUE):
            return None
        why = "late" if stands is Attainment.LATE else "overdue"
        return line(row, why, case_id=row[0], length=life.until - life.due_at)

    query = _cases(question).where(Case.due_at.is_not(None))
    return query, Case.id.expression, judge


def _life(row: Any, asked: Question) -> Life | None:
    if not asked.has(clock.local_day(row[1], asked.places.zone(row[3]))):
        return None
    return life_of((row[1], *row[6:]), row[3], asked)


def commitments(session: Session, question: Question) -> Source:
    """Promises of staff whose day is over and which were not kept, by their history."""
    query = select(
        Commitment.id, Commitment.made_at, Commitment.service_id, Commitment.branch_id, Commitment.person_id
    ).where(Commitment.made_at <= question.as_of, *question.scope.conditions(Commitment))

    def judge(row: Any, asked: Question) -> Line | None:
        columns = CommitmentEvent.kind, CommitmentEvent.at, CommitmentEvent.due_on, CommitmentEvent.due_at
        events = select(*columns).where(
            CommitmentEvent.commitment_id == row[0],
            CommitmentEvent.kind.in_(("made", "moved", "kept", "done")),
        )
        steps = [Act(*one) for one in session.execute(events.order_by(CommitmentEvent.id))]
        stood = standing(steps, asked.as_of)
        if stood is None or stood.state != "broken" or not asked.has(stood.due_on):
            return None
        return line(row, "broken", case_id=None, day=stood.due_on)

    return query, Commitment.id.expression, judge
