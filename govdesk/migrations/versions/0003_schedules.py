"""schedules: weeks, kept places, exceptions, seasons, displaced people."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "season",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_season_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season")),
    )
    op.create_index(op.f("ix_season_branch_id"), "season", ["branch_id"])
    op.create_table(
        "season_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("season_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name=op.f("fk_season_hours_season_id_season")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_hours")),
    )
    op.create_index(op.f("ix_season_hours_season_id"), "season_hours", ["season_id"])
    with op.batch_alter_table("slot_schedule") as batch_op:
        batch_op.add_column(sa.Column("name_ar", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("name_en", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("every_weeks", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("anchor", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("nth_weeks", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("kept_walkins", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("kept_staff", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "schedule_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("schedule_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_schedule_exception_branch_id_branch")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_schedule_exception_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["slot_schedule.id"], name=op.f("fk_schedule_exception_schedule_id_slot_schedule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_exception")),
    )
    op.create_index(op.f("ix_schedule_exception_branch_id"), "schedule_exception", ["branch_id"])
    with op.batch_alter_table("slot") as batch_op:
        batch_op.add_column(sa.Column("kept_staff", sa.Integer(), nullable=False, server_default="0"))
        batch_op.drop_constraint(op.f("ck_slot_within_capacity"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_slot_within_capacity"), "booked >= 0 AND booked <= capacity + kept_staff"
        )
    op.create_table(
        "displacement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("was_at", govdesk.db.Moment(timezone=True), nullable=False),
        sa.Column("moved_to", govdesk.db.Moment(timezone=True), nullable=True),
        sa.Column("reason_ar", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("needs_call", sa.Boolean(), nullable=False),
        sa.Column("made_at", govdesk.db.Moment(timezone=True), nullable=False),
        sa.Column("settled_at", govdesk.db.Moment(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_displacement_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_displacement_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_displacement")),
    )
    op.create_index(op.f("ix_displacement_appointment_id"), "displacement", ["appointment_id"])
    op.create_index(op.f("ix_displacement_branch_id"), "displacement", ["branch_id"])


def downgrade() -> None:
    op.drop_table("displacement")
    # who was booked into a place kept for staff keeps it
    op.execute("UPDATE slot SET capacity = booked WHERE booked > capacity")
    with op.batch_alter_table("slot") as batch_op:
        batch_op.drop_constraint(op.f("ck_slot_within_capacity"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_slot_within_capacity"), "booked >= 0 AND booked <= capacity"
        )
        batch_op.drop_column("kept_staff")
    op.drop_table("schedule_exception")
    with op.batch_alter_table("slot_schedule") as batch_op:
        for column in (
            "kept_staff", "kept_walkins", "nth_weeks", "anchor", "every_weeks", "name_en", "name_ar"
        ):
            batch_op.drop_column(column)
    op.drop_table("season_hours")
    op.drop_table("season")
