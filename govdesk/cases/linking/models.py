"""Tables of links: what was mended by hand, and who was found to be whom."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch
from govdesk.db import Base
from govdesk.people.models import Person

_STANDS = text("state IN ('proposed', 'confirmed')")


class LinkChange(Base):
    """One fact of a visit that somebody mended: what it was, is, and why. Rows are only ever added."""

    __tablename__ = "link_change"
    __table_args__ = (Index("ix_link_change_visit", "source", "visit_no"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    visit_no: Mapped[str]  # of a visit: one that is taken back and told anew keeps its number
    at: Mapped[dt.datetime]
    by: Mapped[str]
    kind: Mapped[str]  # linked | unlinked | joined (to a case) | parted | object
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]


class PersonMerge(Base):
    """Two persons who may be one: proposed by somebody of staff, judged by somebody else."""

    __tablename__ = "person_merge"
    __table_args__ = (
        Index(
            "uq_person_merge_other",
            "other_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)  # where it was proposed
    state: Mapped[str] = mapped_column(default="proposed")  # proposed | confirmed | refused | undone
    reason: Mapped[str]
    proposed_at: Mapped[dt.datetime]
    proposed_by: Mapped[str]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None]
    decided_why: Mapped[str] = mapped_column(default="")
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[str | None]
    undone_why: Mapped[str] = mapped_column(default="")
    kept: Mapped[Person] = relationship(foreign_keys=[kept_id], lazy="joined")
    other: Mapped[Person] = relationship(foreign_keys=[other_id], lazy="joined")
    branch: Mapped[Branch] = relationship(lazy="joined")
