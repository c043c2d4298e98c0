"""Tables of booking: rules make slots, appointments take places in them."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import Base
from govdesk.people.models import Person


def _start(inserted: Any) -> dt.datetime:
    """Without a lead a slot can be booked until it starts."""
    starts_at: dt.datetime = inserted.get_current_parameters()["starts_at"]
    return starts_at


class SlotSchedule(Base):
    """A rule that makes the slots of a service at a branch, week after week."""

    __tablename__ = "slot_schedule"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    weekdays: Mapped[list[int]]  # 0 = Monday
    starts: Mapped[dt.time]
    ends: Mapped[dt.time]
    slot_minutes: Mapped[int]
    capacity: Mapped[int]
    lead_minutes: Mapped[int]
    horizon_days: Mapped[int]
    valid_from: Mapped[dt.date | None]
    valid_until: Mapped[dt.date | None]
    name_ar: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")
    every_weeks: Mapped[int] = mapped_column(default=1)
    anchor: Mapped[dt.date | None]  # the day from which the weeks are counted
    nth_weeks: Mapped[list[int]] = mapped_column(default=list)  # of the month, -1 the last; empty = all
    kept_walkins: Mapped[int] = mapped_column(default=0)  # of the capacity
    kept_staff: Mapped[int] = mapped_column(default=0)  # of the capacity
    may_overbook: Mapped[bool] = mapped_column(default=False)
    extra: Mapped[int] = mapped_column(default=0)  # more than the capacity, because some never come


class Slot(Base):
    """A time at which a number of people can be served; `booked` never exceeds the places.

    `capacity` people book by themselves, `kept_staff` more through staff.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("branch_id", "service_id", "starts_at"),
        CheckConstraint("booked >= 0 AND booked <= capacity + kept_staff", name="within_capacity"),
        Index(  # what can still be booked: near days are full, so that most slots are not in it
            "ix_slot_free",
            "service_id",
            "branch_id",
            "starts_at",
            sqlite_where=text("booked < capacity AND is_closed IS 0"),
            postgresql_where=text("booked < capacity AND is_closed IS false"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(index=True)
    ends_at: Mapped[dt.datetime]
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)
    kept_staff: Mapped[int] = mapped_column(default=0)
    is_closed: Mapped[bool] = mapped_column(default=False)  # the rule no longer makes it; who booked keeps it
    book_until: Mapped[dt.datetime] = mapped_column(default=_start)  # exclusive; by the lead


class Appointment(Base):
    """A place that someone holds or has booked."""

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_day", "branch_id", "starts_at"),
        Index(
            "uq_appointment_live",
            "person_id",
            "service_id",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    link_token: Mapped[str] = mapped_column(unique=True)  # the secret of the private link
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    minutes: Mapped[int | None]  # how long it must last, wherever it is moved; None: one slot
    kind: Mapped[str] = mapped_column(default="on_site")  # on_site | phone | video | home
    visit_reference: Mapped[str | None] = mapped_column(index=True)  # shared by the appointments of one visit
    member: Mapped[int] = mapped_column(
        default=0
    )  # of a visit: 0 who booked it, 1, 2, … others of the family
    state: Mapped[str] = mapped_column(index=True)  # held | booked | arrived | fulfilled | cancelled | noshow
    held_until: Mapped[dt.datetime | None]
    is_extended: Mapped[bool] = mapped_column(default=False)  # the hold, once
    language: Mapped[str]
    channel: Mapped[str]  # web | reception | phone | api
    made_by: Mapped[str | None]  # the program that made it, as records name it: device:7
    object_ref: Mapped[str | None]
    interpreter: Mapped[str | None]  # the language of an interpreter, when one is needed
    priority: Mapped[str] = mapped_column(default="none")  # as the person says; no paper is asked for
    home_address: Mapped[str | None]  # of a home visit, until it is over
    contact_digest: Mapped[str | None] = mapped_column(index=True)  # keyed, of the contact it was booked with
    verified_at: Mapped[dt.datetime | None]  # when that contact answered with a code
    forwarded_at: Mapped[dt.datetime | None]  # to another of the family, once
    wants_earlier: Mapped[bool] = mapped_column(default=False)
    coming_at: Mapped[dt.datetime | None]  # when the person said: on my way, or late
    late_minutes: Mapped[int | None]  # 0: on my way
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"))  # the reason, if foreseen
    created_at: Mapped[dt.datetime]
    booked_at: Mapped[dt.datetime | None]
    cancelled_at: Mapped[dt.datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)  # of the calendar entry; grows with each change
    branch: Mapped[Branch] = relationship(lazy="joined")
    service: Mapped[PublicService] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship()
    slot: Mapped[Slot] = relationship()
    further: Mapped[list["AppointmentSlot"]] = relationship(
        cascade="all, delete-orphan", order_by="AppointmentSlot.slot_id"
    )
    scenario: Mapped[Scenario | None] = relationship()

    @property
    def slot_ids(self) -> list[int]:
        """The slots in which it takes a place."""
        return [self.slot_id, *(more.slot_id for more in self.further)]


class AppointmentSlot(Base):
    """A slot that a long appointment takes beyond its first; gone when the place is given back."""

    __tablename__ = "appointment_slot"
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True, index=True)
