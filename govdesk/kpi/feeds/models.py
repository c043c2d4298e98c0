"""Tables of feeds: whose open data are read, and what was read of them."""

import datetime as dt

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.db import Base


class Feed(Base):
    """The published figures of another agency: where they are, and how reading them goes."""

    __tablename__ = "feed"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    name_ar: Mapped[str]  # as it calls itself; empty until it was read
    name_en: Mapped[str]
    home_url: Mapped[str]  # https://… or empty
    licence: Mapped[str]
    added_at: Mapped[dt.datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[dt.datetime | None]  # it is read no more; what was read stays
    free_at: Mapped[dt.datetime]  # nobody reads it before: it is being read, or it was not long ago
    read_at: Mapped[dt.datetime | None]  # when it was last read to its end
    problem: Mapped[str | None]  # why it was not, one of rules.PROBLEMS
    problem_detail: Mapped[str]  # what the other side said, a few characters
    failing_since: Mapped[dt.datetime | None]
    failures: Mapped[int]  # one after another
    documents: Mapped[list["FeedDocument"]] = relationship(
        back_populates="feed", order_by="FeedDocument.id", viewonly=True
    )


class FeedDocument(Base):
    """One version of one period, letter for letter as it was read. Rows are only ever added."""

    __tablename__ = "feed_document"
    __table_args__ = (UniqueConstraint("feed_id", "period", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id"))
    period: Mapped[str]  # 2026-10, 2026-Q3
    version: Mapped[int]
    published_on: Mapped[str]
    hash: Mapped[str]
    frozen: Mapped[str] = mapped_column(Text)
    read_at: Mapped[dt.datetime]
    feed: Mapped[Feed] = relationship(back_populates="documents", lazy="joined")
