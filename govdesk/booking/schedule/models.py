"""Tables of what changes schedules: exceptions, and whom the office displaced."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.booking.models import Appointment
from govdesk.db import Base


class ScheduleException(Base):
    """Days on which slots go another way: shut, at other hours, or with other desks.

    It holds for one schedule, else for one service, else for all services of the branch.
    """

    __tablename__ = "schedule_exception"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("slot_schedule.id"))
    kind: Mapped[str]  # shut | hours | desks
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date]
    starts: Mapped[dt.time | None]  # of shut: none means the whole day
    ends: Mapped[dt.time | None]
    capacity: Mapped[int | None]
    name_ar: Mapped[str]
    name_en: Mapped[str]


class Displacement(Base):
    """An appointment that the office itself moved or could not keep, and whether the person was told.

    Whoever was displaced has priority for another place until the appointment is over.
    """

    __tablename__ = "displacement"
    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)  # where it was
    was_at: Mapped[dt.datetime]
    moved_to: Mapped[dt.datetime | None]  # none = no place was found
    reason_ar: Mapped[str]
    reason_en: Mapped[str]
    needs_call: Mapped[bool]
    made_at: Mapped[dt.datetime]
    settled_at: Mapped[dt.datetime | None]
    settled_by: Mapped[str | None]
    appointment: Mapped[Appointment] = relationship()
