"""What happens in a hall beside the tickets: staff who call for help."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.catalog.models import Counter
from govdesk.db import Base
from govdesk.people.models import Staff

_OPEN = text("acknowledged_at IS NULL")


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
