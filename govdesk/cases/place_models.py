"""Table of the places ahead that people were promised, to make good what went wrong."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.db import Base
from govdesk.queue.models import Ticket


class PlaceAhead(Base):
    """One person is called sooner, once, when they come for this need."""

    __tablename__ = "place_ahead"
    __table_args__ = (Index("ix_place_ahead_person", "person_id", "family"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(unique=True)  # by what it was given: redress:4, help_offer:7
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    family: Mapped[str]  # the need; empty where none was named: any
    given_at: Mapped[dt.datetime]
    given_by: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)  # that has it
    taken_at: Mapped[dt.datetime | None]
    ticket: Mapped[Ticket | None] = relationship(lazy="select")

    @property
    def kind(self) -> str:
        """By what it was given: redress, or help_offer."""
        return self.about.partition(":")[0]
