"""What somebody answered in the guide before they came, in the words of that day; nothing may change it."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guided_way",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("walked_at", Moment(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_guided_way_scenario_id_scenario")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["public_service.id"], name=op.f("fk_guided_way_service_id_public_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guided_way")),
        sa.UniqueConstraint("about", name=op.f("uq_guided_way_about")),
    )
    begin = "CREATE TRIGGER guided_way_stays BEFORE UPDATE ON guided_way"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{begin} BEGIN SELECT RAISE(ABORT, 'rows of guided_way are only ever added'); END")
    else:
        op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    op.drop_table("guided_way")
