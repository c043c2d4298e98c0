"""Tables of the guide: answers lead to scenarios, which say what to do and what to bring."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import PublicService
from govdesk.db import Base


class Scenario(Base):
    """A foreseen reason to come for a service, with what the person does best."""

    __tablename__ = "scenario"
    __table_args__ = (UniqueConstraint("service_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    code: Mapped[str]
    position: Mapped[int]
    name_ar: Mapped[str]
    name_en: Mapped[str]
    action: Mapped[str]  # one of guide.ACTIONS
    advice_ar: Mapped[str] = mapped_column(default="")  # what to know; of not_eligible: because …
    advice_en: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")  # of online: where it is done
    keywords_ar: Mapped[str] = mapped_column(default="")
    keywords_en: Mapped[str] = mapped_column(default="")
    extra_minutes: Mapped[int] = mapped_column(default=0)  # at the desk, beyond those of the service
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)  # grows with each change of it or of its papers
    service: Mapped[PublicService] = relationship(lazy="select")
    all_papers: Mapped[list["ScenarioPaper"]] = relationship(
        back_populates="scenario", order_by="ScenarioPaper.position, ScenarioPaper.id", lazy="select"
    )

    @property
    def papers(self) -> list["ScenarioPaper"]:
        """What to bring, in its order; a paper once asked for stays in the table for who lacked it."""
        return [paper for paper in self.all_papers if paper.is_active]


class ScenarioPaper(Base):
    """A paper to bring: how one gets it, and whether a copy will do."""

    __tablename__ = "scenario_paper"
    __table_args__ = (UniqueConstraint("scenario_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"))
    code: Mapped[str]
    position: Mapped[int]
    name_ar: Mapped[str]
    name_en: Mapped[str]
    how_ar: Mapped[str] = mapped_column(default="")
    how_en: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    form: Mapped[str] = mapped_column(default="original")  # original | copy
    is_required: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    scenario: Mapped[Scenario] = relationship(back_populates="all_papers")


class GuideQuestion(Base):
    """A question of a service's guide; the one at the lowest position is asked first."""

    __tablename__ = "guide_question"
    __table_args__ = (UniqueConstraint("service_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    code: Mapped[str]
    position: Mapped[int]
    name_ar: Mapped[str]
    name_en: Mapped[str]
    hint_ar: Mapped[str] = mapped_column(default="")
    hint_en: Mapped[str] = mapped_column(default="")
    answers: Mapped[list["GuideAnswer"]] = relationship(
        back_populates="question",
        cascade="all, delete-orphan",
        foreign_keys="GuideAnswer.question_id",
        order_by="GuideAnswer.position, GuideAnswer.id",
    )


class GuideAnswer(Base):
    """An answer, and where it leads: to the next question or to a scenario."""

    __tablename__ = "guide_answer"
    __table_args__ = (
        UniqueConstraint("question_id", "code"),
        CheckConstraint("(next_question_id IS NULL) <> (scenario_id IS NULL)", name="leads_to_one"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("guide_question.id"))
    code: Mapped[str]
    position: Mapped[int]
    name_ar: Mapped[str]
    name_en: Mapped[str]
    next_question_id: Mapped[int | None] = mapped_column(ForeignKey("guide_question.id"), index=True)
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"), index=True)
    question: Mapped[GuideQuestion] = relationship(back_populates="answers", foreign_keys=[question_id])
    next_question: Mapped[GuideQuestion | None] = relationship(foreign_keys=[next_question_id])
    scenario: Mapped[Scenario | None] = relationship()


class GuidedWay(Base):
    """What somebody answered in the guide before they came, worded as then. Rows are only ever added."""

    __tablename__ = "guided_way"
    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(unique=True)  # appointment:5, ticket:7
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"))  # where it led
    walked_at: Mapped[dt.datetime]
    steps: Mapped[list[dict[str, Any]]]  # question and answer: their codes, and both languages
    scenario: Mapped[Scenario] = relationship()

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """The same way by the codes of its questions and answers."""
        return tuple((step["question"], step["answer"]) for step in self.steps)


class AvoidedVisit(Base):
    """Someone said on a page of the guide that they need not come. No person, no branch."""

    __tablename__ = "avoided_visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    noted_at: Mapped[dt.datetime]
    day: Mapped[dt.date] = mapped_column(index=True)  # in the installation's time zone
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"))
    kind: Mapped[str]  # online | need_not_come
