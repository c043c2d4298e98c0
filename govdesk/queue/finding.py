"""Find a ticket by the secret of its private page."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from govdesk.db import table_of
from govdesk.queue.errors import TicketNotFoundError
from govdesk.queue.models import Ticket


def by_token(session: Session, token: str) -> Ticket:
    """The ticket of a private page: after a transfer, its latest stage. Raises TicketNotFoundError."""
    ticket = session.scalars(select(Ticket).where(Ticket.token == token)).one_or_none()
    if ticket is None:
        raise TicketNotFoundError
    if ticket.state != "transferred":
        return ticket
    stages = (
        select(Ticket)
        .where(Ticket.branch_id == ticket.branch_id, Ticket.day == ticket.day, Ticket.number == ticket.number)
        .order_by(Ticket.stage.desc())
        .limit(1)
    )
    return session.scalars(stages).one()


_PERSON = select(table_of(Ticket).c.person_id).where(table_of(Ticket).c.id == bindparam("of_ticket"))


def person_of(session: Session, ticket_id: int) -> int | None:
    """Whose matter a ticket is, without reading the ticket; None for nobody known and for no such ticket."""
    found: int | None = session.connection().execute(_PERSON, {"of_ticket": ticket_id}).scalar()
    return found
