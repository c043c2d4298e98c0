"""Why a wave was not opened, and of how many panels its sample is one.

Both were missing: a period that was missed needs its reason, and a draw that goes on after a stop must not
depend on what its programme says by then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wave", sa.Column("why_not", sa.Text(), nullable=True))
    op.add_column("wave", sa.Column("panels", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("wave", "panels")
    op.drop_column("wave", "why_not")
