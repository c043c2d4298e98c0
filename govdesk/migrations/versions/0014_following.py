"""Tickets taken from elsewhere and what their holders may do; notices and the public side of a branch."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXTS = ("phone", "access_ar", "access_en")
NUMBERS = (("near_ahead", "2"), ("push_back_places", "5"), ("rejoin_minutes", "15"), ("remote_share", "30"))
MOMENTS = ("present_at", "pushed_back_at", "rejoined_at", "told_near_at")


def upgrade() -> None:
    moment = govdesk.db.Moment(timezone=True)
    for name in TEXTS:
        op.add_column("branch", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name, usual in NUMBERS:
        op.add_column("branch", sa.Column(name, sa.Integer(), nullable=False, server_default=usual))
    op.add_column(
        "branch", sa.Column("allows_remote", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("ticket", sa.Column("is_remote", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in MOMENTS:
        op.add_column("ticket", sa.Column(name, moment, nullable=True))
    op.create_table(
        "branch_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("text_ar", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("shown_from", moment, nullable=False),
        sa.Column("shown_until", moment, nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_branch_notice_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_notice")),
    )
    op.create_index("ix_branch_notice_branch_id", "branch_notice", ["branch_id"])


def downgrade() -> None:
    op.drop_index("ix_branch_notice_branch_id", "branch_notice")
    op.drop_table("branch_notice")
    for name in reversed(MOMENTS):
        op.drop_column("ticket", name)
    op.drop_column("ticket", "is_remote")
    op.drop_column("branch", "allows_remote")
    for name, _usual in reversed(NUMBERS):
        op.drop_column("branch", name)
    for name in reversed(TEXTS):
        op.drop_column("branch", name)
