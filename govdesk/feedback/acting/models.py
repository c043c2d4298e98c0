"""Tables of acting: themes of comments, reflections at the close of a wave, and what was changed."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.cases.obstacles.models import Obstacle
from govdesk.db import Base
from govdesk.feedback.answers.models import DRAWN
from govdesk.feedback.asking.models import Wave
from govdesk.people.models import Staff


class Theme(Base):
    """What several comments are about."""

    __tablename__ = "theme"
    id: Mapped[int] = mapped_column(primary_key=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    is_used: Mapped[bool] = mapped_column(default=True)


class CommentTheme(Base):
    """Somebody of staff says what a comment is about."""

    __tablename__ = "comment_theme"
    comment_id: Mapped[int] = mapped_column(DRAWN, ForeignKey("comment.id"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[dt.datetime]


class Reflection(Base):
    """What was heard in a wave; it closes it and stands beside the next."""

    __tablename__ = "reflection"
    __table_args__ = (UniqueConstraint("wave_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"))
    heard_ar: Mapped[str]
    heard_en: Mapped[str]
    written_at: Mapped[dt.datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    wave: Mapped[Wave] = relationship(lazy="joined")
    written_by: Mapped[Staff] = relationship(lazy="joined")
    changes: Mapped[list["Change"]] = relationship(
        back_populates="reflection", cascade="all, delete-orphan", order_by="Change.id"
    )


class Change(Base):
    """What will be changed, by whom, until when; then what was done. The public reads it where it may."""

    __tablename__ = "change"
    id: Mapped[int] = mapped_column(primary_key=True)
    reflection_id: Mapped[int | None] = mapped_column(ForeignKey("reflection.id"), index=True)
    said_ar: Mapped[str]  # what people said
    said_en: Mapped[str]
    will_ar: Mapped[str]  # what will be done about it
    will_en: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    due_on: Mapped[dt.date]
    obstacle_id: Mapped[int | None] = mapped_column(ForeignKey("obstacle.id"))  # which management removes
    is_public: Mapped[bool] = mapped_column(default=False)
    done_on: Mapped[dt.date | None]
    did_ar: Mapped[str | None]
    did_en: Mapped[str | None]
    made_at: Mapped[dt.datetime]
    reflection: Mapped[Reflection | None] = relationship(back_populates="changes", lazy="joined")
    owner: Mapped[Staff] = relationship(lazy="joined")
    obstacle: Mapped[Obstacle | None] = relationship(lazy="select")


class ChangeStep(Base):
    """One thing that happened to a change. Rows are only ever added."""

    __tablename__ = "change_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("change.id"), index=True)
    at: Mapped[dt.datetime]
    # planned | worded | moved | handed_over | reminded | done | reopened | released | withdrawn
    kind: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the clock
    words: Mapped[str]
    detail: Mapped[dict[str, Any]]
    staff: Mapped[Staff | None] = relationship(lazy="joined")


class ToldWeek(Base):
    """A week of a questionnaire of which programs were told how many answered."""

    __tablename__ = "told_week"
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), primary_key=True)
    week: Mapped[dt.date] = mapped_column(primary_key=True)
