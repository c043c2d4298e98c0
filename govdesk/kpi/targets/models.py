"""Tables of targets and of new beginnings. Rows are only ever added: the history of a target is its rows."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govdesk.db import Base
from govdesk.people.models import Staff


class Target(Base):
    """What a figure is to reach in a place, by when, and who answers for it."""

    __tablename__ = "target"
    __table_args__ = (Index("ix_target_measure", "measure", "from_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    measure: Mapped[str]  # its key
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))  # None: of all branches
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # None: of all of them
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))  # None: of all services
    value: Mapped[float | None]  # in the unit of the measure, a share between 0 and 1; None: withdrawn
    from_on: Mapped[dt.date]
    due_on: Mapped[dt.date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str]
    set_at: Mapped[dt.datetime]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    owner: Mapped[Staff | None] = relationship(foreign_keys=[owner_id], lazy="joined")
    set_by: Mapped[Staff] = relationship(foreign_keys=[set_by_id], lazy="joined")


class Rebase(Base):
    """A day on which work was changed for good: the limits of a figure begin anew, for a stated reason."""

    __tablename__ = "rebase"
    __table_args__ = (Index("ix_rebase_measure", "measure", "begins_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    measure: Mapped[str]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("public_service.id"))
    begins_on: Mapped[dt.date]
    is_undone: Mapped[bool] = mapped_column(default=False)  # a later row that takes this day back
    reason: Mapped[str]
    set_at: Mapped[dt.datetime]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_by: Mapped[Staff] = relationship(lazy="joined")
