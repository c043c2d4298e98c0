"""Promises that staff make to people, with their histories."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("object_ref", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("reminded_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_commitment_branch_id_branch")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_commitment_made_by_id_staff")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_commitment_owner_id_staff")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_commitment_person_id_person")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_commitment_service_id_public_service")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_commitment_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    op.create_index(
        "ix_commitment_open", "commitment", ["due_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_commitment_owner", "commitment", ["owner_id", "state"])
    op.create_index("ix_commitment_place", "commitment", ["branch_id", "due_on"])
    op.create_index(op.f("ix_commitment_person_id"), "commitment", ["person_id"])
    op.create_index(op.f("ix_commitment_ticket_id"), "commitment", ["ticket_id"])
    op.create_table(
        "commitment_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_event_commitment_id_commitment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_event")),
    )
    op.create_index(op.f("ix_commitment_event_commitment_id"), "commitment_event", ["commitment_id"])


def downgrade() -> None:
    op.drop_table("commitment_event")
    op.drop_table("commitment")
