"""Tables of returns: the person's own words, what a unit learnt from its failures, help offered before."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import Base

_ASKED = text("state = 'asked'")


class ReturnWords(Base):
    """Why a person had to come back, in their own words; they go when the person's contact goes."""

    __tablename__ = "return_words"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    words: Mapped[str]
    noted_at: Mapped[dt.datetime]


class FailureNote(Base):
    """What a unit says to a failure of its visits: seen, or learnt. Rows are only ever added.

    The failure is named by the return that showed it, by source and number: a visit is told anew when its
    ticket is.
    """

    __tablename__ = "failure_note"
    __table_args__ = (Index("ix_failure_note_visit", "source", "visit_no"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    visit_no: Mapped[str]
    kind: Mapped[str]  # seen | learnt
    words: Mapped[str]
    at: Mapped[dt.datetime]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class HelpOffer(Base):
    """Help offered to somebody who booked for a need that we failed to meet the first time."""

    __tablename__ = "help_offer"
    __table_args__ = (
        Index("ix_help_offer_asked", "branch_id", sqlite_where=_ASKED, postgresql_where=_ASKED),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))  # of the visit that failed
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    last_source: Mapped[str]  # and which visit that was
    last_visit_no: Mapped[str]
    last_on: Mapped[dt.date]
    cause: Mapped[str | None]
    state: Mapped[str]  # offered > asked | coming > solved | answered | ended
    wish: Mapped[str | None]  # call | write | come
    words: Mapped[str]
    phone: Mapped[str | None]  # where they want to be called, while that is still to do
    made_at: Mapped[dt.datetime]
    asked_at: Mapped[dt.datetime | None]
    appointment: Mapped[Appointment] = relationship(lazy="joined")
    service: Mapped[PublicService] = relationship(lazy="joined")
    branch: Mapped[Branch] = relationship(lazy="joined")
    steps: Mapped[list["HelpStep"]] = relationship(order_by="HelpStep.id")


class HelpStep(Base):
    """One thing that happened to an offer of help. Rows are only ever added."""

    __tablename__ = "help_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("help_offer.id"), index=True)
    at: Mapped[dt.datetime]
    kind: Mapped[str]  # offered | one of rules.STEPS
    actor: Mapped[str]
    detail: Mapped[dict[str, Any]]
