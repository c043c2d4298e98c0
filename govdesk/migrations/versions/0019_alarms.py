"""Staff call for help, silently."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", Moment(), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_staff_alarm_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_staff_alarm_counter_id_counter")
        ),
        sa.ForeignKeyConstraint(["raised_by"], ["staff.id"], name=op.f("fk_staff_alarm_raised_by_staff")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["staff.id"], name=op.f("fk_staff_alarm_acknowledged_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_alarm")),
    )
    is_open = sa.text("acknowledged_at IS NULL")
    op.create_index(
        "ix_staff_alarm_open", "staff_alarm", ["branch_id"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_staff_alarm_raised", "staff_alarm", ["branch_id", "raised_at"])


def downgrade() -> None:
    op.drop_table("staff_alarm")
