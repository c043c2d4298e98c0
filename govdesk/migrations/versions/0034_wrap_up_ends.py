"""Wrap-up may be ended without a call."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("wrap_up", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended_at", Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("wrap_up", schema=None) as batch_op:
        batch_op.drop_column("ended_at")
