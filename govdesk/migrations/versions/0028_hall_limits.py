"""The minutes beyond which the hall of a branch asks for a hand."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hall_limits",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("idle", sa.Integer(), nullable=False),
        sa.Column("unserved", sa.Integer(), nullable=False),
        sa.Column("wrap_up", sa.Integer(), nullable=False),
        sa.Column("soon", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_hall_limits_branch_id_branch")),
        sa.PrimaryKeyConstraint("branch_id", name=op.f("pk_hall_limits")),
    )


def downgrade() -> None:
    op.drop_table("hall_limits")
