"""Tables of the queue: tickets, what happened to them, and who sits at which counter."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, Counter, PublicService
from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.db import Base
from govdesk.people.models import Person, Staff

_WAITING = text("state = 'waiting'")
_CALLED = text("called_at IS NOT NULL")
_AT_COUNTER = text("state IN ('called', 'serving')")
_LIVE = text("state IN ('waiting', 'called', 'serving', 'held')")
_SELDOM_SET = [
    (name, text(f"{name} IS NOT NULL")) for name in ("meant_counter_id", "meant_staff_id", "held_until")
]


class NumberSeries(Base):
    """The last number given today in a branch for a letter."""

    __tablename__ = "number_series"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Ticket(Base):
    """One person's place in one queue. Its columns are the present; its events are the truth."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "ix_ticket_waiting",
            "branch_id",
            "order_at",
            "id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "ix_ticket_lines",  # the heads of the lines
            "branch_id",
            "call_class",
            "service_id",
            "language",
            "order_at",
            "id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "ix_ticket_called",  # of which classes the last calls were
            "branch_id",
            "called_at",
            "id",
            sqlite_where=_CALLED,
            postgresql_where=_CALLED,
        ),
        Index("ix_ticket_live", "branch_id", "state", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index(
            "uq_ticket_counter",
            "counter_id",
            unique=True,
            sqlite_where=_AT_COUNTER,
            postgresql_where=_AT_COUNTER,
        ),
        *(
            Index(f"ix_ticket_{name}", name, sqlite_where=is_set, postgresql_where=is_set)
            for name, is_set in _SELDOM_SET
        ),
        Index("ix_ticket_day", "branch_id", "day"),
        Index("ix_ticket_served", "branch_id", "service_id", "ended_at"),
        UniqueConstraint("appointment_id", "stage"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)  # the secret of the private page
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    number: Mapped[str]  # A012
    day: Mapped[dt.date]  # the branch's local day
    stage: Mapped[int] = mapped_column(default=1)  # grows with each transfer of the same number
    # waiting | called | serving | held, and the ends:
    # served | turned_away | noshow | abandoned | transferred | closed_unserved
    # | undone (a stage that a transfer made, and that was taken back with it)
    state: Mapped[str]
    priority: Mapped[str] = mapped_column(default="none")  # none, or the code of a group
    # by what it is called: priority | displaced | our_mistake | appointment | walk_in
    call_class: Mapped[str] = mapped_column(default="walk_in")
    is_displaced: Mapped[bool] = mapped_column(default=False)  # the office cancelled an earlier time
    is_our_mistake: Mapped[bool] = mapped_column(default=False)  # came back because we failed the first time
    channel: Mapped[str]  # kiosk | reception | appointment | api | remote
    is_remote: Mapped[bool] = mapped_column(default=False)  # taken from elsewhere: not called until present
    present_at: Mapped[dt.datetime | None]
    pushed_back_at: Mapped[dt.datetime | None]  # each once
    rejoined_at: Mapped[dt.datetime | None]
    told_near_at: Mapped[dt.datetime | None]
    language: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)  # whose matter it is
    visitor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who came, when it is another
    object_ref: Mapped[str | None]
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"))  # the reason, if foreseen
    transferred_from_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    arrived_at: Mapped[dt.datetime]
    callable_at: Mapped[dt.datetime]  # an appointment cannot be called before its minute
    order_at: Mapped[dt.datetime]  # the place in the one fair order
    quoted_at: Mapped[dt.datetime | None]
    quoted_low: Mapped[float | None]  # minutes; the first quote is a promise and stays
    quoted_high: Mapped[float | None]
    # who waits, or is set aside, for one counter or one officer alone
    meant_counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    meant_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    held_until: Mapped[dt.datetime | None]  # then whoever is set aside waits again
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    called_at: Mapped[dt.datetime | None]  # the first call; a recall keeps it
    last_called_at: Mapped[dt.datetime | None]
    call_count: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]  # resolved | planned_next_step | unresolved | turned_away
    cause: Mapped[str | None]  # why the need was not met this time
    return_reason: Mapped[str | None]  # why the person had to come back
    plan_reason: Mapped[str | None]
    plan_due: Mapped[dt.date | None]
    branch: Mapped[Branch] = relationship(lazy="raise")
    service: Mapped[PublicService] = relationship(lazy="select")
    counter: Mapped[Counter | None] = relationship(foreign_keys=[counter_id], lazy="select")
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id], lazy="select")
    appointment: Mapped[Appointment | None] = relationship(lazy="select")
    staff: Mapped[Staff | None] = relationship(foreign_keys=[staff_id], lazy="select")
    meant_staff: Mapped[Staff | None] = relationship(foreign_keys=[meant_staff_id], lazy="select")
    scenario: Mapped[Scenario | None] = relationship(lazy="select")


class TicketEvent(Base):
    """One thing that happened to a ticket. Rows are only ever added."""

    __tablename__ = "ticket_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[dt.datetime]
    # issued | called | recalled | started | held | resumed | transferred | concluded
    # noshow | abandoned | taken_back | handed_over | handed_back | named | closed | undone
    # returned or released (see `holding`, `meant`)
    # scenario_chosen | papers_missing | unforeseen
    kind: Mapped[str]
    actor: Mapped[str]
    counter_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]]


class MissingPaper(Base):
    """A paper of the scenario that the person did not bring."""

    __tablename__ = "missing_paper"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("scenario_paper.id"), primary_key=True)
    noted_at: Mapped[dt.datetime]
    paper: Mapped[ScenarioPaper] = relationship()


class UnforeseenReason(Base):
    """A reason to come that the guide does not know, in an officer's words, until someone has settled it."""

    __tablename__ = "unforeseen_reason"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"), index=True)
    words: Mapped[str]  # emptied when it is settled
    noted_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(default="new")  # new | adopted | set_aside
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"))  # what was made of it
    settled_at: Mapped[dt.datetime | None]


class CounterSession(Base):
    """Someone sits at a counter, from opening to closing."""

    __tablename__ = "counter_session"
    __table_args__ = (
        Index(
            "uq_counter_session_counter",
            "counter_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "uq_counter_session_staff",
            "staff_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[dt.datetime]
    paused_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    counter: Mapped[Counter] = relationship(lazy="joined")
    staff: Mapped[Staff] = relationship(lazy="joined")


class CounterPause(Base):
    """A break of whoever sits at a counter: from when, until when, and why."""

    __tablename__ = "counter_pause"
    __table_args__ = (Index("ix_counter_pause_counter_id_begun_at", "counter_id", "begun_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    begun_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]  # also by the closing of the counter
    reason: Mapped[str]  # the code of a reason
    words: Mapped[str]
