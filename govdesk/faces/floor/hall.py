"""What a supervisor sees of a branch now: counters, queues, appointments, and what asks for a hand."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.hours import stops
from govdesk.booking.models import Appointment
from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch, Counter, PublicService
from govdesk.faces.floor import coming
from govdesk.queue import alerts, estimates, limits, live, promises, skills, today, watched, wrapping
from govdesk.queue.dispatch import ANYBODY, Officer
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.hall_models import HallAlert
from govdesk.queue.models import CounterSession, Ticket

LONG = 2  # a service that takes this many times its usual length asks for a look
SOON = dt.timedelta(hours=2)
LATE = dt.timedelta(minutes=30)
APPOINTMENTS = 8
PROMISES = 6
PAST = 12  # alerts that are over


@dataclass(frozen=True, slots=True)
class Stall:
    """A counter now: `state` is serving, called, wrapping, idle, paused or closed; since when; who waits."""

    counter: Counter
    state: str
    since: dt.datetime | None = None
    seat: CounterSession | None = None
    ticket: Ticket | None = None
    waiting: int = 0

    @property
    def is_long(self) -> bool:
        """Whether the service takes far longer than usual."""
        if self.state != "serving" or self.ticket is None or self.since is None:
            return False
        return clock.now() - self.since > dt.timedelta(minutes=LONG * self.ticket.service.minutes)


@dataclass(frozen=True, slots=True)
class Queue:
    """A service now: who waits, what a newcomer is told, which counters serve it, how the day went."""

    service: PublicService
    quote: estimates.Quote | None
    counters: int
    tally: today.Tally = field(default_factory=today.Tally)

    @property
    def state(self) -> str:
        """`unserved` (people or offers without a counter), `late` (beyond the target), or `steady`."""
        if self.counters == 0:
            return "unserved"
        longest = self.tally.longest_since
        target = dt.timedelta(minutes=self.service.wait_target_minutes)
        return "late" if longest is not None and clock.now() - longest > target else "steady"


@dataclass(frozen=True, slots=True)
class Ask:
    """An open alert: its queue, a free counter that serves it, its own counter, the next appointment."""

    alert: HallAlert
    queue: Queue | None
    free: Stall | None
    stall: Stall | None
    next_at: dt.datetime | None


def now_in(session: Session, branch: Branch) -> dict[str, Any]:
    """Everything that the page shows, read in one state of the database."""
    tallies = today.tallies(session, branch)
    seats = live.seats(session, branch.id)
    officers = _officers(session, seats)
    queues = [
        Queue(service, quote, _serving(seats, officers, service.id), tallies.get(service.id, today.Tally()))
        for service, _count, quote in live.waits(session, branch)
    ]
    stalls = _stalls(session, branch, seats, queues, officers)
    attended, returned = _returns(session, branch)
    whole = today.together(tallies.values())
    threatened = promises.threatened(session, branch.id)
    return {
        "branch": branch,
        "now": clock.now(),
        "today": clock.local_day(clock.now(), branch.timezone),
        "queues": queues,
        "stalls": stalls,
        "whole": whole,
        "outlook": coming.outlook(session, branch, whole),
        "held": live.held(session, branch.id),
        "attended": attended,
        "returned": returned,
        "appointments": _appointments(session, branch),
        "threatened": threatened[:PROMISES],
        "more_threatened": len(threatened[PROMISES:]),
        "alerts": _alerts(session, branch, queues, stalls, officers),
        "past_alerts": alerts.of_today(session, branch)[:PAST],
        "stopped": stops.in_force(session, branch.id),
        "ended_skills": skills.ended(session, branch.id),
    }


def _counters(session: Session, branch: Branch) -> list[Counter]:
    query = select(Counter).where(Counter.branch_id == branch.id, Counter.is_active).order_by(Counter.number)
    return list(session.scalars(query))


def _officers(session: Session, seats: list[CounterSession]) -> dict[int, Officer]:
    """What each open counter offers and whoever sits there may serve, by the counter."""
    sitting = WorkProfile.staff_id.in_([seat.staff_id for seat in seats])
    skills = {row.staff_id: row.service_ids for row in session.scalars(select(WorkProfile).where(sitting))}
    return {
        seat.counter_id: Officer(
            frozenset(seat.counter.service_ids) or None, frozenset(skills.get(seat.staff_id, ())) or None
        )
        for seat in seats
    }


def _serving(seats: list[CounterSession], officers: Mapping[int, Officer], service_id: int) -> int:
    return sum(seat.paused_at is None and officers[seat.counter_id].is_own(service_id) for seat in seats)


def _stalls(
    session: Session,
    branch: Branch,
    seats: list[CounterSession],
    queues: list[Queue],
    officers: Mapping[int, Officer],
) -> list[Stall]:
    """Every counter in use, from a fixed number of queries, however many there are."""
    at_counter = select(Ticket).where(Ticket.branch_id == branch.id, Ticket.state.in_(("called", "serving")))
    tickets = {ticket.counter_id: ticket for ticket in session.scalars(at_counter)}
    seat_of = {seat.counter_id: seat for seat in seats}
    ended = select(Ticket.counter_id, func.max(Ticket.ended_at).label("at")).where(
        Ticket.branch_id == branch.id, Ticket.day == clock.local_day(clock.now(), branch.timezone)
    )
    last = {row.counter_id: row.at for row in session.execute(ended.group_by(Ticket.counter_id))}
    wraps = wrapping.going_on(session, branch)
    stalls = [
        _stall(
            counter,
            seat_of.get(counter.id),
            tickets.get(counter.id),
            last.get(counter.id),
            [one for one in queues if officers.get(counter.id, ANYBODY).is_own(one.service.id)],
        )
        for counter in _counters(session, branch)
    ]
    return [
        replace(one, state="wrapping", since=wraps[one.counter.id], waiting=0)
        if one.state == "idle" and one.counter.id in wraps
        else one
        for one in stalls
    ]


def _stall(
    counter: Counter,
    seat: CounterSession | None,
    ticket: Ticket | None,
    last: dt.datetime | None,
    own: list[Queue],
) -> Stall:
    if ticket is not None:
        since = ticket.started_at if ticket.state == "serving" else ticket.last_called_at
        return Stall(counter, ticket.state, since, seat, ticket)
    if seat is None:
        return Stall(counter, "closed")
    if seat.paused_at is not None:
        return Stall(counter, "paused", seat.paused_at, seat)
    return Stall(
        counter, "idle", max(last or seat.opened_at, seat.opened_at), seat,
        waiting=sum(queue.tally.waiting for queue in own if queue.tally.longest_since is not None),
    )  # fmt: skip


def _returns(session: Session, branch: Branch) -> tuple[int, int]:
    """Attended visits of the day and, of these, returns that should not have been needed."""
    query = select(func.count(), func.count().filter(Visit.class_name == "repeat")).where(
        Visit.branch_id == branch.id,
        Visit.started_on == clock.local_day(clock.now(), branch.timezone),
        Visit.status.in_(("served", "turned_away")),
        Visit.class_name != "merged",
    )
    attended, returned = session.execute(query).one()
    return attended, returned


def _appointments(session: Session, branch: Branch) -> list[tuple[Appointment, str | None, str]]:
    """Appointments around now with their ticket's number and a state: missing, expected, or the ticket's."""
    now = clock.now()
    query = (
        select(Appointment, Ticket.number, Ticket.state)
        .outerjoin(Ticket, (Ticket.appointment_id == Appointment.id) & (Ticket.stage == 1))
        .where(
            Appointment.branch_id == branch.id,
            Appointment.starts_at.between(now - LATE, now + SOON),
            Appointment.state.in_(("booked", "arrived")),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(APPOINTMENTS)
    )
    return [
        (appointment, number, state or ("missing" if appointment.starts_at < now else "expected"))
        for appointment, number, state in session.execute(query)
    ]


def _alerts(
    session: Session,
    branch: Branch,
    queues: list[Queue],
    stalls: list[Stall],
    officers: Mapping[int, Officer],
) -> list[Ask]:
    """The open alerts, each with what is known of its matter now."""
    lasting = alerts.lasting(session, branch.id)
    if not lasting:
        return []
    own = {queue.service.id: queue for queue in queues}
    free = [stall for stall in stalls if stall.state == "idle"]
    at = {stall.counter.id: stall for stall in stalls}
    bounds = limits.of(session, branch.id)
    booked = {one.service_id: one.starts_at for one in watched.coming(session, branch, bounds.soon)}
    return [
        Ask(
            alert,
            own.get(alert.service_id or 0),
            _able(free, officers, alert.service_id) if alert.service_id else None,
            at.get(alert.counter_id or 0),
            booked.get(alert.service_id or 0),
        )
        for alert in lasting
    ]


def _able(free: list[Stall], officers: Mapping[int, Officer], service_id: int) -> Stall | None:
    return next((one for one in free if officers[one.counter.id].is_own(service_id)), None)
