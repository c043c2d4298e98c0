"""Questionnaires: their versions, who is asked, what was answered, and what is done about it."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None
DRAWN = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:

    op.create_table(
        "theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_theme"),
    )
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name="fk_questionnaire_department_id_department"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaire"),
        sa.UniqueConstraint("code", name="uq_questionnaire_code"),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("half_width", sa.Double(), nullable=False),
        sa.Column("expected_rate", sa.Double(), nullable=False),
        sa.Column("panels", sa.Integer(), nullable=False),
        sa.Column("spread_days", sa.Integer(), nullable=False),
        sa.Column("open_days", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("is_running", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name="fk_programme_department_id_department"
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name="fk_programme_questionnaire_id_questionnaire"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_programme"),
    )
    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["staff.id"], name="fk_questionnaire_version_published_by_id_staff"
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name="fk_questionnaire_version_questionnaire_id_questionnaire",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaire_version"),
        sa.UniqueConstraint(
            "questionnaire_id", "number", name="uq_questionnaire_version_questionnaire_id_number"
        ),
    )
    op.create_index(
        "uq_questionnaire_version_published",
        "questionnaire_version",
        ["questionnaire_id"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("panel", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("prepared_to", sa.Integer(), nullable=False),
        sa.Column("opens_at", Moment(), nullable=False),
        sa.Column("closes_at", Moment(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("spared", sa.Integer(), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_wave_programme_id_programme"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name="fk_wave_version_id_questionnaire_version"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wave"),
        sa.UniqueConstraint("programme_id", "from_on", name="uq_wave_programme_id_from_on"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("person_kind", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why_spared", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("send_after", Moment(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("closes_at", Moment(), nullable=False),
        sa.Column("answered_week", sa.Date(), nullable=True),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name="fk_invitation_branch_id_branch"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_invitation_person_id_person"),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name="fk_invitation_questionnaire_id_questionnaire"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name="fk_invitation_service_id_public_service"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name="fk_invitation_version_id_questionnaire_version",
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_invitation_wave_id_wave"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("questionnaire_id", "about", name="uq_invitation_questionnaire_id_about"),
        sa.UniqueConstraint("token", name="uq_invitation_token"),
        sa.UniqueConstraint("wave_id", "person_id", name="uq_invitation_wave_id_person_id"),
    )
    op.create_index(
        "ix_invitation_due",
        "invitation",
        ["send_after"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index("ix_invitation_person", "invitation", ["person_id", "asked_on"], unique=False)
    op.create_index(
        "ix_invitation_under_way",
        "invitation",
        ["closes_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('due', 'sent')"),
        postgresql_where=sa.text("state IN ('due', 'sent')"),
    )
    op.create_index("ix_invitation_week", "invitation", ["questionnaire_id", "week"], unique=False)
    op.create_table(
        "reflection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("heard_ar", sa.Text(), nullable=False),
        sa.Column("heard_en", sa.Text(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_reflection_wave_id_wave"),
        sa.ForeignKeyConstraint(["written_by_id"], ["staff.id"], name="fk_reflection_written_by_id_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_reflection"),
        sa.UniqueConstraint("wave_id", name="uq_reflection_wave_id"),
    )
    op.create_table(
        "response",
        sa.Column("id", DRAWN, autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=True),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("person_kind", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("stratum", sa.Text(), nullable=True),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name="fk_response_branch_id_branch"),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name="fk_response_questionnaire_id_questionnaire"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name="fk_response_service_id_public_service"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name="fk_response_version_id_questionnaire_version"
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_response_wave_id_wave"),
        sa.PrimaryKeyConstraint("id", name="pk_response"),
    )
    op.create_index("ix_response_branch", "response", ["branch_id", "week"], unique=False)
    op.create_index("ix_response_wave", "response", ["wave_id"], unique=False)
    op.create_index("ix_response_week", "response", ["questionnaire_id", "week"], unique=False)
    op.create_table(
        "answer",
        sa.Column("response_id", DRAWN, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name="fk_answer_response_id_response"),
        sa.PrimaryKeyConstraint("response_id", "question", "choice", name="pk_answer"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_answer_question", "answer", ["question", "series", "number"], unique=False)
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reflection_id", sa.Integer(), nullable=True),
        sa.Column("said_ar", sa.Text(), nullable=False),
        sa.Column("said_en", sa.Text(), nullable=False),
        sa.Column("will_ar", sa.Text(), nullable=False),
        sa.Column("will_en", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("obstacle_id", sa.Integer(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("did_ar", sa.Text(), nullable=True),
        sa.Column("did_en", sa.Text(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["obstacle_id"], ["obstacle.id"], name="fk_change_obstacle_id_obstacle"),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name="fk_change_owner_id_staff"),
        sa.ForeignKeyConstraint(
            ["reflection_id"], ["reflection.id"], name="fk_change_reflection_id_reflection"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    op.create_index("ix_change_reflection_id", "change", ["reflection_id"], unique=False)
    op.create_table(
        "comment",
        sa.Column("id", DRAWN, autoincrement=False, nullable=False),
        sa.Column("response_id", DRAWN, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name="fk_comment_response_id_response"),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
    )
    op.create_index("ix_comment_response_id", "comment", ["response_id"], unique=False)
    op.create_table(
        "comment_theme",
        sa.Column("comment_id", DRAWN, nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_comment_theme_comment_id_comment"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_comment_theme_staff_id_staff"),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name="fk_comment_theme_theme_id_theme"),
        sa.PrimaryKeyConstraint("comment_id", "theme_id", name="pk_comment_theme"),
    )


def downgrade() -> None:

    op.drop_table("comment_theme")
    op.drop_index("ix_comment_response_id", table_name="comment")
    op.drop_table("comment")
    op.drop_index("ix_change_reflection_id", table_name="change")
    op.drop_table("change")
    op.drop_index("ix_answer_question", table_name="answer")
    op.drop_table("answer")
    op.drop_index("ix_response_week", table_name="response")
    op.drop_index("ix_response_wave", table_name="response")
    op.drop_index("ix_response_branch", table_name="response")
    op.drop_table("response")
    op.drop_table("reflection")
    op.drop_index("ix_invitation_week", table_name="invitation")
    op.drop_index(
        "ix_invitation_under_way",
        table_name="invitation",
        sqlite_where=sa.text("state IN ('due', 'sent')"),
        postgresql_where=sa.text("state IN ('due', 'sent')"),
    )
    op.drop_index("ix_invitation_person", table_name="invitation")
    op.drop_index(
        "ix_invitation_due",
        table_name="invitation",
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.drop_table("invitation")
    op.drop_table("wave")
    op.drop_index(
        "uq_questionnaire_version_published",
        table_name="questionnaire_version",
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.drop_table("questionnaire_version")
    op.drop_table("programme")
    op.drop_table("questionnaire")
    op.drop_table("theme")
