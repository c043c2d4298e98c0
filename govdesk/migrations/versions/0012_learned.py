"""What the queue learns: lengths by hour, and the paces that quotes are made of."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "served_hour",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("lengths", sa.JSON(), nullable=False),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_served_hour_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_served_hour_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("branch_id", "service_id", "day", "hour", name=op.f("pk_served_hour")),
    )
    op.create_table(
        "service_pace",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Double(), nullable=False),
        sa.Column("spread", sa.Double(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("patience_rate", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_service_pace_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_service_pace_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("branch_id", "service_id", "hour", name=op.f("pk_service_pace")),
    )


def downgrade() -> None:
    op.drop_table("service_pace")
    op.drop_table("served_hour")
