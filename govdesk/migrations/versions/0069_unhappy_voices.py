"""An index of who complained or was dissatisfied by the moment, for the estimate of the unheard."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

UNHAPPY = sa.text("kind IN ('complaint', 'dissatisfied')")


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_voice_unhappy", "voice", ["at"], sqlite_where=UNHAPPY, postgresql_where=UNHAPPY)


def downgrade() -> None:
    """Leave it out."""
    op.drop_index("ix_voice_unhappy", "voice")
