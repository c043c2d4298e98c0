"""The first wait quoted is a promise: when it ends, who is about to be failed, and telling them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, i18n, outbox
from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.queue import estimates, reaching, steps
from govdesk.queue.models import Ticket, TicketEvent

MINUTE = dt.timedelta(minutes=1)
WARNING = 5.0  # minutes before the end, and never more than the last third of what was promised
THREATENED, BROKEN = "promise_threatened", "promise_broken"
TOLD_WITHIN = dt.timedelta(hours=1)  # later nobody needs to hear it
TICKET = "/ticket/{}"  # the private page


@dataclass(frozen=True, slots=True)
class Promise:
    """What a ticket was promised: called no later than `before`; `called_at` is the first call, if any."""

    before: dt.datetime
    warned_from: dt.datetime
    called_at: dt.datetime | None

    @property
    def is_kept(self) -> bool:
        """Whether it was kept, or may still be."""
        return (self.called_at or clock.now()) <= self.before

    @property
    def is_threatened(self) -> bool:
        """Whether it ends soon, or is over, and the person still waits."""
        return self.called_at is None and clock.now() >= self.warned_from

    @property
    def minutes_left(self) -> float:
        """Minutes until it ends; below 0 when it is over."""
        return (self.before - clock.now()) / MINUTE


@dataclass(frozen=True, slots=True)
class Threatened:
    """A waiting ticket whose promise ends soon or is over."""

    ticket_id: int
    number: str
    service_id: int
    promise: Promise


def promise(
    quoted_at: dt.datetime | None, quoted_high: float | None, called_at: dt.datetime | None
) -> Promise | None:
    """The promise of a quote (its upper end in minutes); None where none was given."""
    if quoted_at is None or quoted_high is None:
        return None
    before = quoted_at + quoted_high * MINUTE
    return Promise(before, before - min(WARNING, quoted_high / 3) * MINUTE, called_at)


def of(ticket: Ticket) -> Promise | None:
    """What this ticket was promised."""
    return promise(ticket.quoted_at, ticket.quoted_high, ticket.called_at)


def threatened(session: Session, branch_id: int | None = None) -> list[Threatened]:
    """Who waits with a promise that ends soon or is over, the first to end first; at one branch or all."""
    query = select(
        Ticket.id, Ticket.number, Ticket.service_id, Ticket.quoted_at, Ticket.quoted_high, Ticket.called_at
    ).where(Ticket.state == "waiting", Ticket.quoted_high.is_not(None))
    if branch_id is not None:
        query = query.where(Ticket.branch_id == branch_id)
    found = []
    for ticket_id, number, service_id, quoted_at, quoted_high, called_at in session.execute(query):
        given = promise(quoted_at, quoted_high, called_at)
        if given is not None and given.is_threatened:
            found.append(Threatened(ticket_id, number, service_id, given))
    return sorted(found, key=lambda one: (one.promise.before, one.ticket_id))


def run_watch() -> int:
    """Note and tell each promise that is about to be broken, and each that is; how many. Each once."""
    session = reading()
    found = threatened(session)
    wanted = {one.ticket_id: BROKEN if one.promise.minutes_left < 0 else THREATENED for one in found}
    noted = _noted(session, list(wanted))
    session.rollback()
    new = {ticket_id: kind for ticket_id, kind in wanted.items() if (ticket_id, kind) not in noted}
    told = 0
    for ticket_id, kind in new.items():
        with transaction(patient=True) as writing:
            told += _tell(writing, ticket_id, kind)
    return told


def tell_broken(session: Session, payload: dict[str, Any]) -> None:
    """Tell a person honestly that it takes longer than promised, and how long; not once they are called."""
    ticket = session.get_one(Ticket, payload["ticket_id"])
    if ticket.state != "waiting":
        return
    quote = estimates.foretell(session, ticket.branch_id).of_ticket(ticket.id)
    branch = session.get_one(Branch, ticket.branch_id)
    with i18n.speaking(ticket.language):
        values = {
            "ticket": ticket.number,
            "service": i18n.named(ticket.service),
            "branch": i18n.named(branch),
            "wait": _said(quote),
            "link": settings().base_address + TICKET.format(ticket.token),
        }
    reaching.tell(
        session, ticket, key=BROKEN, values=values, expires_at=clock.now() + TOLD_WITHIN, zone=branch.timezone
    )


def _said(quote: estimates.Quote | None) -> str:
    """A wait in words: a dash would make an English SMS twice as dear."""
    if quote is None:
        return i18n.t("notify.wait_unknown")
    return i18n.t("notify.wait_range", low=i18n.num(quote.low), high=i18n.minutes(quote.high))


def _noted(session: Session, ticket_ids: list[int]) -> set[tuple[int, str]]:
    noted: set[tuple[int, str]] = set()
    for begin in range(0, len(ticket_ids), 500):
        some = ticket_ids[begin : begin + 500]
        query = select(TicketEvent.ticket_id, TicketEvent.kind).where(
            TicketEvent.ticket_id.in_(some), TicketEvent.kind.in_((THREATENED, BROKEN))
        )
        noted.update((ticket_id, kind) for ticket_id, kind in session.execute(query))
    return noted


def _tell(session: Session, ticket_id: int, kind: str) -> bool:
    """Note it in the ticket's events, its row locked: of two watchers the second finds it noted or called."""
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None or ticket.state != "waiting" or (ticket_id, kind) in _noted(session, [ticket_id]):
        return False
    given = of(ticket)
    if given is None:
        return False
    steps.note(session, ticket, kind, SYSTEM, before=given.before.isoformat())
    if kind == BROKEN:
        outbox.emit(session, "promise.broken", ticket_id=ticket_id)
    else:
        outbox.emit(session, "promise.threatened", ticket_id=ticket_id)
    return True
