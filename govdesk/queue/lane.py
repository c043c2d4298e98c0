"""The line before one counter: who is called next, and why each stands where they stand."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch
from govdesk.db import table_of
from govdesk.queue import lines, policies, rules
from govdesk.queue.dispatch import Officer
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.meant import for_seat
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.policy import MINUTE, Policy


@dataclass(frozen=True, slots=True)
class Waiting:
    """Someone in the line, in plain values; `since` is the moment from which the wait counts."""

    ticket_id: int
    number: str
    service_id: int
    priority: str
    stage: int
    arrived_at: dt.datetime
    callable_at: dt.datetime
    order_at: dt.datetime
    due_at: dt.datetime | None
    call_class: str
    is_meant: bool = False  # for one counter or one officer alone

    @property
    def is_early(self) -> bool:
        """Whether the appointment's minute has not come, so that nobody may call it."""
        return self.callable_at > clock.now()

    @property
    def since(self) -> dt.datetime:
        """From when the wait counts: the arrival, or the appointment's time for one who came before it."""
        return self.arrived_at if self.is_early else self.callable_at

    @property
    def why(self) -> str:
        """Why this ticket stands here, as a message key."""
        if self.is_early:
            return "queue.why_early"
        if self.is_meant:
            return "queue.why_meant"
        if self.stage > 1 and self.priority == rules.NO_PRIORITY:
            return "queue.why_transfer"
        return rules.why_next(self.call_class, self.due_at)


@dataclass(frozen=True, slots=True)
class Lane:
    """The first of a line in the order of the call, how many there are, and since when the longest waits."""

    first: tuple[Waiting, ...]
    count: int
    longest_since: dt.datetime | None
    next: Waiting | None = None  # whom the next press calls, as things stand


def lane(
    session: Session,
    *,
    branch_id: int,
    service_ids: Sequence[int],
    shown: int,
    seat: CounterSession | None = None,
) -> Lane:
    """The line for these services (none = all of the branch); of a long line only `shown` rows are read.

    Before a `seat` it is without those who are meant for another, and without what its officer may not serve.
    """
    now = clock.now()
    due, early = Ticket.callable_at <= now, Ticket.callable_at > now
    policy = policies.in_force(session, branch_id)
    officer = _officer(session, service_ids, seat)
    own = officer.own if officer.skills is None else officer.skills & (officer.own or officer.skills)
    if policy.is_plain:
        first = _rows(session, _line(branch_id, own, seat).where(due), shown)
    else:
        first = _decided(session, branch_id, officer, shown, policy, seat)
    if len(first) < shown:
        first += _rows(session, _line(branch_id, own, seat).where(early), shown - len(first))
    amount = select(func.count(), func.min(Ticket.callable_at).filter(due)).where(
        *_waits_for(branch_id, own, seat)
    )
    count, longest = session.execute(amount).one()
    soon = now + policy.early * MINUTE
    return Lane(tuple(first), count, longest, next((one for one in first if one.callable_at <= soon), None))


def _officer(session: Session, service_ids: Sequence[int], seat: CounterSession | None) -> Officer:
    """What the counter offers and its officer can do, as a call reads it."""
    profile = session.get(WorkProfile, seat.staff_id) if seat else None
    return Officer(
        frozenset(service_ids) or None,
        frozenset(profile.service_ids) or None if profile else None,
        frozenset(profile.languages) or None if profile else None,
    )


def _decided(
    session: Session,
    branch_id: int,
    officer: Officer,
    shown: int,
    policy: Policy,
    seat: CounterSession | None,
) -> list[Waiting]:
    """The first whom the policy would call to this officer, in that order."""
    run = lines.upcoming(session, branch_id, officer=officer, limit=shown, policy=policy, seat=seat)
    ids = [choice.head.ticket_id for choice in run if choice.code != "early"]
    found = {
        one.ticket_id: one
        for one in _rows(session, _line(branch_id, None, seat).where(Ticket.id.in_(ids)), shown)
    }
    return [found[ticket_id] for ticket_id in ids if ticket_id in found]


def missed(session: Session, branch: Branch, *, shown: int) -> list[tuple[int, str]]:
    """Today's missed tickets that may still be taken back, the newest first: id and number."""
    query = (
        select(Ticket.id, Ticket.number)
        .where(
            Ticket.branch_id == branch.id,
            Ticket.day == clock.local_day(clock.now(), branch.timezone),
            Ticket.state == "noshow",
        )
        .order_by(Ticket.ended_at.desc(), Ticket.id.desc())
        .limit(shown)
    )
    return [(ticket_id, number) for ticket_id, number in session.execute(query)]


def _waits_for(branch_id: int, own: Collection[int] | None, seat: CounterSession | None) -> list[Any]:
    here = [Ticket.branch_id == branch_id, Ticket.state == "waiting"]
    if seat is not None:
        here += for_seat(table_of(Ticket), seat.counter_id, seat.staff_id)
    return here if own is None else [*here, Ticket.service_id.in_(own)]


def _line(
    branch_id: int, own: Collection[int] | None, seat: CounterSession | None
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Ticket.id, Ticket.number, Ticket.service_id, Ticket.priority, Ticket.stage, Ticket.arrived_at,
            Ticket.callable_at, Ticket.order_at, Appointment.starts_at, Ticket.call_class,
            Ticket.meant_counter_id.is_not(None) | Ticket.meant_staff_id.is_not(None),
        )
        .outerjoin(Appointment, Appointment.id == Ticket.appointment_id)
        .where(*_waits_for(branch_id, own, seat))
        .order_by(Ticket.order_at, Ticket.id)
    )  # fmt: skip


def _rows(session: Session, query: Select[*tuple[Any, ...]], shown: int) -> list[Waiting]:
    return [Waiting(*row) for row in session.execute(query.limit(shown))]
