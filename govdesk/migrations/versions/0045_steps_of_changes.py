"""What happened to a change that was planned after a wave: its history, to which rows are only added."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name="fk_change_step_change_id_change"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_change_step_staff_id_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_change_step"),
    )
    op.create_index("ix_change_step_change_id", "change_step", ["change_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_change_step_change_id", table_name="change_step")
    op.drop_table("change_step")
