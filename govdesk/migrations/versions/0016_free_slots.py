"""Find what can still be booked without reading what is full."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_slot_free",
        "slot",
        ["service_id", "branch_id", "starts_at"],
        sqlite_where=sa.text("booked < capacity AND is_closed IS 0"),
        postgresql_where=sa.text("booked < capacity AND is_closed IS false"),
    )


def downgrade() -> None:
    op.drop_index("ix_slot_free", "slot")
