"""Tables of messages: texts by version, each message and what became of it, codes, what is stopped."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.db import Base
from govdesk.notify.sealing import Sealed
from govdesk.people.models import Person


class MessageTemplate(Base):
    """The text of a kind of message, for a channel and a language; a published version never changes."""

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("key", "channel", "language", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    channel: Mapped[str]  # sms | email
    language: Mapped[str]
    version: Mapped[int]
    subject: Mapped[str]  # of an e-mail; an SMS has none
    body: Mapped[str]
    changed_at: Mapped[dt.datetime]
    published_at: Mapped[dt.datetime | None]


class Message(Base):
    """One message to one person: what it says is kept as the values that its text takes, sealed."""

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "ix_message_due",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_message_fault",
            "state",
            sqlite_where=text("is_own_fault"),
            postgresql_where=text("is_own_fault"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)  # a provider that sees it twice knows the message again
    key: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]
    version: Mapped[int]  # of its text
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    address: Mapped[Any | None] = mapped_column(Sealed())  # only where no contact of a person has it
    values: Mapped[Any | None] = mapped_column(Sealed())
    shown: Mapped[str | None]  # the address as its owner recognises it, once it was tried
    about: Mapped[str] = mapped_column(index=True)  # appointment:12
    created_at: Mapped[dt.datetime]
    send_after: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]  # when it is tried next; while it is being sent, when that must be over
    expires_at: Mapped[dt.datetime]
    # queued > sent > delivered; undeliverable, failed (too late), not_sent (so, by our fault), dropped
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int]  # of an SMS; an e-mail is one
    last_error: Mapped[str | None]
    is_own_fault: Mapped[bool] = mapped_column(default=False)  # it failed last, and no address is to blame
    provider_id: Mapped[str | None] = mapped_column(index=True)
    ended_at: Mapped[dt.datetime | None]
    person: Mapped[Person | None] = relationship()


class Enclosure(Base):
    """A file that goes along with messages, kept once for all of them."""

    __tablename__ = "enclosure"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    mimetype: Mapped[str]
    content: Mapped[bytes]
    made_at: Mapped[dt.datetime]


class MessageEnclosure(Base):
    """Which file goes along with an e-mail."""

    __tablename__ = "message_enclosure"
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    enclosure_id: Mapped[int] = mapped_column(ForeignKey("enclosure.id"))
    enclosure: Mapped[Enclosure] = relationship(lazy="joined")


class OptOut(Base):
    """What a person does not want to be sent."""

    __tablename__ = "opt_out"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)  # reminders
    since: Mapped[dt.datetime]


class OneTimeCode(Base):
    """Six digits sent to an address, kept as a keyed digest; the address too."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_address", "purpose", "address_digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    address_digest: Mapped[str]
    digest: Mapped[str]
    sent_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[dt.datetime | None]  # used, or followed by another
