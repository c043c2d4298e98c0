"""Whose visits are: how they were linked, persons known twice, relations; skills that end, coaching."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KNOWLEDGE = ("missing_document", "wrong_information", "unclear_letter")
LINKS = (("certain", "identity"), ("probable", "contact"), ("imported", "import"))
TABLES = ("coaching_item", "skill", "person_merge", "link_change", "relation")


def upgrade() -> None:
    # not in batches: SQLite would make these tables anew, and other rows hang on theirs
    for table, column in (("person", "same_as_id"), ("visit", "named_id")):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_{table}_{column}_person REFERENCES person (id)"
        )
    op.create_index(op.f("ix_person_same_as_id"), "person", ["same_as_id"])
    op.add_column("visit", sa.Column("linked_by", sa.Text(), nullable=True))
    op.add_column("visit", sa.Column("by_hand", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index(op.f("ix_visit_named_id"), "visit", ["named_id"])
    for certainty, link in LINKS:
        people = (
            sa.select(sa.column("id"))
            .select_from(sa.table("person"))
            .where(sa.column("certainty") == certainty)
        )
        visit = sa.table("visit", sa.column("linked_by"), sa.column("person_id"))
        op.execute(visit.update().where(visit.c.person_id.in_(people)).values(linked_by=link))
    op.add_column("public_service", sa.Column("object_kind", sa.Text(), nullable=True))
    op.add_column("cause", sa.Column("is_knowledge", sa.Boolean(), nullable=False, server_default=sa.false()))
    cause = sa.table("cause", sa.column("code"), sa.column("is_knowledge"))
    op.execute(cause.update().where(cause.c.code.in_(KNOWLEDGE)).values(is_knowledge=sa.true()))
    _create_relations()
    _create_links()
    _create_training()


def _create_relations() -> None:
    op.create_table(
        "relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("beneficiary_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("noted_at", Moment(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["person.id"], name=op.f("fk_relation_agent_id_person")),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["person.id"], name=op.f("fk_relation_beneficiary_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
    )
    op.create_index(op.f("ix_relation_agent_id"), "relation", ["agent_id"])
    op.create_index(op.f("ix_relation_beneficiary_id"), "relation", ["beneficiary_id"])


def _create_links() -> None:
    op.create_table(
        "link_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("visit_no", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_change")),
    )
    op.create_index("ix_link_change_visit", "link_change", ["source", "visit_no"])
    op.create_table(
        "person_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_person_merge_kept_id_person")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_person_merge_other_id_person")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_person_merge_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index(op.f("ix_person_merge_kept_id"), "person_merge", ["kept_id"])
    op.create_index(op.f("ix_person_merge_other_id"), "person_merge", ["other_id"])
    op.create_index(op.f("ix_person_merge_branch_id"), "person_merge", ["branch_id"])
    stands = sa.text("state IN ('proposed', 'confirmed')")
    op.create_index(
        "uq_person_merge_other",
        "person_merge",
        ["other_id"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )


def _create_training() -> None:
    op.create_table(
        "skill",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("ends_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_skill_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_skill_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_skill_branch_id_branch")),
        sa.PrimaryKeyConstraint("staff_id", "service_id", name=op.f("pk_skill")),
    )
    op.create_index(op.f("ix_skill_ends_at"), "skill", ["ends_at"])
    op.create_table(
        "coaching_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("cause_code", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=True),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("agreed_at", Moment(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("failures_then", sa.Integer(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_coaching_item_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_coaching_item_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["cause_code"], ["cause.code"], name=op.f("fk_coaching_item_cause_code_cause")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_coaching_item_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_coaching_item_scenario_id_scenario")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_item")),
    )
    op.create_index("ix_coaching_item_unit", "coaching_item", ["branch_id", "department_id"])
    is_open = sa.text("done_at IS NULL")
    op.create_index(
        "uq_coaching_item_open",
        "coaching_item",
        ["branch_id", "cause_code", "service_id", "scenario_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("cause", "is_knowledge")
    op.drop_column("public_service", "object_kind")
    op.drop_index(op.f("ix_visit_named_id"), "visit")
    for column in ("by_hand", "linked_by", "named_id"):
        op.drop_column("visit", column)
    op.drop_index(op.f("ix_person_same_as_id"), "person")
    op.drop_column("person", "same_as_id")
