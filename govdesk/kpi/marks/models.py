"""Tables of notes, and of signals with who has seen them. Their rows are only ever added, but for a watch."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.db import Base
from govdesk.kpi.targets.models import Target
from govdesk.people.models import Staff


class FigureNote(Base):
    """What a head wrote at a day of a figure, in a place: something noticed, decided or that happened."""

    __tablename__ = "figure_note"
    __table_args__ = (Index("ix_figure_note_day", "measure", "on_day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    measure: Mapped[str | None]  # None: of every figure of the place
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    on_day: Mapped[dt.date]
    kind: Mapped[str]  # one of rules.KINDS
    words: Mapped[str]
    written_at: Mapped[dt.datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    written_by: Mapped[Staff] = relationship(lazy="joined")
    withdrawal: Mapped["NoteWithdrawal | None"] = relationship(back_populates="note", lazy="joined")


class NoteWithdrawal(Base):
    """That a note no longer holds, and why: it is shown no more, and stays written."""

    __tablename__ = "note_withdrawal"
    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("figure_note.id"), unique=True)
    reason: Mapped[str]
    withdrawn_at: Mapped[dt.datetime]
    withdrawn_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[FigureNote] = relationship(back_populates="withdrawal")


class FigureWatch(Base):
    """How far the course of a figure has been judged in a place that has a target with an owner."""

    __tablename__ = "figure_watch"
    __table_args__ = (Index("ix_figure_watch_measure", "measure"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    measure: Mapped[str]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    time: Mapped[str]  # week | month
    judged_until: Mapped[str | None]  # the name of the last period that was judged
    sense: Mapped[str]  # of that period when it was the newest
    sense_before: Mapped[str]  # of the one before it
    assurance: Mapped[str]


class FigureSignal(Base):
    """News of a figure, told once: a period that is no ordinary variation, or a target out of reach."""

    __tablename__ = "figure_signal"
    __table_args__ = (UniqueConstraint("watch_id", "period", "kind", "sense"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    watch_id: Mapped[int] = mapped_column(ForeignKey("figure_watch.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)  # of the target then
    period: Mapped[str]  # 2026-10-04 (a week by its Sunday) or 2026-10
    kind: Mapped[str]  # variation | assurance
    sense: Mapped[str]  # worse | better
    rule: Mapped[str | None]  # of process.py; None for a target out of reach
    value: Mapped[float]
    mean: Mapped[float]
    found_at: Mapped[dt.datetime]
    watch: Mapped[FigureWatch] = relationship(lazy="joined")
    target: Mapped[Target] = relationship(lazy="joined")
    seen: Mapped[list["SignalSeen"]] = relationship(lazy="selectin", order_by="SignalSeen.id")


class SignalSeen(Base):
    """That somebody has seen a signal, and what they say to it."""

    __tablename__ = "signal_seen"
    id: Mapped[int] = mapped_column(primary_key=True)
    signal_id: Mapped[int] = mapped_column(ForeignKey("figure_signal.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[str]
    seen_at: Mapped[dt.datetime]
    staff: Mapped[Staff] = relationship(lazy="joined")
