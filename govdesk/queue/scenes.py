"""The hall of a branch as it is now, read once in plain values: all that a wait depends on."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, BranchService, Counter, PublicService
from govdesk.db import connection_of
from govdesk.queue import lessons, lines, policies
from govdesk.queue.dispatch import Head, Officer
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.foresight import Comer, Desk, Hall, Stream
from govdesk.queue.learning import Pace
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.policy import MINUTE, Policy, class_of, place

AHEAD = dt.timedelta(hours=2)  # appointments that may come before somebody who comes now
LATELY = dt.timedelta(hours=1)  # as many of those who pass others will come as came in this time
PASSING = ("priority", "our_mistake")  # classes of walk-ins that do
COMES, COMES_LATE = 0.85, 0.4  # of ten booked nearly nine come; of those past their minute four of ten


@dataclass(frozen=True, slots=True)
class Seat:
    """An open counter: what its officer can do, and which service it is at since when."""

    counter_id: int
    officer: Officer
    service_id: int | None
    since: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Scene:
    """What is at a branch. Two that are equal have the same future."""

    branch_id: int
    policy: Policy
    lately: tuple[str, ...]
    seats: tuple[Seat, ...]
    waiting: tuple[Head, ...]
    comers: tuple[Comer, ...]
    paces: Mapping[int, Pace]
    offered: frozenset[int]
    streams: tuple[Stream, ...] = ()

    @property
    def asked(self) -> frozenset[int]:
        """The services that somebody may wait for here."""
        return self.offered | {head.service_id for head in self.waiting}

    def hall(self, now: dt.datetime, service_ids: frozenset[int] | None = None) -> Hall:
        """The same as it is played from `now` on; only what counters of these services do, where given."""
        seats = [seat for seat in self.seats if service_ids is None or _serves_any(seat.officer, service_ids)]
        waiting = [head for head in self.waiting if service_ids is None or head.service_id in service_ids]
        return Hall(
            now=now,
            policy=self.policy,
            lately=self.lately,
            desks=tuple(_desk(seat, now) for seat in seats),
            waiting=tuple(waiting),
            comers=tuple(
                one for one in self.comers if service_ids is None or one.head.service_id in service_ids
            ),
            paces=self.paces,
            streams=tuple(
                one for one in self.streams if service_ids is None or one.service_id in service_ids
            ),
        )


_person = aliased(Ticket)
_SEATED = (  # written once: it is asked with every ticket, and takes longer to write than to answer
    select(
        Counter.id, Counter.service_ids, WorkProfile.service_ids, WorkProfile.languages,
        _person.service_id, func.coalesce(_person.last_called_at, _person.started_at),
    )
    .join(CounterSession, CounterSession.counter_id == Counter.id)
    .outerjoin(WorkProfile, WorkProfile.staff_id == CounterSession.staff_id)
    .outerjoin(
        _person, (_person.counter_id == Counter.id) & _person.state.in_(("called", "serving"))
    )
    .where(
        Counter.branch_id == bindparam("branch_id"),
        CounterSession.closed_at.is_(None),
        CounterSession.paused_at.is_(None),
    )
    .order_by(Counter.id)
)  # fmt: skip


def read(session: Session, branch_id: int) -> Scene:
    """Read the scene: a fixed number of queries, however many wait."""
    policy = policies.in_force(session, branch_id)
    waiting = sorted(
        lines.waiting(session, branch_id, policy), key=lambda head: (head.order_at, head.ticket_id)
    )
    return Scene(
        branch_id=branch_id,
        policy=policy,
        lately=tuple(lines.lately(connection_of(session), branch_id, policy)),
        seats=_seats(session, branch_id),
        waiting=tuple(waiting),
        comers=_comers(session, branch_id, policy),
        paces=_paces(session, branch_id),
        offered=frozenset(session.scalars(select(BranchService.service_id).filter_by(branch_id=branch_id))),
        streams=_streams(session, branch_id, policy),
    )


def _seats(session: Session, branch_id: int) -> tuple[Seat, ...]:
    rows = session.execute(_SEATED, {"branch_id": branch_id})
    return tuple(
        Seat(counter_id, Officer(_some(own), _some(skills), _spoken(languages)), service_id, since)
        for counter_id, own, skills, languages, service_id, since in rows
    )


def _comers(session: Session, branch_id: int, policy: Policy) -> tuple[Comer, ...]:
    """Appointments that are not here yet, each as the head that a punctual arrival gives it."""
    now = clock.now()
    rows = session.execute(
        select(Appointment.id, Appointment.service_id, Appointment.language, Appointment.starts_at)
        .where(
            Appointment.branch_id == branch_id,
            Appointment.state == "booked",
            Appointment.kind == "on_site",
            Appointment.starts_at.between(now - policy.late * MINUTE, now + AHEAD),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    found = []
    for appointment_id, service_id, language, starts_at in rows:
        order_at = place(starts_at, starts_at, has_priority=False, policy=policy)
        call_class = class_of(starts_at, starts_at, has_priority=False, policy=policy)
        head = Head(-appointment_id, call_class, service_id, language, order_at, starts_at, starts_at)
        found.append(Comer(head, COMES if starts_at > now else COMES_LATE))
    return tuple(found)


def _streams(session: Session, branch_id: int, policy: Policy) -> tuple[Stream, ...]:
    """Who will come and stand before some who are here, if as many come as in the last hour.

    In one order who comes later than the head start passes nobody who is here now; in turns nobody who comes
    after the ceiling.
    """
    now = clock.now()
    rows = session.execute(
        select(Ticket.call_class, Ticket.service_id, func.count())
        .where(
            Ticket.branch_id == branch_id,
            Ticket.day >= (now - LATELY).date() - dt.timedelta(days=1),
            Ticket.arrived_at > now - LATELY,
            Ticket.call_class.in_(PASSING),
            Ticket.appointment_id.is_(None),
            Ticket.stage == 1,
        )
        .group_by(Ticket.call_class, Ticket.service_id)
        .order_by(Ticket.call_class, Ticket.service_id)
    )
    found = []
    for call_class, service_id, count in rows:
        start = float(policy.rule(call_class).head_start) if policy.form == "order" else 0.0
        until = start if policy.form == "order" else float(policy.ceiling)
        found.append(Stream(call_class, service_id, count / (LATELY / MINUTE), start, until))
    return tuple(found)


def _paces(session: Session, branch_id: int) -> dict[int, Pace]:
    """The pace of every service: as learned here for this hour, else as declared."""
    zone = session.get_one(Branch, branch_id).timezone
    declared = session.execute(select(PublicService.id, PublicService.minutes).order_by(PublicService.id))
    known = {service_id: Pace(float(minutes)) for service_id, minutes in declared}
    return known | lessons.paces(session, branch_id, clock.now().astimezone(ZoneInfo(zone)).hour)


def _desk(seat: Seat, now: dt.datetime) -> Desk:
    already = max(0.0, (now - seat.since) / MINUTE) if seat.since is not None else 0.0
    return Desk(seat.officer, seat.service_id, already)


def _serves_any(officer: Officer, service_ids: frozenset[int]) -> bool:
    return any(officer.is_own(service_id) for service_id in service_ids)


def _some(numbers: list[int] | None) -> frozenset[int] | None:
    return frozenset(numbers) if numbers else None


def _spoken(languages: list[str] | None) -> frozenset[str] | None:
    return frozenset(languages) if languages else None
