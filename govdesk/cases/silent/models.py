"""Tables of the silent ones: who they are, each touch, and who spoke up."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import Base
from govdesk.people.models import Person, Staff

_UNHAPPY = text("kind IN ('complaint', 'dissatisfied')")


class SilentOne(Base):
    """Somebody who probably left a visit unhappy and said nothing; once for each visit."""

    __tablename__ = "silent_one"
    __table_args__ = (Index("ix_silent_one_branch", "branch_id", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)  # the secret of the person's page
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    reason: Mapped[str]  # one of rules.REASONS
    language: Mapped[str]
    found_at: Mapped[dt.datetime]
    state: Mapped[str]  # waiting | answered | over
    asked_at: Mapped[dt.datetime | None]  # by message, the first time
    answer: Mapped[str | None]  # one of rules.ANSWERS
    words: Mapped[str | None]
    answered_at: Mapped[dt.datetime | None]
    told_by: Mapped[str | None]  # person | staff
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[str | None]  # why nobody asks any more, one of rules.SPARED or ENDS
    visit: Mapped[Visit] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")
    branch: Mapped[Branch] = relationship(lazy="joined")
    service: Mapped[PublicService] = relationship(lazy="joined")


class SilentTouch(Base):
    """One try to reach somebody. Rows are only ever added."""

    __tablename__ = "silent_touch"
    id: Mapped[int] = mapped_column(primary_key=True)
    silent_id: Mapped[int] = mapped_column(ForeignKey("silent_one.id"), index=True)
    at: Mapped[dt.datetime]
    kind: Mapped[str]  # asked | reminded | called
    is_reached: Mapped[bool]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[str] = mapped_column(default="")
    staff: Mapped[Staff | None] = relationship(lazy="joined")


class Voice(Base):
    """Somebody spoke up: complained, answered, or was dissatisfied in a sample. Never what they said."""

    __tablename__ = "voice"
    __table_args__ = (
        Index("ix_voice_person", "person_id", "at"),
        Index("ix_voice_unhappy", "at", sqlite_where=_UNHAPPY, postgresql_where=_UNHAPPY),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(unique=True)  # complaint:3
    kind: Mapped[str]  # complaint | dissatisfied | answered (a questionnaire; `at` is the end of that week)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    at: Mapped[dt.datetime]
