"""Why somebody did not come; and how many more than its places a schedule lets book."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("told_at", govdesk.db.Moment(timezone=True), nullable=False),
        sa.Column("is_excused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_absence_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_absence")),
    )
    op.add_column(
        "slot_schedule", sa.Column("may_overbook", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("slot_schedule", sa.Column("extra", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("slot_schedule", "extra")
    op.drop_column("slot_schedule", "may_overbook")
    op.drop_table("absence")
