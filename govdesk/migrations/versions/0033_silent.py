"""The silent ones: who they are, each touch, and who spoke up."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "silent_one",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("told_by", sa.Text(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_silent_one_branch_id_branch")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_silent_one_person_id_person")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_silent_one_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_silent_one_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silent_one")),
        sa.UniqueConstraint("token", name=op.f("uq_silent_one_token")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_silent_one_visit_id")),
    )
    op.create_index("ix_silent_one_branch", "silent_one", ["branch_id", "state"])
    op.create_index(op.f("ix_silent_one_person_id"), "silent_one", ["person_id"])
    op.create_table(
        "silent_touch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("silent_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_reached", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["silent_id"], ["silent_one.id"], name=op.f("fk_silent_touch_silent_id_silent_one")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_silent_touch_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silent_touch")),
    )
    op.create_index(op.f("ix_silent_touch_silent_id"), "silent_touch", ["silent_id"])
    op.create_table(
        "voice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_voice_branch_id_branch")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_voice_person_id_person")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_voice_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice")),
        sa.UniqueConstraint("source", name=op.f("uq_voice_source")),
    )
    op.create_index("ix_voice_person", "voice", ["person_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_voice_person", "voice")
    op.drop_table("voice")
    op.drop_index(op.f("ix_silent_touch_silent_id"), "silent_touch")
    op.drop_table("silent_touch")
    op.drop_index(op.f("ix_silent_one_person_id"), "silent_one")
    op.drop_index("ix_silent_one_branch", "silent_one")
    op.drop_table("silent_one")
