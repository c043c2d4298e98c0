"""Whose part of a visit an appointment is, which program made it, and where branches are."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointment", sa.Column("member", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("appointment", sa.Column("made_by", sa.Text(), nullable=True))
    op.add_column("branch", sa.Column("latitude", sa.Double(), nullable=True))
    op.add_column("branch", sa.Column("longitude", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("branch", "longitude")
    op.drop_column("branch", "latitude")
    op.drop_column("appointment", "made_by")
    op.drop_column("appointment", "member")
