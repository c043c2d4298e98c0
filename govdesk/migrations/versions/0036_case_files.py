"""The file of a case: its own history, its present, what was asked; promised days by version."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def upgrade() -> None:
    op.create_table(
        "resolve_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("resolve_days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_resolve_policy_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolve_policy")),
        sa.UniqueConstraint("service_id", "version", name=op.f("uq_resolve_policy_service_id_version")),
    )
    op.create_table(
        "case_desk",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("resolve_days", sa.Integer(), nullable=True),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_case_desk_branch_id_branch")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_desk_case_id_case_file")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_case_desk_owner_id_staff")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_desk")),
    )
    op.create_index(op.f("ix_case_desk_owner_id"), "case_desk", ["owner_id"])
    op.create_index(op.f("ix_case_desk_branch_id"), "case_desk", ["branch_id"])
    op.create_table(
        "case_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_case_act_branch_id_branch")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_act_case_id_case_file")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_case_act_owner_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_act")),
    )
    op.create_index("ix_case_act_case_id", "case_act", ["case_id", "at"])
    op.create_table(
        "case_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("pause_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["case_act.id"], name=op.f("fk_case_ask_act_id_case_act")),
        sa.ForeignKeyConstraint(
            ["pause_id"], ["case_pause.id"], name=op.f("fk_case_ask_pause_id_case_pause")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_ask")),
        sa.UniqueConstraint("act_id", name=op.f("uq_case_ask_act_id")),
        sa.UniqueConstraint("pause_id", name=op.f("uq_case_ask_pause_id")),
        sa.UniqueConstraint("token", name=op.f("uq_case_ask_token")),
    )
    _take_over()


def _take_over() -> None:
    """What each service promises now is its first version, and every live case has a present."""
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO resolve_policy (service_id, version, since, resolve_days)"
            " SELECT id, 1, :since, resolve_days FROM public_service"
        ).bindparams(sa.bindparam("since", LONG_AGO, type_=Moment()))
    )
    connection.execute(
        sa.text(
            "INSERT INTO case_desk (case_id, policy_version, resolve_days, due_at, rung)"
            " SELECT c.id, 1, s.resolve_days, c.due_at, 0 FROM case_file c"
            " JOIN public_service s ON s.id = c.service_id WHERE c.source = 'live'"
        )
    )


def downgrade() -> None:
    op.drop_table("case_ask")
    op.drop_table("case_act")
    op.drop_table("case_desk")
    op.drop_table("resolve_policy")
