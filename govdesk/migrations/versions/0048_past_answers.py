"""Which rows of old surveys are here already, and of which weeks programs were told how many answered."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_answer",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_past_answer"),
    )
    op.create_table(
        "told_week",
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name="fk_told_week_questionnaire_id_questionnaire",
        ),
        sa.PrimaryKeyConstraint("questionnaire_id", "week", name="pk_told_week"),
    )


def downgrade() -> None:
    op.drop_table("told_week")
    op.drop_table("past_answer")
