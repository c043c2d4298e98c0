"""Why somebody did not come to an appointment, as they say or as staff know."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base


class Absence(Base):
    """What is known of a missed appointment beyond that nobody came; without a row nothing is known."""

    __tablename__ = "absence"
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    reason: Mapped[str]  # one of absences.REASONS
    told_by: Mapped[str]  # person | staff
    told_at: Mapped[dt.datetime]
    is_excused: Mapped[bool]
