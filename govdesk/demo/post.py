"""The post of the demo city: what is due is brought, and now and then an address takes nothing."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.notify import service
from govdesk.notify.models import Message

ONE_IN = 29  # messages that nobody takes
REFUSED = "HTTP 400: the number is not in use"


def bring(session: Session, until: dt.datetime) -> None:
    """Bring what is due before a moment, as if it had been sent when it was due; no file is written."""
    session.flush()
    due = select(Message).where(Message.state == "queued", Message.due_at <= until).order_by(Message.id)
    for message in session.scalars(due).all():
        address = service.address_of(session, message)
        with clock.at(message.due_at):
            message.attempts, message.ended_at = 1, clock.now()
            message.shown = service.masked(address) if address else None
            message.state = "undeliverable" if message.id % ONE_IN == 0 else "sent"
            message.last_error = REFUSED if message.state == "undeliverable" else None
