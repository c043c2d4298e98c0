"""What does not leave because our own set-up fails: told to whom can mend it, and held against no address."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.notify.kinds import CHANNELS
from govdesk.notify.models import Message

REMEMBERED = dt.timedelta(days=1)  # for how long it is told that some were given up


@dataclass(frozen=True, slots=True)
class Fault:
    """Of a channel: how many messages wait, how many were given up, and what was said last."""

    channel: str
    waiting: int
    given_up: int
    said: str


def own_faults(session: Session) -> Iterator[Fault]:
    """Yield each channel that fails by our own fault, or has done within a day."""
    failed = select(Message.channel, Message.state, Message.last_error).where(
        Message.is_own_fault,
        (Message.state == "queued")
        | ((Message.state == "not_sent") & (Message.ended_at > clock.now() - REMEMBERED)),
    )
    rows = session.execute(failed.order_by(Message.id)).all()
    for channel in CHANNELS:
        own = [row for row in rows if row.channel == channel]
        if own:
            waiting = sum(row.state == "queued" for row in own)
            yield Fault(channel, waiting, len(own) - waiting, own[-1].last_error or "")
