"""A service has a code in a classification shared with other agencies, so that like is compared with like."""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

PARTS = ("common_vocabulary", "common_code")


def upgrade() -> None:
    """Services have none yet."""
    for part in PARTS:
        op.add_column("public_service", sa.Column(part, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Services are the installation's own only."""
    for part in PARTS:
        op.drop_column("public_service", part)
