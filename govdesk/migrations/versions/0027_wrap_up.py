"""Wrap-up at a counter after a conclusion."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wrap_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["counter_session.id"], name=op.f("fk_wrap_up_seat_id_counter_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrap_up")),
    )
    op.create_index(op.f("ix_wrap_up_seat_id"), "wrap_up", ["seat_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_wrap_up_seat_id"), "wrap_up")
    op.drop_table("wrap_up")
