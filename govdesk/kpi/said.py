"""Why people left, or did not come to their appointment, as they say themselves: their reasons, counted."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.absence.models import Absence
from govdesk.booking.absence.service import CAME
from govdesk.booking.models import Appointment
from govdesk.cases.records import in_parts
from govdesk.kpi.question import Question
from govdesk.queue.models import Ticket
from govdesk.queue.unserved_models import UnservedAnswer

LATEST = dt.timedelta(days=60)  # after the day that it is about nobody is asked any more


def why_they_left(session: Session, question: Question) -> Counter[str]:
    """The reasons of those who took a place in a queue in the period and left before they were served."""
    told = select(UnservedAnswer.ticket_id, UnservedAnswer.reason).where(
        UnservedAnswer.reason.is_not(None), *_told_in(question, UnservedAnswer.told_at)
    )
    reasons = {row.ticket_id: str(row.reason) for row in session.execute(told)}
    found: Counter[str] = Counter()
    for some in in_parts(reasons):
        left = select(Ticket.id).where(
            Ticket.id.in_(some), Ticket.state == "abandoned", *question.days(Ticket.day),
            *question.scope.conditions(Ticket),
        )  # fmt: skip
        found.update(reasons[one] for one in session.scalars(left))
    return found


def why_they_did_not_come(session: Session, question: Question) -> Counter[str]:
    """The reasons of those who missed an appointment of the period.

    Who is excused, and who says that they came, is no no-show.
    """
    told = select(Absence.appointment_id, Absence.reason).where(
        Absence.is_excused.is_(False), Absence.reason.not_in(CAME), *_told_in(question, Absence.told_at)
    )
    reasons = {row.appointment_id: row.reason for row in session.execute(told)}
    found: Counter[str] = Counter()
    for some in in_parts(reasons):
        missed = select(Appointment.id, Appointment.starts_at, Appointment.branch_id).where(
            Appointment.id.in_(some), Appointment.state == "noshow", *question.scope.conditions(Appointment)
        )
        found.update(reasons[one] for one in _in_period(question, session.execute(missed)))
    return found


def _told_in(question: Question, told_at: Any) -> list[Any]:
    """Wide conditions on when something was told; the day that it is about is decided by itself."""
    last = question.to_day
    return replace(question, to_day=last and last + LATEST).moments(told_at)


def _in_period(question: Question, rows: Iterable[Any]) -> Iterable[int]:
    for appointment_id, starts_at, branch_id in rows:
        if question.has(clock.local_day(starts_at, question.places.zone(branch_id))):
            yield appointment_id
