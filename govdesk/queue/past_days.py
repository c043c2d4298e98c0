"""A past day of a branch in plain values: who came, which counters were open. For the replay."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, Counter
from govdesk.queue import rules
from govdesk.queue.dispatch import Officer
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.replay import Came, Shift


class PastDay(NamedTuple):
    """What a replay takes."""

    day: dt.date
    people: list[Came]
    shifts: list[Shift]


def past_day(session: Session, branch: Branch, day: dt.date) -> PastDay:
    """Read a local day of a branch as it was."""
    return PastDay(day, _people(session, branch, day), _shifts(session, branch, day))


def last_day(session: Session, branch: Branch) -> dt.date | None:
    """The last day before today on which somebody came; None where there was none."""
    today = clock.local_day(clock.now(), branch.timezone)
    query = select(Ticket.day).where(Ticket.branch_id == branch.id, Ticket.day < today)
    return session.scalars(query.order_by(Ticket.day.desc()).limit(1)).one_or_none()


def _people(session: Session, branch: Branch, day: dt.date) -> list[Came]:
    query = (
        select(Ticket, Appointment.starts_at)
        .outerjoin(Appointment, Appointment.id == Ticket.appointment_id)
        .where(Ticket.branch_id == branch.id, Ticket.day == day)
        .order_by(Ticket.id)
    )
    rows = session.execute(query).all()
    firsts = {ticket.number: ticket.arrived_at for ticket, _due in rows if ticket.stage == 1}
    return [
        Came(
            ticket_id=ticket.id,
            service_id=ticket.service_id,
            language=ticket.language,
            arrived_at=ticket.arrived_at,
            due_at=due if ticket.stage == 1 else None,
            has_priority=ticket.priority in rules.PRIORITIES,
            is_displaced=ticket.is_displaced,
            is_our_mistake=ticket.is_our_mistake,
            stage_before=ticket.transferred_from_id,
            first_arrived_at=firsts.get(ticket.number) if ticket.stage > 1 else None,
            counter_id=ticket.counter_id,
            called_at=ticket.called_at,
            left_at=ticket.ended_at if ticket.called_at is None else None,
            ended_at=ticket.ended_at,
        )
        for ticket, due in rows
    ]


def _shifts(session: Session, branch: Branch, day: dt.date) -> list[Shift]:
    begins, ends = clock.day_bounds(day, branch.timezone)
    query = (
        select(CounterSession.opened_at, CounterSession.closed_at, Counter, WorkProfile)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .outerjoin(WorkProfile, WorkProfile.staff_id == CounterSession.staff_id)
        .where(
            Counter.branch_id == branch.id,
            CounterSession.opened_at < ends,
            CounterSession.closed_at.is_(None) | (CounterSession.closed_at > begins),
        )
        .order_by(CounterSession.opened_at, CounterSession.id)
    )
    return [
        Shift(
            counter_id=counter.id,
            opens=max(opened_at, begins),
            closes=min(closed_at or ends, ends),
            officer=Officer(
                frozenset(counter.service_ids) or None,
                frozenset(profile.service_ids) or None if profile else None,
                frozenset(profile.languages) or None if profile else None,
            ),
        )
        for opened_at, closed_at, counter, profile in session.execute(query)
    ]
