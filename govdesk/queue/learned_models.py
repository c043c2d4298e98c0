"""Tables of what the queue has learned: lengths by hour, and the paces made from them."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base


class ServedHour(Base):
    """What ended in one local hour of a branch for a service; made from the events, and again any time."""

    __tablename__ = "served_hour"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    lengths: Mapped[list[int]]  # seconds that each ticket took of a counter, sorted
    waited: Mapped[int]  # seconds, of all who waited
    left: Mapped[int]  # of these, who left before the call


class ServicePace(Base):
    """How a service goes at a branch in an hour of the day (-1: in any); what quotes are made of."""

    __tablename__ = "service_pace"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    minutes: Mapped[float]
    spread: Mapped[float]  # coefficient of variation
    count: Mapped[int]
    patience_rate: Mapped[float]  # who leaves, per minute and person waiting
