"""Rehearsals of waves of many people: made beside the pages."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of rehearsals."""
    op.create_table(
        "wave_rehearsal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("looked_to", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name="fk_wave_rehearsal_programme_id_programme"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wave_rehearsal"),
        sa.UniqueConstraint("programme_id", "from_on", name="uq_wave_rehearsal_programme_id_from_on"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("wave_rehearsal")
