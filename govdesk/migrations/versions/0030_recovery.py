"""Recovery: tasks, what opened them, what was done, and the catalogue of redress."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

REDRESS = (  # names, whether it has a cost, and the limits of front, supervisor and head
    ("priority_place", "مكان متقدّم في الزيارة القادمة", "A priority place at the next visit", False, 0, 0, 0),
    ("written_apology", "اعتذار مكتوب", "A written apology", False, None, 0, 0),
    ("home_delivery", "توصيل الوثيقة إلى المنزل", "Delivery of the document to the home", True, 50, 100, 300),
    ("fee_refund", "طلب ردّ الرسوم", "A request to refund the fee", True, 100, 500, 5000),
    ("done_without_visit", "إنجاز المعاملة بلا زيارة", "The matter finished without a visit", False, 0, 0, 0),
    ("callback", "متابعة بالهاتف من موظف مسمّى", "A named officer who follows up by phone", False, 0, 0, 0),
)


def upgrade() -> None:
    kinds = op.create_table(
        "redress_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("has_cost", sa.Boolean(), nullable=False),
        sa.Column("front_limit", sa.Integer(), nullable=True),
        sa.Column("supervisor_limit", sa.Integer(), nullable=True),
        sa.Column("head_limit", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_redress_kind")),
    )
    op.bulk_insert(
        kinds,
        [
            {
                "code": code, "name_ar": name_ar, "name_en": name_en, "position": place, "has_cost": has_cost,
                "front_limit": front, "supervisor_limit": supervisor, "head_limit": head, "is_active": True,
            }
            for place, (code, name_ar, name_en, has_cost, front, supervisor, head) in enumerate(REDRESS, 1)
        ],
    )  # fmt: skip
    op.create_table(
        "recovery_deadline",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("working_hours", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_recovery_deadline")),
    )
    op.create_table(
        "recovery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("apologised_at", Moment(), nullable=True),
        sa.Column("escalated_to", sa.Text(), nullable=True),
        sa.Column("escalated_at", Moment(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("heard_by_id", sa.Integer(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("first_due_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_recovery_branch_id_branch")),
        sa.ForeignKeyConstraint(["heard_by_id"], ["staff.id"], name=op.f("fk_recovery_heard_by_id_staff")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_recovery_owner_id_staff")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_person_id_person")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_recovery_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("token", name=op.f("uq_recovery_token")),
    )
    op.create_index(
        "ix_recovery_due",
        "recovery",
        ["due_at"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_recovery_owner_id"), "recovery", ["owner_id"])
    op.create_index("ix_recovery_unit", "recovery", ["branch_id", "closed_at"])
    op.create_index(
        "uq_recovery_open",
        "recovery",
        ["person_id", "need"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "recovery_trigger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("weigh_at", Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("spared", sa.Text(), nullable=True),
        sa.Column("recovery_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_recovery_trigger_branch_id_branch")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_recovery_trigger_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recovery.id"], name=op.f("fk_recovery_trigger_recovery_id_recovery")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_recovery_trigger_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_trigger")),
        sa.UniqueConstraint("kind", "source", name=op.f("uq_recovery_trigger_kind_source")),
    )
    op.create_index(op.f("ix_recovery_trigger_person_id"), "recovery_trigger", ["person_id"])
    op.create_index(op.f("ix_recovery_trigger_recovery_id"), "recovery_trigger", ["recovery_id"])
    op.create_index(
        "ix_recovery_trigger_waiting",
        "recovery_trigger",
        ["weigh_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "recovery_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recovery_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("is_reached", sa.Boolean(), nullable=True),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recovery.id"], name=op.f("fk_recovery_step_recovery_id_recovery")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_step")),
    )
    op.create_index(op.f("ix_recovery_step_recovery_id"), "recovery_step", ["recovery_id"])
    op.create_table(
        "redress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recovery_id", sa.Integer(), nullable=False),
        sa.Column("kind_code", sa.Text(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("needed", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["kind_code"], ["redress_kind.code"], name=op.f("fk_redress_kind_code_redress_kind")
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recovery.id"], name=op.f("fk_redress_recovery_id_recovery")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redress")),
    )
    op.create_index(op.f("ix_redress_recovery_id"), "redress", ["recovery_id"])


def downgrade() -> None:
    op.drop_table("redress")
    op.drop_table("recovery_step")
    op.drop_table("recovery_trigger")
    op.drop_table("recovery")
    op.drop_table("recovery_deadline")
    op.drop_table("redress_kind")
