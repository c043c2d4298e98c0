"""A hall as the watch over it sees it: read in a few queries, however many wait."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, Counter, PublicService
from govdesk.catalog.service import calendar_of
from govdesk.db import written
from govdesk.queue import limits, policies, wrapping
from govdesk.queue.dispatch import Officer
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.models import CounterPause, CounterSession, Ticket, TicketEvent
from govdesk.queue.pause_models import WrapUp
from govdesk.queue.policy import MINUTE
from govdesk.queue.thresholds import Coming, Desk, Line, View

DAY = dt.timedelta(days=1)


def read(session: Session, branch_id: int) -> View:
    """The hall now. Who is not due or not there yet waits for nobody."""
    branch = session.get_one(Branch, branch_id)
    lines, bounds = _lines(session, branch_id), limits.of(session, branch_id)
    expected = coming(session, branch, bounds.soon)
    writing = wrapping.going_on(session, branch)
    desks, resting = _desks(session, branch, writing) if lines or expected else ([], [])
    return View(
        now=clock.now(),
        lines=tuple(lines),
        desks=tuple(desks),
        resting=tuple(resting),
        targets=_targets(session, {line.service_id for line in lines}),
        helped=frozenset(help_.service_id for help_ in policies.in_force(session, branch_id).helps),
        limits=bounds,
        writing=writing,
        coming=tuple(expected),
    )


def coming(session: Session, branch: Branch, soon: int) -> list[Coming]:
    """The first appointment of each service that begins soon, also of who is here already.

    None while the branch is shut: before the doors open nobody has to sit there.
    """
    now = clock.now()
    until = now + soon * MINUTE
    booked = select(Appointment.service_id, Appointment.starts_at).where(
        Appointment.branch_id == branch.id,
        Appointment.state == written("booked"),
        Appointment.kind == "on_site",
        Appointment.starts_at > now,
        Appointment.starts_at <= until,
    )
    early = select(Ticket.service_id, Ticket.callable_at).where(
        Ticket.branch_id == branch.id,
        Ticket.state == written("waiting"),
        Ticket.callable_at > now,
        Ticket.callable_at <= until,
    )
    first: dict[int, dt.datetime] = {}
    for service_id, starts_at in (*session.execute(booked), *session.execute(early)):
        first[service_id] = min(starts_at, first.get(service_id, starts_at))
    if not first or not calendar_of(session, branch, is_strict=False).is_open(now):
        return []
    return [Coming(service_id, starts_at) for service_id, starts_at in sorted(first.items())]


def _lines(session: Session, branch_id: int) -> list[Line]:
    whose = Ticket.service_id, Ticket.meant_counter_id, Ticket.meant_staff_id
    query = (
        select(*whose, func.min(Ticket.callable_at))
        .where(
            Ticket.branch_id == branch_id,
            Ticket.state == written("waiting"),
            Ticket.callable_at <= clock.now(),
        )
        .group_by(*whose)
    )
    return [
        Line(service_id, since, counter_id, staff_id)
        for service_id, counter_id, staff_id, since in session.execute(query)
    ]


def _targets(session: Session, service_ids: Collection[int]) -> dict[int, int]:
    target = PublicService.wait_target_minutes
    query = select(PublicService.id, target).where(PublicService.id.in_(service_ids))
    return dict(session.execute(query).all())


def _desks(
    session: Session, branch: Branch, writing: Mapping[int, dt.datetime]
) -> tuple[list[Desk], list[Desk]]:
    """The counters that could call, and those on a break."""
    query = (
        select(
            Counter.id, Counter.service_ids, CounterSession.staff_id, CounterSession.opened_at,
            WorkProfile.service_ids, Ticket.id, CounterSession.paused_at,
        )
        .join(CounterSession, CounterSession.counter_id == Counter.id)
        .outerjoin(WorkProfile, WorkProfile.staff_id == CounterSession.staff_id)
        .outerjoin(Ticket, (Ticket.counter_id == Counter.id) & Ticket.state.in_(("called", "serving")))
        .where(
            Counter.branch_id == branch.id,
            CounterSession.closed_at.is_(None),
        )
        .order_by(Counter.id)
    )  # fmt: skip
    rows = session.execute(query).all()
    freed = _freed(session, branch, [row[0] for row in rows if row[5] is None])
    desks: list[Desk] = []
    resting: list[Desk] = []
    for counter_id, own, staff_id, opened_at, skills, ticket_id, paused_at in rows:
        is_free = not ticket_id and counter_id not in writing and paused_at is None
        free_since = max(opened_at, freed.get(counter_id, opened_at)) if is_free else None
        desk = Desk(counter_id, staff_id, Officer(_some(own), _some(skills)), free_since)
        (desks if paused_at is None else resting).append(desk)
    return desks, resting


def _freed(session: Session, branch: Branch, counter_ids: Collection[int]) -> dict[int, dt.datetime]:
    """When counters became free last: a ticket ended or was set aside, or a break or notes were over."""
    today = clock.local_day(clock.now(), branch.timezone)
    ended = select(Ticket.counter_id, func.max(Ticket.ended_at)).where(
        Ticket.branch_id == branch.id, Ticket.day == today, Ticket.counter_id.in_(counter_ids)
    )
    held = (
        select(TicketEvent.counter_id, func.max(TicketEvent.at))
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(Ticket.branch_id == branch.id, Ticket.state == "held", TicketEvent.kind == "held")
    )
    rested = select(CounterPause.counter_id, func.max(CounterPause.ended_at)).where(
        CounterPause.counter_id.in_(counter_ids), CounterPause.begun_at > clock.now() - DAY
    )
    noted = (
        select(CounterSession.counter_id, func.max(WrapUp.ended_at))
        .join(WrapUp, WrapUp.seat_id == CounterSession.id)
        .where(CounterSession.counter_id.in_(counter_ids), CounterSession.closed_at.is_(None))
    )
    found: dict[int, dt.datetime] = {}
    for query in (
        ended.group_by(Ticket.counter_id),
        held.group_by(TicketEvent.counter_id),
        rested.group_by(CounterPause.counter_id),
        noted.group_by(CounterSession.counter_id),
    ):
        for counter_id, at in session.execute(query):
            if counter_id is not None and at is not None:
                found[counter_id] = max(at, found.get(counter_id, at))
    return found


def _some(numbers: list[int] | None) -> frozenset[int] | None:
    return frozenset(numbers) if numbers else None
