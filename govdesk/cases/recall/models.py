"""Tables of recalls: the fault, everyone it touched, and all that was done to reach them."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch, PublicService
from govdesk.db import Base
from govdesk.people.models import Person, Staff

_OPEN = text("ended_at IS NULL")


class Recall(Base):
    """A fault of the past that is being mended with everyone it touched. The fault itself is never erased."""

    __tablename__ = "recall"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]  # as staff call it
    fault_ar: Mapped[str]  # what went wrong, as the people are told
    fault_en: Mapped[str]
    asked: Mapped[dict[str, Any]]  # which visits it touched, see `finding.Asked`
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))  # where all of it happened
    visits: Mapped[int]  # that it touched
    started_at: Mapped[dt.datetime]
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    due_on: Mapped[dt.date]
    telling_at: Mapped[dt.datetime | None]  # since then the messages leave
    reminded_for: Mapped[dt.date | None]  # the last day of which the owner was reminded
    escalated_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)  # how often
    owner: Mapped[Staff | None] = relationship(foreign_keys=[owner_id], lazy="joined")


class RecallMember(Base):
    """One person whom the fault touched, or one visit whose person nobody knows; the list is made once."""

    __tablename__ = "recall_member"
    __table_args__ = (
        UniqueConstraint("recall_id", "person_id"),
        Index("ix_recall_member_open", "recall_id", "state", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)  # the secret of the person's page
    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    source: Mapped[str]  # of the latest visit that it touched: a visit is told anew when its ticket is
    visit_no: Mapped[str]
    visits: Mapped[int]  # of this person that it touched
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    visited_on: Mapped[dt.date]
    language: Mapped[str]
    state: Mapped[str]  # listed > told > reached | answered > invited > came > ended
    wish: Mapped[str | None]  # one of rules.WISHES
    told_at: Mapped[dt.datetime | None]
    came_no: Mapped[str | None]  # the visit for which they came back
    end: Mapped[str | None]  # one of rules.ENDS
    ended_at: Mapped[dt.datetime | None]
    recall: Mapped[Recall] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship(lazy="select")
    service: Mapped[PublicService] = relationship(lazy="joined")
    branch: Mapped[Branch] = relationship(lazy="joined")


class RecallStep(Base):
    """One thing that was done or said in a recall. Rows are only ever added; words go with the contact."""

    __tablename__ = "recall_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("recall_member.id"), index=True)
    at: Mapped[dt.datetime]
    # of the recall: started | telling | handed | moved | reminded | escalated | closed | reopened
    # of a member: told | attempt | answered | invited | came | undone | again | one of rules.ENDS
    kind: Mapped[str]
    actor: Mapped[str]
    channel: Mapped[str | None]
    is_reached: Mapped[bool | None]
    what: Mapped[str | None]  # a code: the wish, the visit, the owner, the day
    words: Mapped[str] = mapped_column(default="")
