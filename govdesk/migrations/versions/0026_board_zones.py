"""Which services and counters the device of a board shows."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COLUMNS = ("service_ids", "counter_ids")


def upgrade() -> None:
    with op.batch_alter_table("device") as batch_op:
        for name in COLUMNS:
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("device") as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
