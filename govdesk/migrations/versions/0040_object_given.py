"""What a visit was about as its file wrote it, so that an export gives back what was imported."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("object_given", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "object_given")
