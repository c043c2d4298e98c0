"""Who is here again because we failed them the first time: said to the queue, which gives them a class."""

from typing import Any

from sqlalchemy.orm import Session

from govdesk.cases.past import history
from govdesk.catalog.models import Branch
from govdesk.queue import policies, rules
from govdesk.queue.models import Ticket

THEIRS = "citizen_side"  # the one cause of a failed visit that is not ours


def note_our_mistake(session: Session, payload: dict[str, Any]) -> None:
    """Hear `ticket.named`: a return for the same need, of which the last visit says that we were the cause.

    Changes nothing for who has been called and gone; told twice is told once.
    """
    ticket = session.get(Ticket, payload["ticket_id"])
    if ticket is None or ticket.person_id is None or ticket.state not in rules.LIVE:
        return
    past = history(
        session,
        person_id=ticket.person_id,
        family=ticket.service.family,
        object_ref=ticket.object_ref,
        at=ticket.arrived_at,
        branch=session.get_one(Branch, ticket.branch_id),
        ticket_id=ticket.id,
    )
    if past is not None and past.is_failure and past.last.cause not in {None, THEIRS}:
        policies.mark_our_mistake(session, ticket_id=ticket.id)
