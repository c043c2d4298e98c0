"""Find a ticket by the secret of its private page."""

from sqlalchemy import select
from sqlalchemy.orm import Session

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
