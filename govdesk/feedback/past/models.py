"""Which rows of old surveys are here already: digests that lead to no answer."""

from sqlalchemy.orm import Mapped, mapped_column

from govdesk.db import Base


class PastAnswer(Base):
    """One row of an imported file. It knows that it came in, not which answer it became."""

    __tablename__ = "past_answer"
    number: Mapped[str] = mapped_column(primary_key=True)  # keyed digest of its source and its number there
    content: Mapped[str]  # keyed digest of what it said
