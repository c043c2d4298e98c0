"""Receipts: what a gateway tells later of an SMS that it took. Told twice, or late, or in any order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.notify import service, sms
from govdesk.notify.models import Message
from govdesk.notify.sms import Shape

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which message, by the gateway's id or our token; whether it arrived (None: not known yet), and why."""

    provider_id: str | None
    token: str | None
    has_arrived: bool | None
    status: str


def read(told: Mapping[str, Any], shape: Shape, token: str | None = None) -> Receipt:
    """Read what a gateway tells; `token` is the one in the address that it was given with the message."""
    status = sms.at(told, shape.receipt_status_path) or ""
    has_arrived = True if status in shape.delivered else False if status in shape.undelivered else None
    known = token or sms.at(told, shape.receipt_token_path)
    return Receipt(sms.at(told, shape.receipt_id_path), known, has_arrived, status[:LONGEST])


def note(session: Session, receipt: Receipt) -> Message | None:
    """Note what became of a message; None where no such message is known, or nothing is new.

    1. The row is locked: the sender who notes that the gateway took it waits, or is waited for.
    2. A message that nobody has tried yet, or that was dropped, is none of the gateway's.
    3. Arrived is the last word, whatever was told before. What did not arrive is tried on the person's other
       channel, once: of two such receipts the second finds it `undeliverable`.
    """
    message = _found(session, receipt)
    if message is None or receipt.has_arrived is None or not message.attempts:
        return None
    if receipt.has_arrived and message.state in ("queued", "sent", *service.LOST):
        message.state, message.last_error, message.is_own_fault = "delivered", None, False
    elif not receipt.has_arrived and message.state in ("queued", "sent"):
        message.state, message.last_error = "undeliverable", f"status {receipt.status}"
        message.is_own_fault = False
    else:
        return None
    message.ended_at = clock.now()
    if message.shown is None and (address := service.address_of(session, message)):
        message.shown = service.masked(address)
    session.flush()
    if message.state == "undeliverable":
        service.queue_again(session, message)
    return message


def _found(session: Session, receipt: Receipt) -> Message | None:
    """By our token, which nobody can guess; else by the gateway's id."""
    sent = select(Message).where(Message.channel == "sms")
    if receipt.token is not None:
        wanted = sent.where(Message.token == receipt.token)
    elif receipt.provider_id is not None:
        wanted = sent.where(Message.provider_id == receipt.provider_id)
    else:
        return None
    locked = wanted.order_by(Message.id.desc()).limit(1).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
