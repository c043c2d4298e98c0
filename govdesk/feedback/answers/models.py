"""Tables of answers: no token, no ticket, no person, no time but the week."""

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.db import Base
from govdesk.feedback.forms.models import QuestionnaireVersion

DRAWN = BigInteger().with_variant(
    Integer(), "sqlite"
)  # there the key is the place of the row: no order stays


class Response(Base):
    """One filled-in form. Its number is drawn, so that no order tells who came when.

    What it says of the person and the visit is there for figures alone, and is taken away again where fewer
    than a handful of answers of the same week or wave share it (see coarsening).
    """

    __tablename__ = "response"
    __table_args__ = (
        Index("ix_response_week", "questionnaire_id", "week"),
        Index("ix_response_wave", "wave_id"),
        Index("ix_response_branch", "branch_id", "week"),
    )
    id: Mapped[int] = mapped_column(DRAWN, primary_key=True, autoincrement=False)
    source: Mapped[str]  # live, or the name of an import
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("wave.id"))
    week: Mapped[dt.date]  # the Monday of the week in which it was answered
    occasion: Mapped[str]
    mode: Mapped[str]  # sms | email | qr | page | tablet | desk | import: never mixed in one trend line
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    channel: Mapped[str | None]
    outcome: Mapped[str | None]
    person_kind: Mapped[str | None]
    priority: Mapped[str | None]
    language: Mapped[str | None]
    stratum: Mapped[str | None]
    is_settled: Mapped[bool] = mapped_column(default=False)  # what is rare was taken away
    version: Mapped[QuestionnaireVersion] = relationship(lazy="select")


class Answer(Base):
    """One answer to one question; several of a question with many choices."""

    __tablename__ = "answer"
    __table_args__ = (
        Index("ix_answer_question", "question", "series", "number"),
        {"sqlite_with_rowid": False},  # nor here
    )
    response_id: Mapped[int] = mapped_column(DRAWN, ForeignKey("response.id"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)  # its key
    choice: Mapped[str] = mapped_column(primary_key=True, default="")  # "" where it is a number
    series: Mapped[int]  # of the wording
    number: Mapped[int | None]


class Comment(Base):
    """What somebody wrote, with phone numbers, identity numbers, addresses and names of staff masked."""

    __tablename__ = "comment"
    id: Mapped[int] = mapped_column(DRAWN, primary_key=True, autoincrement=False)  # drawn as well
    response_id: Mapped[int] = mapped_column(DRAWN, ForeignKey("response.id"), index=True)
    question: Mapped[str]
    text: Mapped[str]
    language: Mapped[str]
    response: Mapped[Response] = relationship(lazy="joined")
