"""Tables of recovery: tasks, what opened them, what was done and given, and the rules an admin edits."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch, PublicService
from govdesk.db import Base
from govdesk.people.models import Person, Staff

_OPEN = text("closed_at IS NULL")
_WAITING = text("state = 'waiting'")


class Recovery(Base):
    """One task: this person, this need, made good by this unit. Open until the person says it is good."""

    __tablename__ = "recovery"
    __table_args__ = (
        Index(
            "uq_recovery_open", "person_id", "need", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        Index("ix_recovery_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_recovery_unit", "branch_id", "closed_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)  # the secret of the person's page
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    need: Mapped[str]  # the family of the service; empty where no service is named
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))  # with the service: the unit that answers
    language: Mapped[str]
    opened_at: Mapped[dt.datetime] = mapped_column(index=True)
    due_at: Mapped[dt.datetime]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    apologised_at: Mapped[dt.datetime | None]
    escalated_to: Mapped[str | None]  # supervisor | head
    escalated_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    # link (pressed by the person) | word (heard by somebody) | unreached | forgotten (contact removed)
    closed_by: Mapped[str | None]
    heard_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reopened: Mapped[int] = mapped_column(default=0)  # how often
    first_due_at: Mapped[dt.datetime]  # of the first opening: what a figure judges, also after a reopening
    person: Mapped[Person] = relationship(lazy="select")
    service: Mapped[PublicService | None] = relationship(lazy="select")
    branch: Mapped[Branch] = relationship(lazy="select")
    owner: Mapped[Staff | None] = relationship(foreign_keys=[owner_id], lazy="select")


class RecoveryTrigger(Base):
    """Something that failed a person. It waits until it is weighed; then it is in a task, or spared."""

    __tablename__ = "recovery_trigger"
    __table_args__ = (
        UniqueConstraint("kind", "source"),
        Index("ix_recovery_trigger_waiting", "weigh_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # one of rules.KINDS
    source: Mapped[str]  # visit:12, ticket:7, complaint:3, silent:5
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    at: Mapped[dt.datetime]
    weigh_at: Mapped[dt.datetime]
    state: Mapped[str]  # waiting | opened | joined | reopened | spared
    spared: Mapped[str | None]  # why it opened none; `undone` beside a task: it turned out to be none later
    recovery_id: Mapped[int | None] = mapped_column(ForeignKey("recovery.id"), index=True)


class RecoveryStep(Base):
    """One thing that was done or said in a task. Rows are only ever added; words go with the contact."""

    __tablename__ = "recovery_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    recovery_id: Mapped[int] = mapped_column(ForeignKey("recovery.id"), index=True)
    at: Mapped[dt.datetime]
    # opened | joined | reopened | told | taken | handed | attempt | apologised | given | asked | approved
    # | refused | undone | escalated | said_good | said_not_good | closed
    kind: Mapped[str]
    actor: Mapped[str]
    channel: Mapped[str | None]
    is_reached: Mapped[bool | None]
    what: Mapped[str | None]  # a code: the trigger, the redress, the level, how it closed
    words: Mapped[str] = mapped_column(default="")


class RedressKind(Base):
    """Something that can be given to who was failed, and up to which cost each level may give it.

    Without a limit a level may not give it at all.
    """

    __tablename__ = "redress_kind"
    code: Mapped[str] = mapped_column(primary_key=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]
    has_cost: Mapped[bool]  # whoever gives it says how much
    gives_place: Mapped[bool] = mapped_column(default=False)  # the person is called sooner the next time
    front_limit: Mapped[int | None]  # in the currency of the agency, whole
    supervisor_limit: Mapped[int | None]
    head_limit: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class Redress(Base):
    """One thing given, or asked for where it is above the limit of who asks."""

    __tablename__ = "redress"
    id: Mapped[int] = mapped_column(primary_key=True)
    recovery_id: Mapped[int] = mapped_column(ForeignKey("recovery.id"), index=True)
    kind_code: Mapped[str] = mapped_column(ForeignKey("redress_kind.code"))
    cost: Mapped[int]
    words: Mapped[str] = mapped_column(default="")
    needed: Mapped[str]  # the level that may give it
    state: Mapped[str]  # asked | given | refused
    asked_at: Mapped[dt.datetime]
    asked_by: Mapped[str]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None]
    kind: Mapped[RedressKind] = relationship(lazy="joined")


class RecoveryDeadline(Base):
    """Within how many working hours a task must be made good, by what opened it."""

    __tablename__ = "recovery_deadline"
    kind: Mapped[str] = mapped_column(primary_key=True)
    working_hours: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)  # whether this opens tasks at all
