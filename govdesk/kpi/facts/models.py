"""Tables of the store of facts: cells, marks of what has changed since, and the moment it is true for."""

import datetime as dt

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base

_CHANGES = text("changes_at IS NOT NULL")


class FactCell(Base):
    """The tallies of one family over one span, in one breakdown, as its pass over the rows gave them."""

    __tablename__ = "fact_cell"
    __table_args__ = (
        UniqueConstraint("family", "by", "span", "starts_on"),
        Index(
            "ix_fact_cell_changes", "family", "changes_at", sqlite_where=_CHANGES, postgresql_where=_CHANGES
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    family: Mapped[str]
    by: Mapped[str]  # the words of the breakdown, without time: "", "branch", "branch,channel"
    span: Mapped[str]  # day | week | month
    starts_on: Mapped[dt.date]
    data: Mapped[bytes]
    changes_at: Mapped[dt.datetime | None]  # of a day as a whole: when time alone makes it another


class FactMark(Base):
    """Something that figures count has changed; the database itself makes it, whoever wrote."""

    __tablename__ = "fact_mark"
    __table_args__ = (
        Index("ix_fact_mark_what", "kind", "at", "branch_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # what has changed: visit, return, case, …
    at: Mapped[str]  # the local day, or the moment in UTC that it belongs to
    branch_id: Mapped[int]  # whose day a moment is; 0: of none


class FactState(Base):
    """The one row that says for which moment every cell is true; without a moment nothing is read here.

    What changes who was invited makes a mark in the weeks up to `closed_to`, and only there.
    """

    __tablename__ = "fact_state"
    id: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[dt.datetime | None]
    closed_to: Mapped[dt.date | None]  # a Monday, long after which nobody answers about an end of its week
    catalog: Mapped[str]  # a fingerprint of the services and branches that were counted by
