"""The case of whoever is served or waits now: the matter that their ticket belongs to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases import traces
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Case, Visit
from govdesk.cases.past import history
from govdesk.cases.work.scope import READERS, file_of
from govdesk.catalog.models import Branch
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.queue.errors import TicketNotFoundError
from govdesk.queue.models import Ticket


def case_of_ticket(session: Session, actor: Actor, ticket_id: int) -> Case | None:
    """The case to which a ticket of the actor's branch belongs; None: it is a new need, or nobody's.

    Raises TicketNotFoundError; NotAllowedError to another branch's staff.
    """
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise TicketNotFoundError
    if not actor.may(*READERS, branch_id=ticket.branch_id):
        raise NotAllowedError
    told = select(Visit.case_id).where(Visit.source == LIVE, Visit.visit_no == str(ticket.id))
    case_id = session.scalar(told)
    if case_id is None:
        past = history(
            session, person_id=ticket.person_id, family=ticket.service.family, object_ref=ticket.object_ref,
            at=ticket.arrived_at, branch=session.get_one(Branch, ticket.branch_id), ticket_id=ticket.id,
        )  # fmt: skip
        case_id = None if past is None or not past.is_return else _live(past.visits)
    return None if case_id is None else file_of(session, actor, case_id)


def joined_into(session: Session, actor: Actor, case_id: int) -> Case:
    """The case that has taken in one that is gone. NotFoundError; NotAllowedError to another unit's staff."""
    present = traces.present(session, case_id)
    if present is None:
        raise NotFoundError("cases.unknown")
    return file_of(session, actor, present)


def _live(visits: tuple[Visit, ...]) -> int | None:
    """The case of a matter by the last of its visits that was made here."""
    return next((one.case_id for one in reversed(visits) if one.source == LIVE and one.case_id), None)
