"""How long a newcomer will wait, from the live state of a branch and what its services have taken."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from govdesk.catalog.models import Counter, PublicService
from govdesk.queue import rules
from govdesk.queue.models import CounterSession, Ticket

RECENT = 50


@dataclass(frozen=True, slots=True)
class Quote:
    """A wait in minutes that eight of ten people will have, and how many are ahead."""

    ahead: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Hall:
    """The open counters of a branch, not paused: which services each serves (none = all), and who is busy."""

    branch_id: int
    desks: Mapping[int, frozenset[int]]
    busy: frozenset[int]
    minutes: dict[int, float] = field(default_factory=dict)  # mean length of a service, read once

    def serving(self, service_id: int) -> set[int]:
        """The counters that serve a service."""
        return {desk for desk, services in self.desks.items() if not services or service_id in services}


def hall(session: Session, branch_id: int) -> Hall:
    """Read the counters of a branch as they are now."""
    person = aliased(Ticket)
    at_desk = (person.counter_id == Counter.id) & person.state.in_(("called", "serving"))
    rows = session.execute(
        select(Counter.id, Counter.service_ids, person.id)
        .join(CounterSession, CounterSession.counter_id == Counter.id)
        .join(person, at_desk, isouter=True)
        .where(
            Counter.branch_id == branch_id,
            CounterSession.closed_at.is_(None),
            CounterSession.paused_at.is_(None),
        )
    ).all()
    desks = {counter_id: frozenset(services) for counter_id, services, _ticket in rows}
    return Hall(branch_id, desks, frozenset(counter_id for counter_id, _services, ticket in rows if ticket))


def waiting_before(
    session: Session, branch_id: int, order_at: dt.datetime, ticket_id: int | None = None
) -> dict[int, int]:
    """How many wait before this place, by service; of those at the same moment, who came first is before."""
    before = Ticket.order_at <= order_at
    if ticket_id is not None:
        before = (Ticket.order_at < order_at) | ((Ticket.order_at == order_at) & (Ticket.id < ticket_id))
    rows = session.execute(
        select(Ticket.service_id, func.count())
        .where(Ticket.branch_id == branch_id, Ticket.state == "waiting", before)
        .group_by(Ticket.service_id)
    )
    return {service_id: count for service_id, count in rows}  # noqa: C416 - rows are no pairs to mypy


def for_newcomer(
    session: Session,
    *,
    branch_id: int,
    service: PublicService,
    order_at: dt.datetime,
    ticket_id: int | None = None,
) -> Quote | None:
    """The quote for someone who stands at `order_at` (a ticket already there is not counted itself).

    None when no open counter serves this service: nothing honest can be said.
    """
    before = waiting_before(session, branch_id, order_at, ticket_id)
    return quote(session, hall(session, branch_id), service, before)


def quote(session: Session, here: Hall, service: PublicService, before: Mapping[int, int]) -> Quote | None:
    """The quote behind these waiting people (by service), of whom only those at the same counters count."""
    desks = here.serving(service.id)
    if not desks:
        return None
    line = {other: count for other, count in before.items() if here.serving(other) & desks}
    ahead, free = sum(line.values()), len(desks - here.busy)
    if ahead < free:
        return Quote(ahead, 0.0, rules.LEAST_PROMISE)
    weights = line or {service.id: 1}
    total = sum(_minutes(session, here, other) * count for other, count in weights.items())
    low, high = rules.wait_range(ahead - free, len(desks), total / sum(weights.values()))
    return Quote(ahead, low, max(high, rules.LEAST_PROMISE))


def _minutes(session: Session, here: Hall, service_id: int) -> float:
    """Mean minutes of a service in this branch: its last 50 services, drawn towards the declared length."""
    if service_id not in here.minutes:
        declared = session.get_one(PublicService, service_id).minutes
        recent = session.execute(
            select(Ticket.started_at, Ticket.ended_at)
            .where(
                Ticket.branch_id == here.branch_id,
                Ticket.service_id == service_id,
                Ticket.ended_at.is_not(None),
            )
            .order_by(Ticket.ended_at.desc())
            .limit(RECENT)
        ).all()
        spans = [(end - begin).total_seconds() / 60 for begin, end in recent if begin and end]
        here.minutes[service_id] = rules.learned_minutes(declared, [span for span in spans if span > 0])
    return here.minutes[service_id]
