"""Dispatch policies of branches, what officers can do, calls by hand; by which class a ticket is called."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
CALLED = sa.text("called_at IS NOT NULL")
LINES = ["branch_id", "call_class", "service_id", "language", "order_at", "id"]


def upgrade() -> None:
    moment = govdesk.db.Moment(timezone=True)
    op.create_table(
        "dispatch_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_dispatch_policy_branch_id_branch")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["staff.id"], name=op.f("fk_dispatch_policy_made_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_policy")),
        sa.UniqueConstraint("branch_id", "version", name=op.f("uq_dispatch_policy_branch_id_version")),
    )
    op.create_table(
        "work_profile",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("service_ids", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_work_profile_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_work_profile")),
    )
    op.create_table(
        "hand_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("overtook", sa.Integer(), nullable=False),
        sa.Column("overtaken", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_hand_call_branch_id_branch")),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_hand_call_counter_id_counter")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_hand_call_staff_id_staff")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_hand_call_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_call")),
    )
    op.create_index("ix_hand_call_branch_id_at", "hand_call", ["branch_id", "at"])
    op.create_index(op.f("ix_hand_call_ticket_id"), "hand_call", ["ticket_id"])
    for name in ("is_displaced", "is_our_mistake"):
        op.add_column("ticket", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("ticket", sa.Column("call_class", sa.Text(), nullable=False, server_default="walk_in"))
    op.execute("UPDATE ticket SET call_class = 'appointment' WHERE appointment_id IS NOT NULL")
    op.execute("UPDATE ticket SET call_class = 'priority' WHERE priority <> 'none'")
    op.create_index("ix_ticket_lines", "ticket", LINES, sqlite_where=WAITING, postgresql_where=WAITING)
    called = ["branch_id", "called_at", "id"]
    op.create_index("ix_ticket_called", "ticket", called, sqlite_where=CALLED, postgresql_where=CALLED)


def downgrade() -> None:
    op.drop_index("ix_ticket_called", "ticket")
    op.drop_index("ix_ticket_lines", "ticket")
    for name in ("call_class", "is_our_mistake", "is_displaced"):
        op.drop_column("ticket", name)
    for table in ("hand_call", "work_profile", "dispatch_policy"):
        op.drop_table(table)
