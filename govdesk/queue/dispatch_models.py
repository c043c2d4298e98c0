"""Tables of the dispatch policy: its versions, what officers can do, and who was called by hand."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.db import Base
from govdesk.people.models import Staff
from govdesk.queue.models import Ticket


class DispatchPolicy(Base):
    """Who is called before whom at a branch: a change is a new version, an old one never changes."""

    __tablename__ = "dispatch_policy"
    __table_args__ = (UniqueConstraint("branch_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    version: Mapped[int]
    since: Mapped[dt.datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # none: loaded with the catalog
    content: Mapped[dict[str, Any]]
    made_by: Mapped[Staff | None] = relationship(lazy="joined")


class WorkProfile(Base):
    """What an officer can do: the services (empty = all) and the languages (empty = all) they may serve."""

    __tablename__ = "work_profile"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    service_ids: Mapped[list[int]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)


class HandCall(Base):
    """A call out of order, by hand: who, whom, why, and who was passed."""

    __tablename__ = "hand_call"
    __table_args__ = (Index("ix_hand_call_branch_id_at", "branch_id", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    at: Mapped[dt.datetime]
    reason: Mapped[str]
    words: Mapped[str]  # of staff, about the reason; in no event and no audit entry
    overtook: Mapped[int]
    overtaken: Mapped[list[str]]  # the first of their numbers
    ticket: Mapped[Ticket] = relationship(lazy="joined")
    staff: Mapped[Staff] = relationship(lazy="joined")
