"""Appointments that an office had elsewhere before."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("appointment_no", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=True),
        sa.Column("cancelled_at", Moment(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("is_set_aside", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_past_appointment_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_past_appointment_branch_id_branch")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_past_appointment_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_appointment")),
        sa.UniqueConstraint(
            "source", "appointment_no", name=op.f("uq_past_appointment_source_appointment_no")
        ),
    )
    op.create_index("ix_past_appointment_starts", "past_appointment", ["starts_at"])
    op.create_index("ix_past_appointment_place", "past_appointment", ["branch_id", "service_id", "starts_at"])


def downgrade() -> None:
    op.drop_index("ix_past_appointment_place", table_name="past_appointment")
    op.drop_index("ix_past_appointment_starts", table_name="past_appointment")
    op.drop_table("past_appointment")
