"""When the contact of who waits for a place was proven."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = govdesk.db.Moment(timezone=True)
    op.add_column("waiting_entry", sa.Column("verified_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("waiting_entry", "verified_at")
