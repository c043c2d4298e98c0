"""Tables of reporting periods: each with what was said about it, what was published, and who is sent it."""

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.cases.obstacles.models import Obstacle
from govdesk.catalog.models import Department
from govdesk.db import Base
from govdesk.notify.models import Enclosure
from govdesk.people.models import Staff


class ReportPeriod(Base):
    """A month or quarter that is over, of the whole agency or of a department."""

    __tablename__ = "report_period"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # 2026-10, 2026-Q3; of a department 2026-10-civil
    kind: Mapped[str]  # month | quarter
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date] = mapped_column(index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # None: the whole agency
    state: Mapped[str]  # draft > reflection > published
    drafted_at: Mapped[dt.datetime]
    department: Mapped[Department | None] = relationship(lazy="joined")
    versions: Mapped[list["PeriodVersion"]] = relationship(
        back_populates="period", order_by="PeriodVersion.number", viewonly=True
    )


class PeriodReflection(Base):
    """What was seen in a topic of a period and what will change. Rows are only ever added: the last holds."""

    __tablename__ = "period_reflection"
    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("report_period.id"), index=True)
    topic: Mapped[str]
    saw_ar: Mapped[str]
    saw_en: Mapped[str]
    will_ar: Mapped[str]
    will_en: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    due_on: Mapped[dt.date]
    obstacle_id: Mapped[int | None] = mapped_column(ForeignKey("obstacle.id"))  # which management removes
    written_at: Mapped[dt.datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    owner: Mapped[Staff] = relationship(foreign_keys=[owner_id], lazy="joined")
    written_by: Mapped[Staff] = relationship(foreign_keys=[written_by_id], lazy="joined")
    obstacle: Mapped[Obstacle | None] = relationship(lazy="select")


class PeriodVersion(Base):
    """What was published, letter for letter. Rows are only ever added: a correction is another version."""

    __tablename__ = "period_version"
    __table_args__ = (UniqueConstraint("period_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("report_period.id"))
    number: Mapped[int]
    frozen: Mapped[str]  # the document as canonical JSON, with its hash
    hash: Mapped[str]
    reason: Mapped[str | None]  # of a correction that was published before its reason was asked for in both
    reason_ar: Mapped[str | None]
    reason_en: Mapped[str | None]
    published_at: Mapped[dt.datetime]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    period: Mapped[ReportPeriod] = relationship(back_populates="versions", lazy="joined")
    published_by: Mapped[Staff] = relationship(lazy="joined")

    def reason_in(self, language: str) -> str | None:
        """Why it corrects the version before."""
        return (self.reason_ar if language == "ar" else self.reason_en) or self.reason


class ReportRecipient(Base):
    """Who is sent each report of the agency or of a department, in which language."""

    __tablename__ = "report_recipient"
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # None: the whole agency
    email: Mapped[str]
    language: Mapped[str]
    added_at: Mapped[dt.datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class PeriodPaper(Base):
    """The report of a version in a language, as it was sent. Rows are only ever added."""

    __tablename__ = "period_paper"
    __table_args__ = (UniqueConstraint("version_id", "language"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("period_version.id"))
    language: Mapped[str]
    enclosure_id: Mapped[int] = mapped_column(ForeignKey("enclosure.id"))
    made_at: Mapped[dt.datetime]
    enclosure: Mapped[Enclosure] = relationship(lazy="select")


class PeriodMailing(Base):
    """That a version was sent to whoever was on the list then. Rows are only ever added."""

    __tablename__ = "period_mailing"
    version_id: Mapped[int] = mapped_column(ForeignKey("period_version.id"), primary_key=True)
    at: Mapped[dt.datetime]
    recipients: Mapped[int]
