"""Why somebody was called, as a sentence: the message and its numbers, from what the record says."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.queue.models import TicketEvent
from govdesk.queue.policy import CLASSES


class Said(NamedTuple):
    """A message key, its numbers, whose class it speaks of (a key to be put in), and who was passed."""

    key: str
    numbers: dict[str, int]
    class_key: str
    overtaken: tuple[str, ...] = ()  # the first of those who wait longer, by their numbers


def said(detail: Mapping[str, Any]) -> Said:
    """Say why a call was made. A call recorded before reasons were kept says so."""
    why = str(detail.get("why", ""))
    numbers = {name: value for name, value in detail.items() if isinstance(value, int)}
    overtaken = tuple(map(str, detail.get("overtaken", ())))
    if why in CLASSES:
        return Said(f"dispatch.called_{why}", numbers, f"dispatch.class_{why}", overtaken)
    if why in {"turn", "share", "aged", "ceiling"}:
        of_class = f"dispatch.class_{detail.get('class', 'walk_in')}"
        return Said(f"dispatch.called_{why}", numbers, of_class, overtaken)
    if why == "by_hand":
        of_reason = f"dispatch.reason_{detail.get('reason', 'other')}"
        return Said("dispatch.called_by_hand", numbers, of_reason, overtaken)
    return Said("dispatch.called_unknown", numbers, "")


def calls_of(session: Session, ticket_ids: Iterable[int]) -> dict[int, tuple[dt.datetime, dict[str, Any]]]:
    """The last call in order or by hand of each ticket: when, and what the record says of it."""
    query = (
        select(TicketEvent.ticket_id, TicketEvent.at, TicketEvent.detail)
        .where(TicketEvent.ticket_id.in_(list(ticket_ids)), TicketEvent.kind == "called")
        .order_by(TicketEvent.id)
    )
    return {ticket_id: (at, detail) for ticket_id, at, detail in session.execute(query)}


def last_call(session: Session, ticket_id: int) -> Said | None:
    """Why a ticket was called the last time; None for one that was never called."""
    found = calls_of(session, [ticket_id]).get(ticket_id)
    return said(found[1]) if found else None
