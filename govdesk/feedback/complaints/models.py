"""Tables of complaints: each with its rounds (one before every instance), its history, and the instances."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.db import Base
from govdesk.people.models import Person, Staff


class Complaint(Base):
    """What somebody complains of, and where it stands. Without a person it is anonymous."""

    __tablename__ = "complaint"
    __table_args__ = (Index("ix_complaint_unit", "branch_id", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # read aloud and typed
    token: Mapped[str] = mapped_column(unique=True)  # the secret of the complainant's page
    channel: Mapped[str]  # web | qr | desk
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))  # the unit that answers, with the service
    is_place_known: Mapped[bool]  # the complainant named the branch; else it was chosen for them
    counter_number: Mapped[int | None]
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    about: Mapped[str]  # one of rules.ABOUT
    happened_on: Mapped[dt.date | None]
    words: Mapped[str]  # emptied with the contact
    wished: Mapped[str]  # what would make it good
    language: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    taken_by: Mapped[str]  # the actor who wrote it down
    state: Mapped[str]  # received | acknowledged | assessed | answered | withdrawn
    level: Mapped[int] = mapped_column(default=1)  # of the instance before which it is
    received_at: Mapped[dt.datetime] = mapped_column(index=True)
    branch: Mapped[Branch] = relationship(lazy="select")
    service: Mapped[PublicService | None] = relationship(lazy="select")
    person: Mapped[Person | None] = relationship(lazy="select")
    rounds: Mapped[list["ComplaintRound"]] = relationship(order_by="ComplaintRound.level", lazy="selectin")

    @property
    def round(self) -> "ComplaintRound":
        """The round before the present instance."""
        return self.rounds[-1]


class ComplaintRound(Base):
    """A complaint before one instance: its deadlines, what was found, what was answered."""

    __tablename__ = "complaint_round"
    __table_args__ = (
        UniqueConstraint("complaint_id", "level"),
        Index("ix_complaint_round_due", "answer_due_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    level: Mapped[int]
    begun_at: Mapped[dt.datetime]
    acknowledge_due_at: Mapped[dt.datetime]
    answer_due_at: Mapped[dt.datetime]
    acknowledge_rung: Mapped[int] = mapped_column(default=0)  # rules.IN_TIME, NEAR or LATE, as it was told
    answer_rung: Mapped[int] = mapped_column(default=0)
    raised_to: Mapped[str | None]  # the role that was told last: supervisor | head
    raised_at: Mapped[dt.datetime | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    acknowledged_at: Mapped[dt.datetime | None]
    assessed_at: Mapped[dt.datetime | None]
    verdict: Mapped[str | None]  # justified | partly | not_justified
    cause_code: Mapped[str | None] = mapped_column(ForeignKey("cause.code"))
    findings: Mapped[str] = mapped_column(default="")  # for staff
    answered_at: Mapped[dt.datetime | None]
    answer: Mapped[str] = mapped_column(default="")  # in the complainant's language
    owner: Mapped[Staff | None] = relationship(lazy="select")
    cause: Mapped[Cause | None] = relationship(lazy="select")


class ComplaintStep(Base):
    """One thing that happened to a complaint. Rows are only ever added; words go with the contact."""

    __tablename__ = "complaint_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    at: Mapped[dt.datetime]
    # received | acknowledged | assessed | answered | passed_on | withdrawn | forgotten | warned | escalated
    kind: Mapped[str]
    actor: Mapped[str]
    level: Mapped[int]
    what: Mapped[str | None]  # the verdict; of warned and escalated which deadline: acknowledge | answer
    words: Mapped[str] = mapped_column(default="")


class ComplaintInstance(Base):
    """Who answers a complaint, and within how many working days; the next in order is offered with an answer.

    One that is outside the agency is only named: nobody here answers for it.
    """

    __tablename__ = "complaint_instance"
    level: Mapped[int] = mapped_column(primary_key=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    role: Mapped[str]  # supervisor | head
    acknowledge_days: Mapped[int]
    answer_days: Mapped[int]
    is_outside: Mapped[bool] = mapped_column(default=False)
    address_ar: Mapped[str] = mapped_column(default="")  # of one outside: where to turn
    address_en: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
