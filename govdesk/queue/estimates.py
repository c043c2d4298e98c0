"""How long a newcomer will wait, from the live state of a branch and what its services have taken."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

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


def for_newcomer(
    session: Session, *, branch_id: int, service: PublicService, order_at: dt.datetime, ticket_id: int | None = None
) -> Quote | None:
    """The quote for someone who stands at `order_at` (a ticket already there is not counted itself).

    None when no open counter serves this service: nothing honest can be said.
    """
    desks = counters_for(session, branch_id, service.id)
    if not desks:
        return None
    served = {service_id for desk in desks for service_id in desk.service_ids}
    everything = any(not desk.service_ids for desk in desks)
    before = (Ticket.order_at < order_at) if ticket_id is None else (
        (Ticket.order_at < order_at) | ((Ticket.order_at == order_at) & (Ticket.id < ticket_id))
    )  # fmt: skip
    query = (
        select(Ticket.service_id, func.count())
        .where(Ticket.branch_id == branch_id, Ticket.state == "waiting", before)
        .group_by(Ticket.service_id)
    )
    if not everything:
        query = query.where(Ticket.service_id.in_(served))
    ahead = {service_id: count for service_id, count in session.execute(query)}
    total = sum(ahead.values())
    free = free_counters(session, desks)
    if total < free:
        return Quote(total, 0.0, 0.0)
    lengths = _minutes(session, branch_id, ahead or {service.id: 1})
    mean = sum(lengths[key] * count for key, count in (ahead or {service.id: 1}).items()) / (total or 1)
    low, high = rules.wait_range(total - free, len(desks), mean)
    return Quote(total, low, high)


def counters_for(session: Session, branch_id: int, service_id: int) -> Sequence[Counter]:
    """Open counters of a branch, not paused, that serve this service."""
    query = (
        select(Counter)
        .join(CounterSession, CounterSession.counter_id == Counter.id)
        .where(Counter.branch_id == branch_id, CounterSession.closed_at.is_(None), CounterSession.paused_at.is_(None))
    )
    return [desk for desk in session.scalars(query) if not desk.service_ids or service_id in desk.service_ids]


def free_counters(session: Session, desks: Sequence[Counter]) -> int:
    """How many of these counters have nobody."""
    ids = [desk.id for desk in desks]
    query = select(func.count()).where(Ticket.counter_id.in_(ids), Ticket.state.in_(("called", "serving")))
    return len(ids) - (session.scalar(query) or 0)


def _minutes(session: Session, branch_id: int, services: dict[int, int]) -> dict[int, float]:
    """Mean minutes of each service in this branch: its last 50 services, drawn towards the declared length."""
    lengths = {}
    for service in session.scalars(select(PublicService).where(PublicService.id.in_(services))):
        recent = session.execute(
            select(Ticket.started_at, Ticket.ended_at)
            .where(Ticket.branch_id == branch_id, Ticket.service_id == service.id, Ticket.ended_at.is_not(None))
            .order_by(Ticket.ended_at.desc())
            .limit(RECENT)
        ).all()
        observed = [(end - begin).total_seconds() / 60 for begin, end in recent if begin and end and end > begin]
        lengths[service.id] = rules.learned_minutes(service.minutes, observed)
    return lengths
