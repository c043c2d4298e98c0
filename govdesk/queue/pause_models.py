"""Tables of why counters rest: the reasons that are offered, and what was said on closing early."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base


class PauseReason(Base):
    """Why a counter calls nobody for a while, or closes before the branch does."""

    __tablename__ = "pause_reason"
    code: Mapped[str] = mapped_column(primary_key=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]
    is_closing: Mapped[bool] = mapped_column(default=False)  # of closing early, else of a break
    asks_words: Mapped[bool] = mapped_column(default=False)  # whoever chooses it says more
    is_active: Mapped[bool] = mapped_column(default=True)


class EarlyClosing(Base):
    """Why somebody left a counter before the branch closed."""

    __tablename__ = "early_closing"
    seat_id: Mapped[int] = mapped_column(ForeignKey("counter_session.id"), primary_key=True)
    reason: Mapped[str]  # the code of a reason
    words: Mapped[str]
