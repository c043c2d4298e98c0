"""Table of the groups of people whom the law puts first."""

from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base


class PriorityGroup(Base):
    """Whom the law puts first, such as people with a disability."""

    __tablename__ = "priority_group"
    code: Mapped[str] = mapped_column(primary_key=True)
    name_ar: Mapped[str]
    name_en: Mapped[str]
    meant_ar: Mapped[str] = mapped_column(default="")  # who belongs to it, in a sentence
    meant_en: Mapped[str] = mapped_column(default="")
    position: Mapped[int]
    is_stated: Mapped[bool] = mapped_column(default=True)  # one's own word is enough; else reception says it
    is_active: Mapped[bool] = mapped_column(default=True)
