"""Tables of obstacles: what stops good service, what it makes, who says so too, and all that was done."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch, Department
from govdesk.db import Base
from govdesk.people.models import Staff


class Obstacle(Base):
    """Something that stops good service: open until management says what changed, and again if it is back."""

    __tablename__ = "obstacle"
    __table_args__ = (Index("ix_obstacle_state_raised", "state", "raised_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str]  # one of rules.CATEGORIES
    words: Mapped[str]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))  # None: everywhere
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    raised_at: Mapped[dt.datetime]
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: from the poster
    raised_name: Mapped[str | None]  # what somebody wrote on the poster's page, if anything
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    due_on: Mapped[dt.date]
    escalated_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    escalated_on: Mapped[dt.date | None]
    state: Mapped[str]  # open | closed
    closed_at: Mapped[dt.datetime | None]
    changed_on: Mapped[dt.date | None]  # the day from which its effect is watched
    what_changed: Mapped[str | None]
    reopened_at: Mapped[dt.datetime | None]
    branch: Mapped[Branch | None] = relationship(lazy="joined")
    department: Mapped[Department | None] = relationship(lazy="joined")
    raised_by: Mapped[Staff | None] = relationship(foreign_keys=[raised_by_id], lazy="joined")
    assigned_to: Mapped[Staff | None] = relationship(foreign_keys=[assigned_to_id], lazy="joined")
    escalated_to: Mapped[Staff | None] = relationship(foreign_keys=[escalated_to_id], lazy="joined")
    links: Mapped[list["ObstacleLink"]] = relationship(
        cascade="all, delete-orphan",
        order_by="ObstacleLink.kind, ObstacleLink.code",
        lazy="selectin",
    )

    def codes(self, kind: str) -> list[str]:
        """The causes, services or units that it is linked to."""
        return [link.code for link in self.links if link.kind == kind]


class ObstacleLink(Base):
    """A cause, a service or a unit whose failures an obstacle makes."""

    __tablename__ = "obstacle_link"
    obstacle_id: Mapped[int] = mapped_column(ForeignKey("obstacle.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # cause | service | unit
    code: Mapped[str] = mapped_column(primary_key=True)


class ObstacleSupport(Base):
    """Somebody who meets the same obstacle; once each."""

    __tablename__ = "obstacle_support"
    obstacle_id: Mapped[int] = mapped_column(ForeignKey("obstacle.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    at: Mapped[dt.datetime]


class ObstacleEvent(Base):
    """One thing that was done with an obstacle. Rows are only ever added."""

    __tablename__ = "obstacle_event"
    __table_args__ = (Index("ix_obstacle_event_obstacle", "obstacle_id", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    obstacle_id: Mapped[int] = mapped_column(ForeignKey("obstacle.id"))
    at: Mapped[dt.datetime]
    kind: Mapped[str]  # raised | linked | assigned | moved | noted | escalated | closed | reopened
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the poster, or the clock
    words: Mapped[str]
    detail: Mapped[dict[str, Any]]
    staff: Mapped[Staff | None] = relationship(lazy="joined")


class ObstaclePoster(Base):
    """The secret address on the poster at a branch's back door."""

    __tablename__ = "obstacle_poster"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[dt.datetime]
    branch: Mapped[Branch] = relationship(lazy="joined")
