"""Tables of webhooks: who wants to be told of what, and what was told."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base
from govdesk.notify.sealing import Sealed


class Webhook(Base):
    """An address of a program that is told of events."""

    __tablename__ = "webhook"
    id: Mapped[int] = mapped_column(primary_key=True)
    program: Mapped[str] = mapped_column(index=True)  # the name of its token; a renewed token keeps it
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))  # None: every branch
    url: Mapped[str]
    events: Mapped[list[str]]
    secret: Mapped[Any | None] = mapped_column(Sealed())
    created_at: Mapped[dt.datetime]
    ticket_seen: Mapped[int]  # the ticket_event up to which nothing is left to look at
    outbox_seen: Mapped[int]  # and the outbox_event
    free_at: Mapped[dt.datetime]  # nobody sends to it before: it is being sent to, or does not answer


class WebhookDelivery(Base):
    """One event for one webhook: what is sent, and what became of it. It names no person."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "source", "source_id"),
        Index(
            "ix_webhook_delivery_due",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)  # the same each time it is sent
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    source: Mapped[str]  # ticket_event | outbox_event
    source_id: Mapped[int]
    event: Mapped[str]
    body: Mapped[dict[str, Any]]
    happened_at: Mapped[dt.datetime]
    state: Mapped[str]  # waiting > delivered | given_up
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime]
    give_up_at: Mapped[dt.datetime]
    last_error: Mapped[str | None]
    ended_at: Mapped[dt.datetime | None]
