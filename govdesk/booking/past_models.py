"""Appointments that an office had elsewhere before: they count in figures and take no place."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base


class PastAppointment(Base):
    """An imported appointment as it was told, with how it ended."""

    __tablename__ = "past_appointment"
    __table_args__ = (
        UniqueConstraint("source", "appointment_no"),
        Index("ix_past_appointment_starts", "starts_at"),
        Index("ix_past_appointment_place", "branch_id", "service_id", "starts_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]  # the name of an import
    appointment_no: Mapped[str]
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    status: Mapped[str]  # fulfilled | noshow | cancelled | cancelled_by_us | excused
    channel: Mapped[str | None]
    kind: Mapped[str | None]  # on_site | phone | video | home
    created_at: Mapped[dt.datetime | None]
    cancelled_at: Mapped[dt.datetime | None]
    language: Mapped[str | None]
    is_set_aside: Mapped[bool] = mapped_column(default=False)  # ends before it starts
