"""How far the deadlines of a complaint have come, as it was told, and to whom."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("acknowledge_rung", "answer_rung"):
        column = sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        op.add_column("complaint_round", column)
    op.add_column("complaint_round", sa.Column("raised_to", sa.Text(), nullable=True))
    op.add_column("complaint_round", sa.Column("raised_at", Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("complaint_round") as batch:
        for name in ("raised_at", "raised_to", "answer_rung", "acknowledge_rung"):
            batch.drop_column(name)
