"""Tables of why counters rest: reasons that are offered, what was said on closing early, and wrap-up."""

import datetime as dt

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


class WrapUp(Base):
    """Somebody finishes notes at a counter after a conclusion; they or the next call there end it."""

    __tablename__ = "wrap_up"
    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("counter_session.id"), index=True)
    begun_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]  # said by the officer; else what happens next there is the end
