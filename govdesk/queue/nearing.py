"""Tell who waits elsewhere that their turn comes soon: once, when so many are ahead as the branch has set."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.people.models import PersonContact
from govdesk.queue import estimates, live, reaching
from govdesk.queue.models import Ticket

SOON = dt.timedelta(minutes=10)  # before its minute no appointment is near, however few are ahead


def is_near(
    branch: Branch, ticket: Ticket | live.Shown, quote: estimates.Quote | None, now: dt.datetime
) -> bool:
    """Whether it is time to be in the hall: few are ahead, and the minute of an appointment is close."""
    if quote is None or ticket.state != "waiting" or quote.ahead > branch.near_ahead:
        return False
    is_away = ticket.is_remote and ticket.present_at is None
    return is_away or ticket.callable_at <= now + SOON


def run_tell_near() -> int:
    """Tell everybody whose turn has come near, a transaction each; how many."""
    return sum(_tell(ticket_id) for ticket_id in due(reading()))


def due(session: Session) -> list[int]:
    """Whom to tell now: waiting, reachable, not told, and near the front."""
    found, foretold = [], dict[int, estimates.Foretold]()
    for ticket in _reachable(session):
        branch = session.get_one(Branch, ticket.branch_id)
        if branch.id not in foretold:
            foretold[branch.id] = estimates.foretell(session, branch.id)
        quote = live.place_of(session, ticket, foretold[branch.id])
        if is_near(branch, ticket, quote, clock.now()):
            found.append(ticket.id)
    session.rollback()
    return found


def _reachable(session: Session) -> list[Ticket]:
    """Who waits, was not told, and left a contact or had the ticket sent to a phone."""
    waits = Ticket.state == "waiting", Ticket.told_near_at.is_(None)
    known = session.execute(
        select(Ticket.id, PersonContact.person_id)
        .outerjoin(PersonContact, PersonContact.person_id == Ticket.person_id)
        .where(*waits)
    ).all()
    ids = {ticket_id for ticket_id, person_id in known if person_id is not None}
    ids |= reaching.addresses(session, [ticket_id for ticket_id, _person in known]).keys()
    in_line = select(Ticket).where(*waits, Ticket.id.in_(ids))
    return list(session.scalars(in_line.order_by(Ticket.branch_id, Ticket.order_at, Ticket.id)))


def _tell(ticket_id: int) -> bool:
    """Claim the telling by a conditional UPDATE, and queue the message with it: who loses tells nobody."""
    with transaction() as session:
        mine = session.execute(
            update(Ticket)
            .where(Ticket.id == ticket_id, Ticket.state == "waiting", Ticket.told_near_at.is_(None))
            .values(told_near_at=clock.now())
            .returning(Ticket.id)
        ).first()
        if mine is None:
            return False
        ticket = session.get_one(Ticket, ticket_id, populate_existing=True)
        branch = session.get_one(Branch, ticket.branch_id)
        with i18n.speaking(ticket.language):
            values = {
                "number": ticket.number,
                "service": i18n.named(ticket.service),
                "branch": i18n.named(branch),
                "link": settings().base_address + reaching.PRIVATE.format(ticket.token),
            }
        _first, tomorrow = clock.day_bounds(ticket.day, branch.timezone)
        reaching.tell(
            session, ticket, key="turn_soon", values=values, expires_at=tomorrow, zone=branch.timezone
        )
        return True
