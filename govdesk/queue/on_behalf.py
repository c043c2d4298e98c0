"""In whose name a program acts: always an officer's, so that every act has a person in the audit.

A program opens a counter for an officer whom it names; after that it acts for who sits at the counter, and
for who has the ticket in hand. The officer must hold the role there, and the token be of that branch.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.catalog.models import Counter
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.people.models import Staff
from govdesk.queue.errors import CounterClosedError, OfficerUnknownError, TicketNotFoundError, WrongStepError
from govdesk.queue.meant import ANYBODY, Meant
from govdesk.queue.models import CounterSession, Ticket


def counter_for(session: Session, *, program: Actor, counter_id: int) -> Counter:
    """A counter in use that the program may see. Raises NotFoundError."""
    counter = session.get(Counter, counter_id)
    if counter is None or not counter.is_active or not program.sees_branch(counter.branch_id):
        raise NotFoundError("queue.counter_not_found")
    return counter


def named(session: Session, *, program: Actor, counter: Counter, username: str, act: str) -> Actor:
    """The officer whom a program names at a counter. Raises OfficerUnknownError beside `officer`."""
    found = session.scalars(select(Staff).where(Staff.username == username.strip())).one_or_none()
    if found is None or not _may_serve(found, counter.branch_id):
        raise OfficerUnknownError(field="officer")
    return _acting(session, program, found, act)


def at_counter(session: Session, *, program: Actor, counter: Counter, act: str) -> Actor:
    """Who sits at a counter. Raises CounterClosedError; NotAllowedError to who may no longer serve there."""
    sitting = select(CounterSession).where(
        CounterSession.counter_id == counter.id, CounterSession.closed_at.is_(None)
    )
    seat = session.scalars(sitting).one_or_none()
    if seat is None:
        raise CounterClosedError
    if not _may_serve(seat.staff, counter.branch_id):
        raise NotAllowedError
    return _acting(session, program, seat.staff, act)


def in_hand(session: Session, *, program: Actor, ticket_id: int, act: str) -> Actor:
    """Who called a ticket. Raises TicketNotFoundError, WrongStepError when nobody has; NotAllowedError."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or not program.sees_branch(ticket.branch_id):
        raise TicketNotFoundError
    if ticket.staff is None:
        raise WrongStepError(state=ticket.state)
    if not _may_serve(ticket.staff, ticket.branch_id):
        raise NotAllowedError
    return _acting(session, program, ticket.staff, act)


def whom(
    session: Session, *, branch_id: int, counter_id: int | None = None, username: str | None = None
) -> Meant:
    """For whom a program sends somebody on: a counter of that branch, an officer by name, or anybody.

    Raises DeskError beside `counter`, OfficerUnknownError beside `officer`.
    """
    if counter_id is not None:
        counter = session.get(Counter, counter_id)
        if counter is None or counter.branch_id != branch_id:
            raise DeskError("queue.counter_not_found", field="counter", status=422)
        return Meant(counter_id=counter_id)
    if username is None:
        return ANYBODY
    found = session.scalars(select(Staff).where(Staff.username == username.strip())).one_or_none()
    if found is None or not _may_serve(found, branch_id):
        raise OfficerUnknownError(field="officer")
    return Meant(staff_id=found.id)


def _may_serve(staff: Staff, branch_id: int) -> bool:
    return staff.is_active and staff.actor.may("officer", branch_id=branch_id)


def _acting(session: Session, program: Actor, staff: Staff, act: str) -> Actor:
    """The officer, with a note of the program that acts for them: the act's own entry names the officer."""
    audit.record(session, actor=program, action="program.acted", subject=f"staff:{staff.id}", act=act)
    return staff.actor
