"""The guide: questions, scenarios, their papers, and where a scenario goes along."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("appointment", "ticket", "visit")


def upgrade() -> None:
    op.create_table(
        "guide_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("hint_ar", sa.Text(), nullable=False),
        sa.Column("hint_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_guide_question_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_question")),
        sa.UniqueConstraint("service_id", "code", name=op.f("uq_guide_question_service_id_code")),
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("advice_ar", sa.Text(), nullable=False),
        sa.Column("advice_en", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("keywords_ar", sa.Text(), nullable=False),
        sa.Column("keywords_en", sa.Text(), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_scenario_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("service_id", "code", name=op.f("uq_scenario_service_id_code")),
    )
    op.create_table(
        "avoided_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("noted_at", govdesk.db.Moment(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_avoided_visit_scenario_id_scenario")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_avoided_visit_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avoided_visit")),
    )
    with op.batch_alter_table("avoided_visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_avoided_visit_day"), ["day"], unique=False)

    op.create_table(
        "guide_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("next_question_id", sa.Integer(), nullable=True),
        sa.Column("scenario_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(next_question_id IS NULL) <> (scenario_id IS NULL)", name=op.f("ck_guide_answer_leads_to_one")
        ),
        sa.ForeignKeyConstraint(
            ["next_question_id"],
            ["guide_question.id"],
            name=op.f("fk_guide_answer_next_question_id_guide_question"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["guide_question.id"], name=op.f("fk_guide_answer_question_id_guide_question")
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_guide_answer_scenario_id_scenario")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_answer")),
        sa.UniqueConstraint("question_id", "code", name=op.f("uq_guide_answer_question_id_code")),
    )
    with op.batch_alter_table("guide_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_guide_answer_next_question_id"), ["next_question_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_guide_answer_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "scenario_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("how_ar", sa.Text(), nullable=False),
        sa.Column("how_en", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_paper_scenario_id_scenario")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_paper")),
        sa.UniqueConstraint("scenario_id", "code", name=op.f("uq_scenario_paper_scenario_id_code")),
    )
    op.create_table(
        "missing_paper",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("noted_at", govdesk.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["scenario_paper.id"], name=op.f("fk_missing_paper_paper_id_scenario_paper")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_missing_paper_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", "paper_id", name=op.f("pk_missing_paper")),
    )
    op.create_table(
        "unforeseen_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("noted_at", govdesk.db.Moment(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", govdesk.db.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_unforeseen_reason_scenario_id_scenario")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_unforeseen_reason_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_unforeseen_reason_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unforeseen_reason")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_unforeseen_reason_ticket_id")),
    )
    with op.batch_alter_table("unforeseen_reason", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unforeseen_reason_service_id"), ["service_id"], unique=False)

    # not in batches: SQLite would make these tables anew, and other rows hang on theirs
    for table in TABLES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN scenario_id INTEGER "
            f"CONSTRAINT fk_{table}_scenario_id_scenario REFERENCES scenario (id)"
        )
    op.add_column("visit", sa.Column("missing_papers", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "missing_papers")
    for table in TABLES:
        op.drop_column(table, "scenario_id")
    with op.batch_alter_table("unforeseen_reason", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unforeseen_reason_service_id"))

    op.drop_table("unforeseen_reason")
    op.drop_table("missing_paper")
    op.drop_table("scenario_paper")
    with op.batch_alter_table("guide_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guide_answer_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_guide_answer_next_question_id"))

    op.drop_table("guide_answer")
    with op.batch_alter_table("avoided_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_avoided_visit_day"))

    op.drop_table("avoided_visit")
    op.drop_table("scenario")
    op.drop_table("guide_question")
