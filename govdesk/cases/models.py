"""Tables of cases: attendances with their class, cases with their clocks, planned next steps."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.cases.classes import VisitClass
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import Base
from govdesk.people.models import Person

_OPEN = text("resolved_at IS NULL")
GOES_ON = VisitClass.PLANNED, VisitClass.RECALL, VisitClass.REPEAT  # of a matter that was begun before
_GOES_ON = text("class_name IN ('planned', 'recall', 'repeat')")


class Case(Base):
    """One need of one person, over one or more visits. Negative durations are set aside, never clipped."""

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("source", "case_no"),
        Index("ix_case_file_opened", "service_id", "opened_at"),
        Index("ix_case_file_day", "opened_at"),
        Index("ix_case_file_first_end", "first_resolved_at"),
        Index("ix_case_file_end", "resolved_at"),
        Index("ix_case_file_person", "person_id", "family"),
        Index("ix_case_file_open", "source", "branch_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]  # live, or the name of an import
    case_no: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    family: Mapped[str]
    object_ref: Mapped[str | None]
    unit: Mapped[str | None]
    channel: Mapped[str | None]
    opened_at: Mapped[dt.datetime]
    first_response_at: Mapped[dt.datetime | None]
    first_resolved_at: Mapped[dt.datetime | None]
    resolved_at: Mapped[dt.datetime | None]
    reopened_at: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    withdrawn_on: Mapped[dt.date | None]
    observed_until: Mapped[dt.datetime | None]  # of an imported case; a live one is observed until now
    is_set_aside: Mapped[bool] = mapped_column(default=False)
    service: Mapped[PublicService] = relationship(lazy="joined")
    branch: Mapped[Branch | None] = relationship(lazy="select")
    pauses: Mapped[list["CasePause"]] = relationship(
        cascade="all, delete-orphan", order_by="CasePause.from_at"
    )


class CasePause(Base):
    """A time in which the office waited on the person."""

    __tablename__ = "case_pause"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    from_at: Mapped[dt.datetime]
    to_at: Mapped[dt.datetime | None]
    reason: Mapped[str]


class Visit(Base):
    """One attendance as it was recorded, with the class that the rules give it."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("source", "visit_no"),
        Index("ix_visit_matter", "person_id", "family", "started_at"),
        Index("ix_visit_day", "branch_id", "started_on"),
        Index("ix_visit_service_day", "service_id", "started_on"),
        Index("ix_visit_class_ended", "class_name", "ended_on"),
        Index("ix_visit_transfer", "source", "transfer_of"),
        Index(
            "ix_visit_goes_on", "person_id", "started_at", sqlite_where=_GOES_ON, postgresql_where=_GOES_ON
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]  # live, or the name of an import
    visit_no: Mapped[str]  # of a live visit: its ticket's id
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # the beneficiary
    visitor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # who was named, where that person was found to be `person_id` (see `linking`)
    named_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    linked_by: Mapped[str | None]  # identity | contact (probable) | import | merge | hand
    by_hand: Mapped[list[str]] = mapped_column(default=list)  # person, case, object: no later fact changes it
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    family: Mapped[str]
    object_ref: Mapped[str | None]  # written one way (catalog/objects.py)
    object_given: Mapped[str | None]  # as its file wrote it, where that is another
    case_no: Mapped[str | None]
    unit: Mapped[str]
    channel: Mapped[str | None]
    status: Mapped[str]  # served | turned_away | no_show | cancelled | abandoned | closed_unserved
    direction: Mapped[str]  # inbound | outbound
    reason: Mapped[str | None]  # what brought the person back
    outcome: Mapped[str | None]
    cause: Mapped[str | None]  # why the need was not met
    arrived_at: Mapped[dt.datetime | None]
    called_at: Mapped[dt.datetime | None]
    started_at: Mapped[dt.datetime]  # of the attendance: the arrival where one is known
    served_at: Mapped[dt.datetime | None]  # when service began
    ended_at: Mapped[dt.datetime]
    started_on: Mapped[dt.date]  # the branch's local days
    ended_on: Mapped[dt.date]
    transfer_of: Mapped[str | None]  # a visit_no
    plan_made_at: Mapped[dt.datetime | None]
    plan_due: Mapped[dt.date | None]
    plan_reason: Mapped[str | None]
    priority: Mapped[str | None]
    appointment_at: Mapped[dt.datetime | None]
    withdrawn_on: Mapped[dt.date | None]
    officer: Mapped[str | None]
    language: Mapped[str | None]
    is_set_aside: Mapped[bool] = mapped_column(default=False)  # ends before it starts
    entered_after: Mapped[int | None]  # days from its end to its entry, where a file brought it
    has_edited_times: Mapped[bool] = mapped_column(default=False)  # changed after they had been recorded
    quoted_high: Mapped[float | None]  # minutes promised at arrival
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"))  # the reason, if foreseen
    missing_papers: Mapped[int | None]  # that the scenario asks for; None without one
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    # What the rules say of it (cases/rules.py); recomputed from nothing it is the same. The other visits are
    # no references: a database would look for them at each write, and for these at each removal.
    class_name: Mapped[str]
    index_visit_id: Mapped[int | None]
    charged_visit_id: Mapped[int | None]
    charged_unit: Mapped[str | None]
    gap_days: Mapped[int | None]
    # of an index: the repeat that made it fail
    repeat_visit_id: Mapped[int | None]
    mature_on: Mapped[dt.date | None]  # of an index: the first day on which it may be judged
    is_excluded: Mapped[bool] = mapped_column(default=False)  # withdrawn or deceased within the window
    closing_visit_id: Mapped[int | None]  # where several tickets are one visit: the one that ended it
    return_cause: Mapped[str | None]  # of a repeat: the cause it is charged to
    service: Mapped[PublicService] = relationship(lazy="joined")
    branch: Mapped[Branch] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id], lazy="select")


class NextStep(Base):
    """A planned next step, written during a visit. Rows are only ever added."""

    __tablename__ = "next_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    family: Mapped[str]
    object_ref: Mapped[str | None]
    made_at: Mapped[dt.datetime]
    due: Mapped[dt.date]
    reason: Mapped[str]
