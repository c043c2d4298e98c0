"""Tables of promises that staff make, and their histories."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch, PublicService
from govdesk.db import Base
from govdesk.people.models import Person, Staff

_OPEN = text("state = 'open'")


class Commitment(Base):
    """What somebody of staff promised a person. Its columns are the present; its events are the truth."""

    __tablename__ = "commitment"
    __table_args__ = (
        Index("ix_commitment_open", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_commitment_owner", "owner_id", "state"),
        Index("ix_commitment_place", "branch_id", "due_on"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    unit: Mapped[str]
    object_ref: Mapped[str | None]
    language: Mapped[str]
    origin: Mapped[str]  # counter | case | call
    what: Mapped[str]
    made_at: Mapped[dt.datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    due_on: Mapped[dt.date]  # the branch's local day
    due_at: Mapped[dt.datetime]  # its end
    state: Mapped[str]  # open | kept | broken
    settled_at: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]  # of a broken one: when it was done all the same
    reminded_at: Mapped[dt.datetime | None]
    service: Mapped[PublicService] = relationship(lazy="joined")
    branch: Mapped[Branch] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="select")
    owner: Mapped[Staff] = relationship(foreign_keys=[owner_id], lazy="joined")
    events: Mapped[list["CommitmentEvent"]] = relationship(order_by="CommitmentEvent.id")


class CommitmentEvent(Base):
    """One thing that happened to a promise. Rows are only ever added."""

    __tablename__ = "commitment_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    at: Mapped[dt.datetime]
    kind: Mapped[str]  # made | moved | kept | broken | done | reminded | handed_over | owner_left
    actor: Mapped[str]
    due_on: Mapped[dt.date | None] = mapped_column(index=True)  # of `made` and `moved`
    due_at: Mapped[dt.datetime | None]
    detail: Mapped[dict[str, Any]]
