"""What is about to go wrong in a hall: waits beyond their target, and the service level of the day."""

import math
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.kpi.registry import BY_KEY
from govdesk.queue import breaches, estimates
from govdesk.queue.breaches import Breach, Level, Waiter
from govdesk.queue.models import Ticket
from govdesk.queue.policy import MINUTE
from govdesk.queue.today import Tally

MOST = 300  # people who are looked at: of more, those who came first


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is foreseen if nothing changes."""

    breaches: list[Breach]
    level: Level | None = None


def outlook(session: Session, branch: Branch, whole: Tally) -> Outlook:
    """Look ahead from who waits now; `whole` is the day so far."""
    waiting = _waiting(session, branch)
    goal = BY_KEY["service_level"].target or 1.0
    return Outlook(breaches.coming(waiting), breaches.falling(whole.in_time, whole.judged, waiting, goal))


def _waiting(session: Session, branch: Branch) -> list[Waiter]:
    """Who waits in good time still, with the wait that is foretold.

    Who will rather leave than be called has none, and waits in vain; for whom no counter is open is left out.
    """
    now = clock.now()
    target = PublicService.wait_target_minutes
    query = (
        select(Ticket.id, Ticket.number, Ticket.service_id, Ticket.callable_at, target)
        .join(PublicService, PublicService.id == Ticket.service_id)
        .where(Ticket.branch_id == branch.id, Ticket.state == "waiting", Ticket.callable_at <= now)
        .order_by(Ticket.callable_at, Ticket.id)
        .limit(MOST)
    )
    rows = [row for row in session.execute(query) if (now - row.callable_at) / MINUTE <= row[4]]
    if not rows:
        return []
    told = estimates.foretell(session, branch.id)
    served = {one for one in told.scene.asked if any(seat.officer.is_own(one) for seat in told.scene.seats)}
    found = []
    for ticket_id, number, service_id, callable_at, minutes in rows:
        if service_id not in served:
            continue
        quote, waited = told.of_ticket(ticket_id), (now - callable_at) / MINUTE
        low, high = (quote.low, quote.high) if quote else (math.inf, math.inf)
        found.append(Waiter(number, service_id, waited, float(minutes), low, high))
    return found
