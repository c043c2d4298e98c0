"""Who waits for one counter or one officer: chosen at a transfer or a hold, and never left behind there."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.catalog.models import Counter
from govdesk.db import table_of
from govdesk.errors import DeskError
from govdesk.queue import steps
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.models import CounterSession, Ticket

_tickets = table_of(Ticket)


class MeantError(DeskError):
    """Nobody can be sent there: nobody sits there now, or whoever sits there does not serve it."""

    key = "queue.meant_closed"
    status = 422


class Meant(NamedTuple):
    """A counter or an officer for whom somebody waits."""

    counter_id: int | None = None
    staff_id: int | None = None


ANYBODY = Meant()


def for_seat(table: Any, counter_id: Any, staff_id: Any) -> list[ColumnElement[bool]]:
    """The conditions on which a ticket may be called from a seat: it is meant for it, or for anybody."""
    return [
        table.c.meant_counter_id.is_(None) | (table.c.meant_counter_id == counter_id),
        table.c.meant_staff_id.is_(None) | (table.c.meant_staff_id == staff_id),
    ]


def places(session: Session, branch_id: int, service_ids: set[int]) -> list[CounterSession]:
    """The open seats of a branch that serve one of these services."""
    query = (
        select(CounterSession, WorkProfile.service_ids)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .outerjoin(WorkProfile, WorkProfile.staff_id == CounterSession.staff_id)
        .where(Counter.branch_id == branch_id, CounterSession.closed_at.is_(None))
        .order_by(Counter.number)
    )
    return [
        seat
        for seat, skills in session.execute(query)
        if any(_serves(seat, skills, service_id) for service_id in service_ids)
    ]


def seat_for(session: Session, meant: Meant, *, branch_id: int, service_id: int) -> CounterSession:
    """The seat for which somebody is meant, its row locked: it cannot close before they stand in its line.

    The seat is locked before the ticket, as a call does. MeantError when nobody sits there any more, or
    whoever does serves something else.
    """
    session.flush()
    query = select(CounterSession).where(CounterSession.closed_at.is_(None))
    if meant.counter_id is not None:
        query = query.where(CounterSession.counter_id == meant.counter_id)
    if meant.staff_id is not None:
        query = query.where(CounterSession.staff_id == meant.staff_id)
    seat = session.scalars(
        query.with_for_update(of=CounterSession), execution_options={"populate_existing": True}
    ).one_or_none()
    if seat is None or seat.counter.branch_id != branch_id:
        raise MeantError(field="to")
    profile = session.get(WorkProfile, seat.staff_id)
    if not _serves(seat, profile.service_ids if profile else None, service_id):
        raise MeantError("queue.meant_other_service", field="to")
    return seat


def still(session: Session, meant: Meant, ticket: Ticket) -> Meant:
    """For whom a ticket waits that comes back to the line: for anybody once that seat is closed."""
    if meant == ANYBODY:
        return ANYBODY
    try:
        seat_for(session, meant, branch_id=ticket.branch_id, service_id=ticket.service_id)
    except MeantError:
        return ANYBODY
    return meant


def release(session: Session, seat: CounterSession, actor: Actor) -> list[int]:
    """Let who waited for a seat that closes wait for anybody, at the place they have; their ids."""
    freed = session.execute(
        update(_tickets)
        .where(
            _tickets.c.state.in_(("waiting", "held")),
            (_tickets.c.meant_counter_id == seat.counter_id) | (_tickets.c.meant_staff_id == seat.staff_id),
        )
        .values(meant_counter_id=None, meant_staff_id=None)
        .returning(_tickets.c.id)
    ).scalars()
    ids = sorted(freed)
    for ticket_id in ids:
        steps.forget(session, ticket_id)
        steps.write(session, ticket_id, seat.counter_id, "released", actor)
    return ids


def _serves(seat: CounterSession, skills: list[int] | None, service_id: int) -> bool:
    return all(not own or service_id in own for own in (seat.counter.service_ids, skills))
