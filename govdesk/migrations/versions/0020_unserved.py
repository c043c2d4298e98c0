"""What people answer who went away unserved."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unserved_answer",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("is_needed", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("told_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_unserved_answer_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_unserved_answer")),
    )


def downgrade() -> None:
    op.drop_table("unserved_answer")
