"""An index of the visits that go on with an earlier one, by person: most people have none."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

GOES_ON = sa.text("class_name IN ('planned', 'recall', 'repeat')")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_visit_goes_on", "visit", ["person_id", "started_at"],
        sqlite_where=GOES_ON, postgresql_where=GOES_ON,
    )  # fmt: skip


def downgrade() -> None:
    """Leave it out."""
    op.drop_index("ix_visit_goes_on", "visit")
