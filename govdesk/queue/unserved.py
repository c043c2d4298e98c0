"""Who went away unserved is told, and asked whether they still need it, and why they went.

Somebody who left, and somebody before whose turn the day was closed. An answer changes no figure of the
service and no record of the person; it is there so that the hall can be made better.
"""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from govdesk import audit, clock, i18n
from govdesk.actor import Actor
from govdesk.booking.telling import BOOK, when
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.notify import service as messages
from govdesk.queue import reaching, steps
from govdesk.queue.models import Ticket
from govdesk.queue.unserved_models import UnservedAnswer

ASKED = frozenset({"abandoned", "closed_unserved"})
REASONS = ("too_long", "not_called", "until_closing", "had_to_go", "elsewhere", "other")
AFTER_CLOSING = "until_closing"  # only who was still there when the day was closed can say so
ANSWERED_FOR = dt.timedelta(days=14)  # after the day of the ticket
TOLD_WITHIN = dt.timedelta(days=3)  # later nobody needs to hear it
KEYS = {"abandoned": "left_why", "closed_unserved": "closed_unserved"}
WHY = "/ticket/{}/why"  # a page of the ticket


def reasons_for(ticket: Ticket) -> tuple[str, ...]:
    """The reasons that the holder of this ticket may give."""
    return tuple(one for one in REASONS if one != AFTER_CLOSING or ticket.state == "closed_unserved")


def may_answer(session: Session, ticket: Ticket) -> bool:
    """Whether its holder went away unserved, and not too long ago."""
    return ticket.state in ASKED and clock.now() < _day_end(session, ticket) + ANSWERED_FOR


def answer_of(session: Session, ticket: Ticket) -> UnservedAnswer | None:
    """What was answered so far."""
    return session.get(UnservedAnswer, ticket.id)


def answer(
    session: Session,
    *,
    actor: Actor,
    ticket_id: int,
    is_needed: bool | None = None,
    reason: str | None = None,
) -> UnservedAnswer:
    """Note one answer or both; what is not given stays as it was, and a second answer replaces the first.

    The ticket's row is locked by `found`, so that two answers at once come one after the other. Raises
    DeskError: a ticket that was served, a day too long past, a reason that does not exist.
    """
    ticket = steps.found(session, ticket_id, actor)
    if ticket.state not in ASKED:
        raise DeskError("ticket.why_not_asked")
    if not may_answer(session, ticket):
        raise DeskError("ticket.why_too_late", status=410)
    if (is_needed is None and reason is None) or (reason is not None and reason not in reasons_for(ticket)):
        raise DeskError("errors.choose_known", field="reason", status=422)
    row = session.get(UnservedAnswer, ticket.id) or UnservedAnswer(ticket_id=ticket.id)
    row.told_at = clock.now()
    if is_needed is not None:
        row.is_needed = is_needed
    if reason is not None:
        row.reason = reason
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action="ticket.explained", subject=f"ticket:{ticket.id}",
        is_needed=row.is_needed, reason=row.reason,
    )  # fmt: skip
    return row


def tell_unserved(session: Session, payload: dict[str, Any]) -> None:
    """Tell a person who can be reached that the ticket ended unserved, and ask; not who has come back since.

    Who left may come back for some minutes, so they are asked once these are over. The quiet hours put what
    the night closed off to the morning; days later, as after a long standstill, nobody is told.
    """
    ticket = session.get_one(Ticket, payload["ticket_id"])
    if ticket.state not in ASKED or ticket.ended_at is None:
        return
    if answer_of(session, ticket) is not None:
        return
    branch = session.get_one(Branch, ticket.branch_id)
    pause = dt.timedelta(minutes=branch.rejoin_minutes if ticket.state == "abandoned" else 0)
    with i18n.speaking(ticket.language):
        values = {
            "service": i18n.named(ticket.service),
            "branch": i18n.named(branch),
            "when": when(ticket.arrived_at, branch.timezone),
            "link": settings().base_address + WHY.format(ticket.token),
            "book_link": settings().base_address + BOOK.format(ticket.service.code),
        }
    reaching.tell(
        session, ticket, key=KEYS[ticket.state], values=values,
        send_after=max(ticket.ended_at + pause, clock.now()),
        expires_at=_day_end(session, ticket) + TOLD_WITHIN, zone=branch.timezone,
    )  # fmt: skip


def ask_no_more(session: Session, payload: dict[str, Any]) -> None:
    """Drop the question that still waits when a ticket's end was taken back."""
    ticket = session.get_one(Ticket, payload["ticket_id"])
    messages.drop_about(session, _about(ticket), keys=KEYS.values())


def _day_end(session: Session, ticket: Ticket) -> dt.datetime:
    return clock.day_bounds(ticket.day, session.get_one(Branch, ticket.branch_id).timezone)[1]


def _about(ticket: Ticket) -> str:
    return f"ticket:{ticket.id}"
