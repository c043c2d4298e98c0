"""The published figures of other agencies, version by version as they were read."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

GUARDS = (("stays", "UPDATE"), ("kept", "DELETE"))
ONLY_ADDED = "rows of feed_document are only ever added"


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("home_url", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("free_at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("problem_detail", sa.Text(), nullable=False),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["staff.id"], name=op.f("fk_feed_added_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("url", name=op.f("uq_feed_url")),
    )
    op.create_table(
        "feed_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("frozen", sa.Text(), nullable=False),
        sa.Column("read_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_feed_document_feed_id_feed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_document")),
        sa.UniqueConstraint(
            "feed_id", "period", "version", name=op.f("uq_feed_document_feed_id_period_version")
        ),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, what in GUARDS:
        begin = f"CREATE TRIGGER feed_document_{name} BEFORE {what} ON feed_document"
        if is_sqlite:
            op.execute(f"{begin} BEGIN SELECT RAISE(ABORT, '{ONLY_ADDED}'); END")
        else:
            op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    op.drop_table("feed_document")
    op.drop_table("feed")
