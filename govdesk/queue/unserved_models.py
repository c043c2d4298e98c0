"""What people answer who went away unserved: they left, or the day was closed before their turn."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base


class UnservedAnswer(Base):
    """Whether a person still needs what they came for, and why they went; each may be left open."""

    __tablename__ = "unserved_answer"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    is_needed: Mapped[bool | None]
    reason: Mapped[str | None]  # one of unserved.REASONS
    told_at: Mapped[dt.datetime]
