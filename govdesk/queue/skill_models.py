"""The table of skills: what an officer was found able to serve, and until when."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import PublicService
from govdesk.db import Base
from govdesk.people.models import Staff


class Skill(Base):
    """One service that an officer may serve. Calls read the work profile, in which only valid ones stand."""

    __tablename__ = "skill"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"), primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))  # whose days count
    valid_until: Mapped[dt.date | None]  # the last day; none = until further notice
    ends_at: Mapped[dt.datetime | None] = mapped_column(index=True)  # the midnight after it
    ended_at: Mapped[dt.datetime | None]  # when it was taken out of the profile
    staff: Mapped[Staff] = relationship(lazy="joined")
    service: Mapped[PublicService] = relationship(lazy="joined")
