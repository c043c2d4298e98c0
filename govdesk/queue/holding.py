"""Set aside: with or without a time until when, for anybody or for the same officer; and back."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM, Actor
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.queue import counters, steps
from govdesk.queue.errors import CounterBusyError, WrongStepError
from govdesk.queue.meant import Meant, seat_for
from govdesk.queue.models import Ticket

MINUTES = (5, 10, 15, 30, 60)  # for how long one is set aside


def hold(
    session: Session, *, actor: Actor, ticket_id: int, minutes: int | None = None, is_mine: bool = False
) -> Ticket:
    """Set a person aside (a photocopy, a missing stamp) without losing their place; the counter is free.

    After `minutes`, if given, they wait again by themselves at their old place; `is_mine` lets nobody but
    this officer have them until then and after. MeantError when the officer sits nowhere in that branch.
    """
    if is_mine:
        at = steps.sought(session, ticket_id)
        mine = Meant(staff_id=int(actor.id))
        seat_for(session, mine, branch_id=at.branch_id, service_id=at.service_id)
    ticket = steps.step(session, "hold", ticket_id, actor)
    ticket.held_until = clock.now() + dt.timedelta(minutes=minutes) if minutes else None
    ticket.meant_staff_id = int(actor.id) if is_mine else None
    told: dict[str, object] = {"minutes": minutes} if minutes else {}
    steps.note(session, ticket, "held", actor, **told, **({"for": int(actor.id)} if is_mine else {}))
    return ticket


def resume(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Take a held person back to one's counter, which must be free.

    WrongStepError when they were set aside for another officer.
    """
    seat = counters.calling_seat(session, actor)
    if counters.ticket_at(session, seat.counter_id) is not None:
        raise CounterBusyError
    ticket = steps.step(session, "resume", ticket_id, actor)
    if ticket.branch_id != seat.counter.branch_id:
        raise NotAllowedError
    if ticket.meant_staff_id not in {None, int(actor.id)}:
        raise WrongStepError("queue.held_for_other")
    now = clock.now()
    ticket.counter_id, ticket.staff_id = seat.counter_id, int(actor.id)
    ticket.held_until = ticket.meant_counter_id = ticket.meant_staff_id = None
    ticket.called_at, ticket.started_at = ticket.called_at or now, ticket.started_at or now
    steps.note(session, ticket, "resumed", actor)
    return ticket


def run_return_held() -> int:
    """Let those whose time is over wait again, a transaction each; how many."""
    over = select(Ticket.id).where(Ticket.state == "held", Ticket.held_until <= clock.now())
    session = reading()
    ids = session.scalars(over.order_by(Ticket.held_until, Ticket.id)).all()
    session.rollback()
    returned = 0
    for ticket_id in ids:
        with transaction(patient=True) as writing:
            returned += _return(writing, ticket_id)
    return returned


def _return(session: Session, ticket_id: int) -> bool:
    """Back to the old place, the row locked: whoever took the person back meanwhile keeps them."""
    ticket = steps.found(session, ticket_id, SYSTEM)
    if ticket.state != "held" or ticket.held_until is None or ticket.held_until > clock.now():
        return False
    steps.advance("return", ticket)
    steps.note(session, ticket, "returned", SYSTEM)
    ticket.held_until = ticket.counter_id = ticket.staff_id = ticket.started_at = None
    ticket.call_count = 0
    return True
