"""An invitation that its person opened is under way as well: it closes on its day like one that was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

BEFORE, AFTER = "state IN ('due', 'sent')", "state IN ('due', 'sent', 'shown')"


def upgrade() -> None:
    """Let the index hold those that were shown."""
    _index(AFTER, instead=BEFORE)


def downgrade() -> None:
    """Let it hold the others alone again."""
    _index(BEFORE, instead=AFTER)


def _index(states: str, *, instead: str) -> None:
    old, new = sa.text(instead), sa.text(states)
    op.drop_index("ix_invitation_under_way", table_name="invitation", sqlite_where=old, postgresql_where=old)
    op.create_index(
        "ix_invitation_under_way", "invitation", ["closes_at"], sqlite_where=new, postgresql_where=new
    )
