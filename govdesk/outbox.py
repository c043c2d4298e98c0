"""The outbox: what must happen elsewhere leaves only if its transaction committed, and at least once.

An event is a row written with the change that caused it. The deliverer takes due rows in order and gives each
to its listeners, one transaction a listener, so that a listener's own changes and the note "done" commit
together. A listener that fails delays its event alone, longer each time; the line behind it goes on.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Index, delete, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from govdesk import clock, db
from govdesk.db import Base, connection_of, table_of, transaction
from govdesk.prepared import Prepared

Handler = Callable[[Session, dict[str, Any]], None]
Bulk = Callable[[Session, Sequence[dict[str, Any]]], None]
FIRST_DELAY = dt.timedelta(seconds=5)
LONGEST_DELAY = dt.timedelta(hours=6)
KEPT = dt.timedelta(days=30)
log = logging.getLogger("govdesk.outbox")
awake = threading.Event()


class OutboxEvent(Base):
    """Something that happened, on its way to those who must hear of it."""

    __tablename__ = "outbox_event"
    __table_args__ = (
        Index(
            "ix_outbox_event_due",
            "available_at",
            "id",
            sqlite_where=text("delivered_at IS NULL"),
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime]
    available_at: Mapped[dt.datetime]
    done: Mapped[list[str]]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    delivered_at: Mapped[dt.datetime | None]


_WRITE = Prepared(
    insert(table_of(OutboxEvent)), "name", "payload", "created_at", "available_at", "done", "attempts"
)


def emit(session: Session, name: str, **payload: Any) -> None:
    """Write an event (`noun.past_tense`) that leaves when this transaction has committed."""
    now = clock.now()
    row = {
        "name": name,
        "payload": payload,
        "created_at": now,
        "available_at": now,
        "done": [],
        "attempts": 0,
    }
    _WRITE.run(connection_of(session), row)
    session.info["emitted"] = True


def deliver_due(handlers: Mapping[str, Sequence[Handler]], *, limit: int = 500) -> int:
    """Give every due event to its listeners; the number of events that were finished."""
    finished, seen = 0, 0
    while seen < limit:
        due = (
            db.reading()
            .execute(
                select(OutboxEvent.id)
                .where(OutboxEvent.delivered_at.is_(None), OutboxEvent.available_at <= clock.now())
                .order_by(OutboxEvent.available_at, OutboxEvent.id)
                .limit(100)
            )
            .scalars()
            .all()
        )
        db.reading().rollback()
        if not due:
            break
        seen += len(due)
        finished += sum(_deliver(event_id, handlers) for event_id in due)
    return finished


def deliver_within(
    session: Session, handlers: Mapping[str, Sequence[Handler]], together: Mapping[str, Bulk] | None = None
) -> int:
    """Give every waiting event to its listeners inside this transaction, for bulk work; how many.

    Events named in `together` are given to that one listener in one call, before the others.
    """
    session.flush()
    together = together or {}
    waiting = session.scalars(
        select(OutboxEvent).where(OutboxEvent.delivered_at.is_(None)).order_by(OutboxEvent.id)
    ).all()
    for name, listener in together.items():
        listener(session, [event.payload for event in waiting if event.name == name])
    for event in waiting:
        for handler in () if event.name in together else handlers.get(event.name, ()):
            with clock.at(event.created_at):
                handler(session, event.payload)
        event.delivered_at = event.created_at
    return len(waiting)


def forget_old(session: Session) -> int:
    """Remove events that were delivered long ago; how many. One that waits or failed is never removed."""
    old = delete(OutboxEvent).where(OutboxEvent.delivered_at < clock.now() - KEPT).returning(OutboxEvent.id)
    return len(session.execute(old).all())


def _deliver(event_id: int, handlers: Mapping[str, Sequence[Handler]]) -> bool:
    """Deliver one event: claim its row, run the listeners not yet done, note each; False when one failed."""
    while True:
        try:
            with transaction(patient=True) as session:
                event = session.scalars(
                    select(OutboxEvent).where(OutboxEvent.id == event_id).with_for_update(skip_locked=True)
                ).one_or_none()
                if event is None or event.delivered_at is not None:
                    return False
                waiting = [h for h in handlers.get(event.name, ()) if _name(h) not in event.done]
                if not waiting:
                    event.delivered_at = clock.now()
                    return True
                waiting[0](session, event.payload)
                event.done = [*event.done, _name(waiting[0])]
                if len(waiting) == 1:
                    event.delivered_at = clock.now()
                    return True
        except Exception as error:
            log.exception("event %s was not delivered", event_id)
            _postpone(event_id, error)
            return False


def _postpone(event_id: int, error: Exception) -> None:
    with transaction() as session:
        event = session.get_one(OutboxEvent, event_id)
        event.attempts += 1
        delay = min(FIRST_DELAY * 2 ** min(event.attempts - 1, 20), LONGEST_DELAY)
        event.available_at = clock.now() + delay
        event.last_error = f"{type(error).__name__}: {error}"[:500]


def _name(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


def _wake(session: Session) -> None:
    if session.info.pop("emitted", False):
        awake.set()


db.after_commit.append(_wake)
