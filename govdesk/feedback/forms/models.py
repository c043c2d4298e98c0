"""Tables of questionnaires: a questionnaire and its versions; a published version never changes."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Department
from govdesk.db import Base

_PUBLISHED = text("state = 'published'")


class Questionnaire(Base):
    """Something that people are asked, over all its versions."""

    __tablename__ = "questionnaire"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # one of rules.KINDS: on what occasion it is asked
    name_ar: Mapped[str]
    name_en: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # None: the whole agency
    is_used: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    department: Mapped[Department | None] = relationship(lazy="joined")
    versions: Mapped[list["QuestionnaireVersion"]] = relationship(
        back_populates="questionnaire", order_by="QuestionnaireVersion.number"
    )


class QuestionnaireVersion(Base):
    """The questions as they were at one time: a draft, then published for ever, then followed by the next."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "number"),
        Index(
            "uq_questionnaire_version_published",  # what is asked now
            "questionnaire_id",
            unique=True,
            sqlite_where=_PUBLISHED,
            postgresql_where=_PUBLISHED,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    number: Mapped[int]
    state: Mapped[str]  # draft | published | followed
    content: Mapped[dict[str, Any]]  # see rules.parse
    digest: Mapped[str | None]  # of the content, once published
    created_at: Mapped[dt.datetime]
    published_at: Mapped[dt.datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    questionnaire: Mapped[Questionnaire] = relationship(back_populates="versions", lazy="joined")
