"""A place ahead in the line, promised to somebody whom we failed."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place_ahead",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("given_at", Moment(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_place_ahead_person_id_person")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_place_ahead_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_ahead")),
        sa.UniqueConstraint("about", name=op.f("uq_place_ahead_about")),
    )
    op.create_index("ix_place_ahead_person", "place_ahead", ["person_id", "family"])
    op.create_index(op.f("ix_place_ahead_ticket_id"), "place_ahead", ["ticket_id"])
    op.add_column(
        "redress_kind",
        sa.Column("gives_place", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    with op.batch_alter_table("redress_kind") as kinds:
        kinds.alter_column("gives_place", server_default=None)
    kind = sa.table("redress_kind", sa.column("code"), sa.column("gives_place"))
    op.execute(kind.update().where(kind.c.code == "priority_place").values(gives_place=sa.true()))


def downgrade() -> None:
    op.drop_column("redress_kind", "gives_place")
    op.drop_table("place_ahead")
