"""The open cases at hand: the work lists read no others."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.text("resolved_at IS NULL")
    op.create_index(
        "ix_case_file_open",
        "case_file",
        ["source", "branch_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    op.drop_index("ix_case_file_open", "case_file")
