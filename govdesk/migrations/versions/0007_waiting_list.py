"""The waiting list: who waits for a place, what was offered, and why somebody was passed by."""

import sqlalchemy as sa
from alembic import op

import govdesk.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('waiting', 'offered')")
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    moment = govdesk.db.Moment(timezone=True)
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("link_token", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("branch_ids", sa.JSON(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("interpreter", sa.Text(), nullable=True),
        sa.Column("scenario_id", sa.Integer(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("is_displaced", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("contact_digest", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("joined_at", moment, nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.Column("noticed_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{table}.id"], name=op.f(f"fk_waiting_entry_{name}_id_{table}"))
            for name, table in (
                ("service", "public_service"), ("person", "person"), ("appointment", "appointment"),
                ("scenario", "scenario"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.UniqueConstraint("reference", name=op.f("uq_waiting_entry_reference")),
        sa.UniqueConstraint("link_token", name=op.f("uq_waiting_entry_link_token")),
    )
    op.create_index("ix_waiting_entry_appointment_id", "waiting_entry", ["appointment_id"])
    op.create_index("ix_waiting_entry_contact_digest", "waiting_entry", ["contact_digest"])
    op.create_index("ix_waiting_entry_line", "waiting_entry", ["service_id", "state"])
    op.create_index(
        "uq_waiting_entry_live", "waiting_entry", ["person_id", "service_id"], unique=True,
        sqlite_where=LIVE, postgresql_where=LIVE,
    )
    op.create_table(
        "place_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("offered_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["waiting_entry.id"], name=op.f("fk_place_offer_entry_id_waiting_entry")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_place_offer_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_offer")),
        sa.UniqueConstraint("token", name=op.f("uq_place_offer_token")),
    )
    op.create_index("ix_place_offer_entry_id", "place_offer", ["entry_id"])
    op.create_index("ix_place_offer_expires_at", "place_offer", ["expires_at"])
    op.create_index(
        "uq_place_offer_open", "place_offer", ["entry_id"], unique=True,
        sqlite_where=OPEN, postgresql_where=OPEN,
    )
    op.create_table(
        "waiting_skip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("place_on", sa.Date(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["waiting_entry.id"], name=op.f("fk_waiting_skip_entry_id_waiting_entry")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_waiting_skip_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_skip")),
        sa.UniqueConstraint("entry_id", "reason", "place_on", name=op.f("uq_waiting_skip_entry_id_reason_place_on")),
    )


def downgrade() -> None:
    op.drop_table("waiting_skip")
    op.drop_table("place_offer")
    op.drop_table("waiting_entry")
