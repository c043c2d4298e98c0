"""Tables of what stands at the door: devices, slips of paper, and wishes to be called back."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch, PublicService
from govdesk.db import Base
from govdesk.queue.models import Ticket

_ORIGINAL = text("NOT is_copy")
_OPEN = text("settled_at IS NULL")


class Device(Base):
    """A screen of a branch: the device holds a secret, the table its digest."""

    __tablename__ = "device"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    kind: Mapped[str]  # kiosk | board | exit
    name: Mapped[str]
    registered_at: Mapped[dt.datetime]
    code_digest: Mapped[str | None] = mapped_column(unique=True)  # of the pairing code that waits to be typed
    code_until: Mapped[dt.datetime | None]
    digest: Mapped[str | None] = mapped_column(unique=True)  # of the secret, since the device was paired
    paired_at: Mapped[dt.datetime | None]
    seen_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    printing: Mapped[str] = mapped_column(default="browser")  # browser | network | none
    printer: Mapped[str] = mapped_column(default="")  # host:port; without one, the branch's
    is_paper_only: Mapped[bool] = mapped_column(default=False)  # no slip, no ticket
    printer_failed_at: Mapped[dt.datetime | None]  # since when; empty after a slip came out
    service_ids: Mapped[list[int]] = mapped_column(default=list)  # which a board shows; empty = all
    counter_ids: Mapped[list[int]] = mapped_column(default=list)  # whose calls a board shows; empty = all
    branch: Mapped[Branch] = relationship(lazy="joined")


class Slip(Base):
    """A slip of paper that a network printer was to print: the original of a ticket once, copies apart."""

    __tablename__ = "slip"
    __table_args__ = (
        Index(
            "uq_slip_original",
            "ticket_id",
            unique=True,
            sqlite_where=_ORIGINAL,
            postgresql_where=_ORIGINAL,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    is_copy: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]  # printing | printed | failed
    begun_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    error: Mapped[str | None]


class CallBack(Base):
    """Someone who could not be served today and wants to be called, until a member of staff has done so."""

    __tablename__ = "call_back"
    __table_args__ = (
        Index("ix_call_back_open", "branch_id", "wished_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)  # the visit that failed
    phone: Mapped[str | None]  # E.164; emptied when it is settled or old
    language: Mapped[str]
    wished_at: Mapped[dt.datetime]
    settled_at: Mapped[dt.datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    service: Mapped[PublicService] = relationship(lazy="select")
    ticket: Mapped[Ticket] = relationship(lazy="select")
