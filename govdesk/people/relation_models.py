"""The table of who acts for whom."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.db import Base
from govdesk.people.models import Person


class Relation(Base):
    """Someone acts for another from a day on, by a proof that was shown; the other's matters stay theirs."""

    __tablename__ = "relation"
    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    beneficiary_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]  # relative | guardian | agent | company
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]  # the last day
    proof: Mapped[str]  # what was shown, such as the number of an authorisation
    noted_at: Mapped[dt.datetime]
    noted_by: Mapped[str]
    ended_at: Mapped[dt.datetime | None]
    agent: Mapped[Person] = relationship(foreign_keys=[agent_id], lazy="joined")
    beneficiary: Mapped[Person] = relationship(foreign_keys=[beneficiary_id], lazy="joined")
