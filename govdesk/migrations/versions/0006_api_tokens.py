"""Tokens of programs; what a program sent with the key of its request."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LIVE = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    moment = govdesk.db.Moment(timezone=True)
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("revoked_at", moment, nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_api_token_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(
        "uq_api_token_live_name", "api_token", ["name"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.add_column("given_answer", sa.Column("content", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("given_answer", "content")
    op.drop_table("api_token")
