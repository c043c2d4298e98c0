"""The table of what units agreed to do about a cause that they can learn from."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Branch, Cause, Department, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import Base

_OPEN = text("done_at IS NULL")


class CoachingItem(Base):
    """A cause that a unit works on, for one service and scenario: what was agreed, and when it was done."""

    __tablename__ = "coaching_item"
    __table_args__ = (
        Index("ix_coaching_item_unit", "branch_id", "department_id"),
        Index(
            "uq_coaching_item_open",
            "branch_id",
            "cause_code",
            "service_id",
            "scenario_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    cause_code: Mapped[str] = mapped_column(ForeignKey("cause.code"))
    service_id: Mapped[int] = mapped_column(ForeignKey("public_service.id"))
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"))
    agreed: Mapped[str]
    agreed_at: Mapped[dt.datetime]
    agreed_by: Mapped[str]
    due_on: Mapped[dt.date | None]
    failures_then: Mapped[int]  # of the days before, to compare with those since
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[str | None]
    done_words: Mapped[str] = mapped_column(default="")
    branch: Mapped[Branch] = relationship(lazy="joined")
    department: Mapped[Department] = relationship(lazy="joined")
    cause: Mapped[Cause] = relationship(lazy="joined")
    service: Mapped[PublicService] = relationship(lazy="joined")
    scenario: Mapped[Scenario | None] = relationship(lazy="joined")
