"""The reason of a correction in both languages."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was published already keeps the reason that it was published with."""
    for language in ("ar", "en"):
        op.add_column("period_version", sa.Column(f"reason_{language}", sa.Text(), nullable=True))


def downgrade() -> None:
    """Keep the first reason only."""
    for language in ("en", "ar"):
        op.drop_column("period_version", f"reason_{language}")
