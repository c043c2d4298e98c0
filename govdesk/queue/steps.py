"""How a ticket takes a step: found in the actor's scope and locked, moved, noted and, at the last, told."""

import datetime as dt

from sqlalchemy import insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from govdesk import audit, chance, clock, outbox
from govdesk.actor import Actor
from govdesk.db import connection_of, table_of
from govdesk.errors import NotAllowedError
from govdesk.prepared import Prepared
from govdesk.queue import rules
from govdesk.queue.errors import TicketNotFoundError, WrongStepError
from govdesk.queue.models import Ticket, TicketEvent

AT_WORK = ("officer", "reception", "supervisor", "admin")  # who may move the tickets of a branch
_WRITE = Prepared(insert(table_of(TicketEvent)), "ticket_id", "at", "kind", "actor", "counter_id", "detail")


def found(session: Session, ticket_id: int, actor: Actor) -> Ticket:
    """The ticket as it is, its row locked. TicketNotFoundError; NotAllowedError to another branch's staff."""
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None:
        raise TicketNotFoundError
    if actor.kind == "staff" and not actor.may(*AT_WORK, branch_id=ticket.branch_id):
        raise NotAllowedError
    return ticket


def sought(session: Session, ticket_id: int) -> Ticket:
    """The ticket as it was last read, not locked: for what comes before its lock. TicketNotFoundError."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise TicketNotFoundError
    return ticket


def step(session: Session, verb: str, ticket_id: int, actor: Actor) -> Ticket:
    """Take a step if the ticket's state allows it: the row is locked, so of two presses one finds it done."""
    ticket = found(session, ticket_id, actor)
    advance(verb, ticket)
    return ticket


def advance(verb: str, ticket: Ticket) -> None:
    """Move a ticket that `found` has locked; WrongStepError when its state does not allow the step."""
    if not rules.may(verb, ticket.state):
        raise WrongStepError(state=ticket.state)
    ticket.state = rules.STEPS[verb][1]


def next_stage(ticket: Ticket, service_id: int, now: dt.datetime) -> Ticket:
    """The next stage of a visit, for another service: the same number and person, the same place."""
    return Ticket(
        token=chance.token(),
        branch_id=ticket.branch_id,
        service_id=service_id,
        number=ticket.number,
        day=ticket.day,
        stage=ticket.stage + 1,
        state="waiting",
        priority=ticket.priority,
        call_class=ticket.call_class,
        is_displaced=ticket.is_displaced,
        is_our_mistake=ticket.is_our_mistake,
        channel=ticket.channel,
        language=ticket.language,
        person_id=ticket.person_id,
        visitor_id=ticket.visitor_id,
        object_ref=ticket.object_ref,
        appointment_id=ticket.appointment_id,
        transferred_from_id=ticket.id,
        arrived_at=now,
        callable_at=now,
        order_at=ticket.order_at,
    )


def forget(session: Session, ticket_id: int) -> None:
    """Let a ticket that was changed past the session be read afresh."""
    known = session.identity_map.get(identity_key(Ticket, ticket_id))
    if known is not None:
        session.expire(known)


def end(session: Session, ticket: Ticket, kind: str, actor: Actor, **detail: object) -> None:
    """Note the last event of a ticket, and tell who must know that it ended."""
    ticket.ended_at = clock.now()
    note(session, ticket, kind, actor, **{name: value for name, value in detail.items() if value})
    outbox.emit(session, "ticket.ended", ticket_id=ticket.id)


def note(session: Session, ticket: Ticket, kind: str, actor: Actor, **detail: object) -> None:
    """Write the event and the audit entry of one change."""
    write(session, ticket.id, ticket.counter_id, kind, actor, **detail)


def write(
    session: Session, ticket_id: int, counter_id: int | None, kind: str, actor: Actor, **detail: object
) -> None:
    """Write an event and its audit entry by the ticket's id, where the ticket itself was not read."""
    row = {"ticket_id": ticket_id, "at": clock.now(), "kind": kind, "actor": actor.label}
    _WRITE.run(connection_of(session), {**row, "counter_id": counter_id, "detail": detail})
    audit.record(session, actor=actor, action=f"ticket.{kind}", subject=f"ticket:{ticket_id}", **detail)
