"""Where who holds a ticket is told something: the number to which they had it sent, else their contact.

Somebody of whom nothing is known is reached too, once they have let the ticket be sent to a phone. That
number is kept with the messages alone, and goes with them.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import String, cast, literal, select, update
from sqlalchemy.orm import Session, aliased

from govdesk import clock, i18n
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.notify import service as messages
from govdesk.notify.models import Message
from govdesk.people.models import PersonContact
from govdesk.queue.models import Ticket

SENT = "ticket_link"
MOST_SENT = 2  # messages that bring one ticket
SENT_KEPT = dt.timedelta(hours=2)
AT_ONCE = 500  # tickets in one question
PRIVATE = "/ticket/{}"  # the page of the ticket


class SentEnoughError(DeskError):
    """A ticket is sent to phones twice, not more often."""

    key = "kiosk.sent_enough"
    status = 429


def send(session: Session, *, ticket: Ticket, branch: Branch, phone: str, language: str) -> None:
    """Send a ticket's private page to a phone (E.164); SentEnoughError after the second time."""
    if times_sent(session, ticket) >= MOST_SENT:
        raise SentEnoughError(field="phone")
    with i18n.speaking(language):
        values = {
            "number": ticket.number,
            "service": i18n.named(ticket.service),
            "branch": i18n.named(branch),
            "link": settings().base_address + PRIVATE.format(ticket.token),
        }
    messages.queue(
        session, key=SENT, about=_about(ticket.id), language=language, values=values, address=phone,
        expires_at=clock.now() + SENT_KEPT,
    )  # fmt: skip


def times_sent(session: Session, ticket: Ticket) -> int:
    """How often a ticket was sent to a phone."""
    query = select(Message.id).where(Message.about == _about(ticket.id), Message.key == SENT)
    return len(session.scalars(query).all())


def is_reached(session: Session, ticket: Ticket) -> bool:
    """Whether who holds a ticket can be told something."""
    contact = session.get(PersonContact, ticket.person_id) if ticket.person_id else None
    is_known = contact is not None and bool(contact.phone or contact.email)
    return is_known or ticket.id in addresses(session, [ticket.id])


def tell(session: Session, ticket: Ticket, *, about: str = "", **message: Any) -> Message | None:
    """Queue a message to who holds a ticket, in its language; None where they cannot be reached."""
    address = addresses(session, [ticket.id]).get(ticket.id)
    if ticket.person is None and address is None:
        return None
    return messages.queue(
        session, about=about or _about(ticket.id), language=ticket.language, person=ticket.person,
        address=address, **message,
    )  # fmt: skip


def addresses(session: Session, ticket_ids: Collection[int]) -> dict[int, str]:
    """The number to which each of these tickets, or a stage before it, was sent last; by its id."""
    ids, found = sorted(ticket_ids), {}
    for begin in range(0, len(ids), AT_ONCE):
        rows = session.execute(_sent_to(ids[begin : begin + AT_ONCE]))
        found.update({ticket_id: str(address) for ticket_id, address in rows if address})
    return found


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Hear `person.contact_removed`: forget the numbers to which a person's tickets were sent."""
    own = select(literal("ticket:").concat(cast(Ticket.id, String))).where(
        Ticket.person_id == payload["person_id"]
    )
    sent = Message.key == SENT, Message.about.in_(own)
    queued = update(Message).where(*sent, Message.state == "queued")
    session.execute(
        queued.values(state="dropped", ended_at=clock.now()).execution_options(synchronize_session=False)
    )
    emptied = update(Message).where(*sent).values({"address": None, "values": None, "shown": None})
    session.execute(emptied.execution_options(synchronize_session=False))


def _sent_to(ids: list[int]) -> Any:
    """The messages of these tickets and of the stages that they were sent on from."""
    stage = aliased(Ticket)
    own = select(
        Ticket.id.label("ticket_id"),
        Ticket.id.label("stage_id"),
        Ticket.transferred_from_id.label("before_id"),
    ).where(Ticket.id.in_(ids))
    stages = own.cte("stages", recursive=True)
    stages = stages.union_all(
        select(stages.c.ticket_id, stage.id, stage.transferred_from_id).join(
            stage, stage.id == stages.c.before_id
        )
    )
    about = literal("ticket:").concat(cast(stages.c.stage_id, String))
    return (
        select(stages.c.ticket_id, Message.address)
        .join(Message, Message.about == about)
        .where(Message.key == SENT, Message.address.is_not(None))
        .order_by(Message.id)
    )


def _about(ticket_id: int) -> str:
    return f"ticket:{ticket_id}"
