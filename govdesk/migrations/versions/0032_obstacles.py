"""What stops good service: obstacles, what they are linked to, who meets them, their history and posters."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "obstacle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=True),
        sa.Column("raised_name", sa.Text(), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("escalated_to_id", sa.Integer(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("what_changed", sa.Text(), nullable=True),
        sa.Column("reopened_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"], ["staff.id"], name=op.f("fk_obstacle_assigned_to_id_staff")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_obstacle_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_obstacle_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["escalated_to_id"], ["staff.id"], name=op.f("fk_obstacle_escalated_to_id_staff")
        ),
        sa.ForeignKeyConstraint(["raised_by_id"], ["staff.id"], name=op.f("fk_obstacle_raised_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle")),
    )
    op.create_index(op.f("ix_obstacle_assigned_to_id"), "obstacle", ["assigned_to_id"])
    op.create_index(op.f("ix_obstacle_escalated_to_id"), "obstacle", ["escalated_to_id"])
    op.create_index("ix_obstacle_state_raised", "obstacle", ["state", "raised_at"])
    op.create_table(
        "obstacle_link",
        sa.Column("obstacle_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["obstacle_id"], ["obstacle.id"], name=op.f("fk_obstacle_link_obstacle_id_obstacle")
        ),
        sa.PrimaryKeyConstraint("obstacle_id", "kind", "code", name=op.f("pk_obstacle_link")),
    )
    op.create_table(
        "obstacle_support",
        sa.Column("obstacle_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["obstacle_id"], ["obstacle.id"], name=op.f("fk_obstacle_support_obstacle_id_obstacle")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_obstacle_support_staff_id_staff")),
        sa.PrimaryKeyConstraint("obstacle_id", "staff_id", name=op.f("pk_obstacle_support")),
    )
    op.create_table(
        "obstacle_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obstacle_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["obstacle_id"], ["obstacle.id"], name=op.f("fk_obstacle_event_obstacle_id_obstacle")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_obstacle_event_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle_event")),
    )
    op.create_index("ix_obstacle_event_obstacle", "obstacle_event", ["obstacle_id", "at"])
    op.create_table(
        "obstacle_poster",
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_obstacle_poster_branch_id_branch")
        ),
        sa.PrimaryKeyConstraint("branch_id", name=op.f("pk_obstacle_poster")),
        sa.UniqueConstraint("token", name=op.f("uq_obstacle_poster_token")),
    )


def downgrade() -> None:
    op.drop_table("obstacle_poster")
    op.drop_index("ix_obstacle_event_obstacle", "obstacle_event")
    op.drop_table("obstacle_event")
    op.drop_table("obstacle_support")
    op.drop_table("obstacle_link")
    op.drop_index("ix_obstacle_state_raised", "obstacle")
    op.drop_index(op.f("ix_obstacle_escalated_to_id"), "obstacle")
    op.drop_index(op.f("ix_obstacle_assigned_to_id"), "obstacle")
    op.drop_table("obstacle")
