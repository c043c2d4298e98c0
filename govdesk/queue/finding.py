"""Find a ticket by the secret of its private page."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.db import connection_of, table_of
from govdesk.errors import NotAllowedError
from govdesk.prepared import Prepared
from govdesk.queue.errors import TicketNotFoundError
from govdesk.queue.models import Ticket


def by_token(session: Session, token: str) -> Ticket:
    """The ticket of a private page: after a transfer, its latest stage. Raises TicketNotFoundError."""
    ticket = session.scalars(select(Ticket).where(Ticket.token == token)).one_or_none()
    if ticket is None:
        raise TicketNotFoundError
    if ticket.state not in {"transferred", "undone"}:
        return ticket
    stages = (
        select(Ticket)
        .where(Ticket.branch_id == ticket.branch_id, Ticket.day == ticket.day, Ticket.number == ticket.number)
        .where(Ticket.state != "undone")
        .order_by(Ticket.stage.desc())
        .limit(1)
    )
    return session.scalars(stages).one()


_tickets = table_of(Ticket)
_HANDS = Prepared(
    select(_tickets.c.person_id, _tickets.c.staff_id).where(_tickets.c.id == bindparam("of_ticket"))
)


def in_hands_of(session: Session, ticket_id: int, actor: Actor) -> int | None:
    """Whose matter a ticket in this officer's hands is (None: nobody known), without reading the ticket.

    NotAllowedError when another officer called it, unless the actor supervises; TicketNotFoundError.
    """
    found = _HANDS.first(connection_of(session), {"of_ticket": ticket_id})
    if found is None:
        raise TicketNotFoundError
    refuse_other_hands(found.staff_id, actor)
    person_id: int | None = found.person_id
    return person_id


def refuse_other_hands(staff_id: int | None, actor: Actor) -> None:
    """Raise NotAllowedError for a ticket that another officer called, unless the actor supervises."""
    if str(staff_id) != actor.id and not actor.has("supervisor"):
        raise NotAllowedError("queue.in_other_hands")
