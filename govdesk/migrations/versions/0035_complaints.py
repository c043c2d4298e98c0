"""Complaints: each with its rounds, its history, and the instances that answer."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

INSTANCES = (  # names, who answers, working days to take up and to answer, whether it is outside
    ("مشرف الفرع", "Branch supervisor", "supervisor", 1, 5, False),
    ("مدير الإدارة", "Head of department", "head", 2, 10, False),
    ("جهة التظلم المستقلة", "Independent complaints body", "head", 5, 30, True),
)


def upgrade() -> None:
    instances = op.create_table(
        "complaint_instance",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("acknowledge_days", sa.Integer(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("is_outside", sa.Boolean(), nullable=False),
        sa.Column("address_ar", sa.Text(), nullable=False),
        sa.Column("address_en", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("level", name=op.f("pk_complaint_instance")),
    )
    op.bulk_insert(
        instances,
        [
            {
                "level": level, "name_ar": name_ar, "name_en": name_en, "role": role,
                "acknowledge_days": acknowledge, "answer_days": answer, "is_outside": is_outside,
                "address_ar": "", "address_en": "", "is_active": True,
            }
            for level, (name_ar, name_en, role, acknowledge, answer, is_outside) in enumerate(INSTANCES, 1)
        ],
    )  # fmt: skip
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("is_place_known", sa.Boolean(), nullable=False),
        sa.Column("counter_number", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("wished", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_complaint_branch_id_branch")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_complaint_person_id_person")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_complaint_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("number", name=op.f("uq_complaint_number")),
        sa.UniqueConstraint("token", name=op.f("uq_complaint_token")),
    )
    op.create_index(op.f("ix_complaint_person_id"), "complaint", ["person_id"])
    op.create_index(op.f("ix_complaint_received_at"), "complaint", ["received_at"])
    op.create_index("ix_complaint_unit", "complaint", ["branch_id", "state"])
    op.create_table(
        "complaint_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("acknowledge_due_at", Moment(), nullable=False),
        sa.Column("answer_due_at", Moment(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", Moment(), nullable=True),
        sa.Column("assessed_at", Moment(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("cause_code", sa.Text(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cause_code"], ["cause.code"], name=op.f("fk_complaint_round_cause_code_cause")
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_round_complaint_id_complaint")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_complaint_round_owner_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_round")),
        sa.UniqueConstraint("complaint_id", "level", name=op.f("uq_complaint_round_complaint_id_level")),
    )
    op.create_index("ix_complaint_round_due", "complaint_round", ["answer_due_at"])
    op.create_table(
        "complaint_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_step_complaint_id_complaint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_step")),
    )
    op.create_index(op.f("ix_complaint_step_complaint_id"), "complaint_step", ["complaint_id"])


def downgrade() -> None:
    op.drop_table("complaint_step")
    op.drop_table("complaint_round")
    op.drop_table("complaint")
    op.drop_table("complaint_instance")
