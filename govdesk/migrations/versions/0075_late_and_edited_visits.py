"""How late a visit was entered, and whether its times were changed after they had been recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is here already was entered as it happened, as far as anybody knows."""
    op.add_column("visit", sa.Column("entered_after", sa.Integer(), nullable=True))
    op.add_column(
        "visit", sa.Column("has_edited_times", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_column("visit", "has_edited_times")
    op.drop_column("visit", "entered_after")
