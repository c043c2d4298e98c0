"""Tables of the file of a case: its own history, who has it until when, what was asked of the person."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.cases.models import Case, CasePause
from govdesk.db import Base
from govdesk.notify.sealing import Sealed
from govdesk.people.models import Staff


class CaseAct(Base):
    """One thing done with a case between visits. Rows are only ever added, and none is ever lost.

    Cases follow visits: `anchor` names the last visit that the case had at that moment, and wherever that
    visit belongs, there the act belongs; `case_id` is brought up to date with it.
    """

    __tablename__ = "case_act"
    __table_args__ = (Index("ix_case_act_case_id", "case_id", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    anchor: Mapped[str]  # records.key_of a visit
    at: Mapped[dt.datetime]
    kind: Mapped[str]  # one of courses.KINDS
    actor: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who has the case after it
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))  # where; None: at its own branch
    rung: Mapped[int] = mapped_column(default=0)  # of raised: courses.WARNED, SUPERVISOR or HEAD
    words: Mapped[str | None]  # of staff: a note, what was asked, what was told


class CaseDesk(Base):
    """The present of a live case: its policy, when it is due, who has it. Its acts are the truth."""

    __tablename__ = "case_desk"
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    policy_version: Mapped[int | None]  # of the policy in force when the case was opened
    resolve_days: Mapped[int | None]  # what it promised then
    due_at: Mapped[dt.datetime | None]  # of the work now: anew after a reopening, while the promise stays
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    rung: Mapped[int] = mapped_column(default=0)
    case: Mapped[Case] = relationship(lazy="select")
    owner: Mapped[Staff | None] = relationship(lazy="select")


class CaseAsk(Base):
    """What the office asked of the person, and what came of it: it makes a pause of the case count."""

    __tablename__ = "case_ask"
    id: Mapped[int] = mapped_column(primary_key=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("case_act.id"), unique=True)
    pause_id: Mapped[int] = mapped_column(ForeignKey("case_pause.id"), unique=True)
    token: Mapped[str] = mapped_column(unique=True)  # of the person's private link
    language: Mapped[str]
    asked: Mapped[str]
    ends_at: Mapped[dt.datetime]  # then the office goes on without an answer
    ended_by: Mapped[str | None]  # answer | date | visit | resolved | unreached
    answer: Mapped[Any | None] = mapped_column(Sealed())  # the person's own words, gone with their contact
    act: Mapped[CaseAct] = relationship(lazy="joined")
    pause: Mapped[CasePause] = relationship(lazy="joined")


class CaseTrace(Base):
    """A case that is gone, because its visits are another's now: by its id, the visit that it began with."""

    __tablename__ = "case_trace"
    case_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    visit_no: Mapped[str]  # of a visit made here
