"""Whether a message failed by our own fault; messages found by what their gateway calls them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OWN = sa.text("is_own_fault")


def upgrade() -> None:
    op.add_column(
        "message", sa.Column("is_own_fault", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index("ix_message_fault", "message", ["state"], sqlite_where=OWN, postgresql_where=OWN)
    op.create_index(op.f("ix_message_provider_id"), "message", ["provider_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_message_provider_id"), table_name="message")
    op.drop_index("ix_message_fault", table_name="message")
    op.drop_column("message", "is_own_fault")
