"""A past day of a branch in plain values: who came, which counters were open. For the replay."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, Counter
from govdesk.queue import rules
from govdesk.queue.dispatch import Officer
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.models import CounterPause, CounterSession, Ticket
from govdesk.queue.replay import Came, Shift

Span = tuple[dt.datetime, dt.datetime]


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
            has_priority=ticket.priority != rules.NO_PRIORITY,
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
    breaks = _breaks(session, branch, begins, ends)
    return [
        Shift(
            counter_id=counter.id,
            opens=opens,
            closes=closes,
            officer=Officer(
                frozenset(counter.service_ids) or None,
                frozenset(profile.service_ids) or None if profile else None,
                frozenset(profile.languages) or None if profile else None,
            ),
        )
        for opened_at, closed_at, counter, profile in session.execute(query)
        for opens, closes in between(
            max(opened_at, begins), min(closed_at or ends, ends), breaks.get(counter.id, ())
        )
    ]


def between(opens: dt.datetime, closes: dt.datetime, breaks: Iterable[Span]) -> list[Span]:
    """The times from `opens` to `closes` that are no break; the breaks in the order of their beginning."""
    found, since = [], opens
    for begun, ended in breaks:
        if begun >= closes:  # of who sat there later
            break
        if since < begun:
            found.append((since, begun))
        since = max(since, ended)
    return [*found, (since, closes)] if since < closes else found


def _breaks(
    session: Session, branch: Branch, begins: dt.datetime, ends: dt.datetime
) -> dict[int, list[Span]]:
    """The breaks of each counter of a branch that day, the first to begin first; one that goes on lasts."""
    query = (
        select(CounterPause.counter_id, CounterPause.begun_at, CounterPause.ended_at)
        .join(Counter, Counter.id == CounterPause.counter_id)
        .where(
            Counter.branch_id == branch.id,
            CounterPause.begun_at < ends,
            CounterPause.ended_at.is_(None) | (CounterPause.ended_at > begins),
        )
        .order_by(CounterPause.begun_at, CounterPause.id)
    )
    found: dict[int, list[Span]] = {}
    for counter_id, begun_at, ended_at in session.execute(query):
        found.setdefault(counter_id, []).append((begun_at, ended_at or ends))
    return found
