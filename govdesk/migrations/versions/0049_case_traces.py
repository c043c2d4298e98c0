"""Cases that became part of another: which visit they began with, so that links to them lead on."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_trace",
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("visit_no", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_trace"),
    )


def downgrade() -> None:
    op.drop_table("case_trace")
