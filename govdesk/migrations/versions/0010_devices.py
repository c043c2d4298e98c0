"""Devices of branches, slips, wishes to be called back; how many may walk in and how long they may wait."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ORIGINAL = sa.text("NOT is_copy")
OPEN = sa.text("settled_at IS NULL")


def upgrade() -> None:
    moment = govdesk.db.Moment(timezone=True)
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registered_at", moment, nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=True),
        sa.Column("code_until", moment, nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("paired_at", moment, nullable=True),
        sa.Column("seen_at", moment, nullable=True),
        sa.Column("revoked_at", moment, nullable=True),
        sa.Column("printing", sa.Text(), nullable=False),
        sa.Column("printer", sa.Text(), nullable=False),
        sa.Column("is_paper_only", sa.Boolean(), nullable=False),
        sa.Column("printer_failed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_device_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_device_code_digest")),
        sa.UniqueConstraint("digest", name=op.f("uq_device_digest")),
    )
    op.create_index("ix_device_branch_id", "device", ["branch_id"])
    op.create_table(
        "slip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("is_copy", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_slip_device_id_device")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_slip_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip")),
    )
    op.create_index("ix_slip_ticket_id", "slip", ["ticket_id"])
    op.create_index(
        "uq_slip_original",
        "slip",
        ["ticket_id"],
        unique=True,
        sqlite_where=ORIGINAL,
        postgresql_where=ORIGINAL,
    )
    op.create_table(
        "call_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wished_at", moment, nullable=False),
        sa.Column("settled_at", moment, nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_call_back_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_call_back_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_call_back_settled_by_staff")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_call_back_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_call_back_ticket_id")),
    )
    op.create_index(
        "ix_call_back_open", "call_back", ["branch_id", "wished_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.add_column(
        "branch", sa.Column("demands_devices", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("branch", sa.Column("printer", sa.Text(), nullable=False, server_default=""))
    op.add_column("branch_service", sa.Column("daily_walkins", sa.Integer(), nullable=True))
    op.add_column("branch_service", sa.Column("longest_wait_minutes", sa.Integer(), nullable=True))
    op.add_column(
        "branch_service", sa.Column("kept_for_hall", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    for column in ("kept_for_hall", "longest_wait_minutes", "daily_walkins"):
        op.drop_column("branch_service", column)
    for column in ("printer", "demands_devices"):
        op.drop_column("branch", column)
    for table in ("call_back", "slip", "device"):
        op.drop_table(table)
