"""Returns: the person's words, what a unit learnt from its failures, help offered before coming again."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

ASKED = sa.text("state = 'asked'")


def upgrade() -> None:
    op.create_table(
        "return_words",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("noted_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_return_words_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_return_words")),
    )
    op.create_table(
        "failure_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("visit_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_failure_note_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failure_note")),
    )
    op.create_index("ix_failure_note_visit", "failure_note", ["source", "visit_no"])
    op.create_table(
        "help_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("last_source", sa.Text(), nullable=False),
        sa.Column("last_visit_no", sa.Text(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_help_offer_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_help_offer_branch_id_branch")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_help_offer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_help_offer_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_offer")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_help_offer_appointment_id")),
    )
    op.create_index(
        "ix_help_offer_asked", "help_offer", ["branch_id"], sqlite_where=ASKED, postgresql_where=ASKED
    )
    op.create_index(op.f("ix_help_offer_person_id"), "help_offer", ["person_id"])
    op.create_table(
        "help_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["help_offer.id"], name=op.f("fk_help_step_offer_id_help_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_step")),
    )
    op.create_index(op.f("ix_help_step_offer_id"), "help_step", ["offer_id"])


def downgrade() -> None:
    op.drop_table("help_step")
    op.drop_table("help_offer")
    op.drop_table("failure_note")
    op.drop_table("return_words")
