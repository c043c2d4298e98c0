"""What asks for a hand in the halls of the demo city now: a counter that is free while people wait."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog.service import branch_of, open_branches
from govdesk.queue import alerts, service
from govdesk.queue.models import Ticket

BRANCH = "rawdah"
FREE_FOR = dt.timedelta(minutes=4)


def watch(session: Session) -> None:
    """Let one officer be done some minutes ago and call nobody, though somebody came just then; then look.

    Every hall is looked at as the clock does.
    """
    done_at = clock.now() - FREE_FOR
    served = select(Ticket).where(
        Ticket.branch_id == branch_of(session, BRANCH).id,
        Ticket.state == "serving",
        Ticket.started_at < done_at,
    )
    longest = session.scalars(served.order_by(Ticket.started_at, Ticket.id)).first()
    if longest is not None and longest.staff is not None:
        with clock.at(done_at):
            service.conclude(session, actor=longest.staff.actor, ticket_id=longest.id, outcome="resolved")
            here = branch_of(session, BRANCH)
            service.issue(session, actor=SYSTEM, branch=here, service=longest.service, channel="kiosk")
    for branch in open_branches(session):
        alerts.watch(session, branch=branch)
