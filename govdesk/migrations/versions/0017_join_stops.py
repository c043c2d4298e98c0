"""When a hall takes nobody else in for a while."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "join_stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("reason_ar", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("stopped_at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_join_stop_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_join_stop_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_stop")),
    )
    op.create_index(op.f("ix_join_stop_branch_id"), "join_stop", ["branch_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_join_stop_branch_id"), table_name="join_stop")
    op.drop_table("join_stop")
