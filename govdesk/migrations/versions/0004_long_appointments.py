"""Appointments of several slots, of several kinds, together with others; what a person says of them."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXED = ("contact_digest", "visit_reference")


def _columns() -> list[sa.Column]:
    return [
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False, server_default="on_site"),
        sa.Column("visit_reference", sa.Text(), nullable=True),
        sa.Column("is_extended", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("interpreter", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False, server_default="none"),
        sa.Column("home_address", sa.Text(), nullable=True),
        sa.Column("contact_digest", sa.Text(), nullable=True),
        sa.Column("verified_at", govdesk.db.Moment(timezone=True), nullable=True),
        sa.Column("forwarded_at", govdesk.db.Moment(timezone=True), nullable=True),
        sa.Column("wants_earlier", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("coming_at", govdesk.db.Moment(timezone=True), nullable=True),
        sa.Column("late_minutes", sa.Integer(), nullable=True),
    ]


def upgrade() -> None:
    # not in batches: SQLite would make these tables anew, and other rows hang on theirs
    for column in _columns():
        op.add_column("appointment", column)
    for name in INDEXED:
        op.create_index(f"ix_appointment_{name}", "appointment", [name])
    op.add_column(
        "public_service",
        sa.Column("interpreter_minutes", sa.Integer(), nullable=False, server_default="10"),
    )
    op.add_column(
        "branch_service", sa.Column("kinds", sa.JSON(), nullable=False, server_default='["on_site"]')
    )
    op.create_table(
        "appointment_slot",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_appointment_slot_appointment_id_appointment"),
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_appointment_slot_slot_id_slot")),
        sa.PrimaryKeyConstraint("appointment_id", "slot_id", name=op.f("pk_appointment_slot")),
    )
    op.create_index("ix_appointment_slot_slot_id", "appointment_slot", ["slot_id"])


def downgrade() -> None:
    op.drop_table("appointment_slot")
    op.drop_column("branch_service", "kinds")
    op.drop_column("public_service", "interpreter_minutes")
    for name in INDEXED:
        op.drop_index(f"ix_appointment_{name}", "appointment")
    for column in reversed(_columns()):
        op.drop_column("appointment", column.name)
