"""What happens in a hall beside the tickets: staff who call for help, and what asks for a hand."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Counter, PublicService
from govdesk.db import Base
from govdesk.people.models import Staff

_OPEN = text("acknowledged_at IS NULL")
_LASTS = text("ended_at IS NULL")


class HallLimits(Base):
    """The minutes beyond which a branch's hall asks for a hand; a branch without a row has the usual ones."""

    __tablename__ = "hall_limits"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    idle: Mapped[int]
    unserved: Mapped[int]
    wrap_up: Mapped[int]
    soon: Mapped[int]


class StaffAlarm(Base):
    """Somebody at a counter or at reception called for help, silently; and who went there."""

    __tablename__ = "staff_alarm"
    __table_args__ = (
        Index("ix_staff_alarm_open", "branch_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_staff_alarm_raised", "branch_id", "raised_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))  # none = at reception
    raised_at: Mapped[dt.datetime]
    raised_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    counter: Mapped[Counter | None] = relationship(lazy="joined")
    raiser: Mapped[Staff] = relationship(foreign_keys=[raised_by], lazy="joined")
    helper: Mapped[Staff | None] = relationship(foreign_keys=[acknowledged_by], lazy="joined")


class HallAlert(Base):
    """Something in a hall that asks for a hand (see `thresholds`), from its beginning to its end."""

    __tablename__ = "hall_alert"
    __table_args__ = (
        *(
            Index(
                f"uq_hall_alert_{name}", "branch_id", "kind", f"{name}_id", unique=True, sqlite_where=_LASTS,
                postgresql_where=_LASTS,
            )
            for name in ("service", "counter")
        ),
        Index("ix_hall_alert_began", "branch_id", "began_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[str]  # one of thresholds.KINDS
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))  # of idle and wrapping
    bound: Mapped[float]  # the minutes beyond which it began
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    service: Mapped[PublicService | None] = relationship(lazy="joined")
    counter: Mapped[Counter | None] = relationship(lazy="joined")
    helper: Mapped[Staff | None] = relationship(lazy="joined")
