"""When a hall takes nobody else in for a while, though it is open."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base


class JoinStop(Base):
    """No ticket is given in a branch, or for one service, until a moment; who has booked still comes."""

    __tablename__ = "join_stop"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))  # none = every service
    reason_ar: Mapped[str]
    reason_en: Mapped[str]
    stopped_at: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    lifted_at: Mapped[dt.datetime | None]
