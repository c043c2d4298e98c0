"""Who waits for one counter or one officer, and until when one is set aside."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MEANT = (("meant_counter_id", "counter"), ("meant_staff_id", "staff"))
INDEXED = ("meant_counter_id", "meant_staff_id", "held_until")


def upgrade() -> None:
    for name, table in MEANT:  # in one statement, so that SQLite need not copy all the tickets
        op.execute(
            f"ALTER TABLE ticket ADD COLUMN {name} INTEGER "
            f"CONSTRAINT fk_ticket_{name}_{table} REFERENCES {table} (id)"
        )
    op.add_column("ticket", sa.Column("held_until", Moment(), nullable=True))
    for name in INDEXED:
        is_set = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_ticket_{name}", "ticket", [name], sqlite_where=is_set, postgresql_where=is_set)


def downgrade() -> None:
    for name in reversed(INDEXED):
        op.drop_index(f"ix_ticket_{name}", "ticket")
        op.drop_column("ticket", name)
