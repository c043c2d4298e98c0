"""What a supervisor says to everybody waiting: by message, on the board and on the phone's ticket."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, i18n
from govdesk.actor import Actor
from govdesk.catalog import notices
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.errors import DeskError, NotAllowedError
from govdesk.queue import reaching
from govdesk.queue.models import Ticket

TELLERS = ("supervisor", "admin")
WAITS = ("waiting", "held")
LONGEST = notices.LONGEST


def tell_waiting(
    session: Session, *, actor: Actor, branch: Branch, text: Name, until: dt.datetime
) -> tuple[int, int]:
    """Tell everybody who waits in a branch, and show it until then; messages sent, and of how many.

    A person with two tickets is told once; who comes later sees it on the board and on the ticket.
    NotAllowedError; DeskError beside `text_ar` or `text_en`; CatalogEditError beside `until`.
    """
    if not actor.may(*TELLERS, branch_id=branch.id):
        raise NotAllowedError
    if not (text.ar and text.en):
        raise DeskError("errors.required", field="text_en" if text.ar else "text_ar", status=422)
    notice = notices.announce(
        session, actor=actor, branch=branch, text_ar=text.ar, text_en=text.en, shown_from=clock.now(),
        shown_until=until,
    )  # fmt: skip
    tickets = waiting(session, branch.id)
    told = sum(_tell(session, branch, ticket, text, until, notice.id) for ticket in tickets)
    audit.record(
        session, actor=actor, action="hall.told", subject=f"branch:{branch.id}", notice=notice.id, told=told
    )
    return told, len(tickets)


def waiting(session: Session, branch_id: int) -> list[Ticket]:
    """Who would be told: the first ticket of each person, and those of whom nothing is known."""
    query = select(Ticket).where(Ticket.branch_id == branch_id, Ticket.state.in_(WAITS)).order_by(Ticket.id)
    first: dict[tuple[str, int], Ticket] = {}
    for ticket in session.scalars(query):
        key = ("ticket", ticket.id) if ticket.person_id is None else ("person", ticket.person_id)
        first.setdefault(key, ticket)
    return list(first.values())


def _tell(
    session: Session, branch: Branch, ticket: Ticket, text: Name, until: dt.datetime, notice_id: int
) -> bool:
    with i18n.speaking(ticket.language):
        values = {"branch": i18n.named(branch), "text": text.ar if ticket.language == "ar" else text.en}
    about = f"ticket:{ticket.id}:{notice_id}"
    queued = reaching.tell(
        session,
        ticket,
        key="hall_message",
        about=about,
        values=values,
        expires_at=until,
        zone=branch.timezone,
    )
    return queued is not None
