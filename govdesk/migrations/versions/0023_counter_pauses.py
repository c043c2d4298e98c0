"""Breaks of a counter with their reason, and how many calls come before a no-show."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_counter_pause_counter_id_counter")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_counter_pause_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_pause")),
    )
    op.create_index("ix_counter_pause_counter_id_begun_at", "counter_pause", ["counter_id", "begun_at"])
    op.add_column(
        "branch", sa.Column("calls_before_noshow", sa.Integer(), nullable=False, server_default="3")
    )


def downgrade() -> None:
    op.drop_column("branch", "calls_before_noshow")
    op.drop_index("ix_counter_pause_counter_id_begun_at", "counter_pause")
    op.drop_table("counter_pause")
