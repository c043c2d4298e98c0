"""Who is here again because we failed them the first time: said to the queue, which gives them a class."""

from typing import Any

from sqlalchemy.orm import Session

from govdesk.cases import places_ahead
from govdesk.cases.past import of_ticket
from govdesk.cases.returns import offering
from govdesk.queue import policies, rules
from govdesk.queue.models import Ticket


def note_our_mistake(session: Session, payload: dict[str, Any]) -> None:
    """Hear `ticket.named`: a return for the same need, of which the last visit says that we were the cause.

    Who was promised a place ahead has it now, whatever the visit is. Who booked for it and was offered help
    has the place too, where no cause is known. Changes nothing for who has been called and gone; told twice
    is told once.
    """
    ticket = session.get(Ticket, payload["ticket_id"])
    if ticket is None or ticket.person_id is None or ticket.state not in rules.LIVE:
        return
    if places_ahead.take(session, ticket):
        return
    past = of_ticket(session, ticket)
    if past is None or not past.is_failure:
        return
    if past.last.cause not in {None, offering.THEIRS} or offering.is_ours(session, ticket):
        policies.mark_our_mistake(session, ticket_id=ticket.id)
