"""Alerts of a hall, from their beginning to their end."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hall_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("bound", sa.Double(), nullable=False),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("acknowledged_at", Moment(), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_hall_alert_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_hall_alert_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_hall_alert_counter_id_counter")
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["staff.id"], name=op.f("fk_hall_alert_acknowledged_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hall_alert")),
    )
    lasts = sa.text("ended_at IS NULL")
    for name in ("service", "counter"):
        op.create_index(
            f"uq_hall_alert_{name}", "hall_alert", ["branch_id", "kind", f"{name}_id"], unique=True,
            sqlite_where=lasts, postgresql_where=lasts,
        )  # fmt: skip
    op.create_index("ix_hall_alert_began", "hall_alert", ["branch_id", "began_at"])


def downgrade() -> None:
    op.drop_table("hall_alert")
