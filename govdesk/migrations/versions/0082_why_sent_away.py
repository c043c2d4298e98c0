"""Those sent away, and those who lacked a paper, are found by their day: figures tell why."""

from alembic import op
from sqlalchemy import text

revision = "0082"
down_revision = "0078"
branch_labels = None
depends_on = None

INDEXES = {"ix_visit_sent_away": "status = 'turned_away'", "ix_visit_lacking": "missing_papers > 0"}


def upgrade() -> None:
    """Index the few visits of each kind."""
    for name, condition in INDEXES.items():
        op.create_index(
            name, "visit", ["started_on"], sqlite_where=text(condition), postgresql_where=text(condition)
        )


def downgrade() -> None:
    """Look through all visits of the days again."""
    for name in INDEXES:
        op.drop_index(name, "visit")
