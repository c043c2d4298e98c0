"""A further service for the person at the desk: another stage of the same visit, without another call."""

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog.models import BranchService, PublicService
from govdesk.queue import steps
from govdesk.queue.endings import conclude
from govdesk.queue.errors import NotOfferedError, WrongStepError
from govdesk.queue.models import Ticket


def also_needs(
    session: Session, *, actor: Actor, ticket_id: int, service: PublicService, **ending: object
) -> Ticket:
    """Conclude a service and begin another for the same person at the same counter, to the second.

    `ending` is what `conclude` wants. Each service is a ticket of its own with its own times and outcome;
    they are one visit. NotOfferedError when the branch does not offer it; what `conclude` raises.
    """
    ticket = steps.found(session, ticket_id, actor)
    counter_id, staff_id = ticket.counter_id, ticket.staff_id
    if ticket.state not in {"called", "serving"} or counter_id is None:
        raise WrongStepError(state=ticket.state)
    if session.get(BranchService, (ticket.branch_id, service.id)) is None:
        raise NotOfferedError(field="also")
    now = clock.now()
    follow = steps.next_stage(ticket, service.id, now)
    conclude(session, actor=actor, ticket_id=ticket_id, **ending)  # type: ignore[arg-type]
    follow.state, follow.counter_id, follow.staff_id = "serving", counter_id, staff_id
    follow.called_at = follow.last_called_at = follow.started_at = now
    session.add(follow)
    session.flush()
    steps.note(session, follow, "issued", actor, channel=follow.channel, transferred_from=ticket_id)
    steps.note(session, follow, "started", actor)
    return follow
