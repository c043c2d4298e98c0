"""Which ticket ended a visit of several, and the cause that a repeat is charged to.

Causes of what is there are filled in as they were counted before; `govdesk kpi rebuild` brings the rest.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

FAILURES = (
    "chase", "missing_document", "wrong_information", "office_error", "system_down", "not_ready",
    "unclear_letter", "citizen_side",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("visit", sa.Column("closing_visit_id", sa.Integer(), nullable=True))
    op.add_column("visit", sa.Column("return_cause", sa.Text(), nullable=True))
    visit = sa.table(
        "visit", *(sa.column(name) for name in ("id", "reason", "cause", "source", "class_name")),
        sa.column("charged_visit_id"), sa.column("return_cause"),
    )  # fmt: skip
    first = visit.alias()
    written = sa.select(first.c.cause).where(first.c.id == visit.c.charged_visit_id).scalar_subquery()
    is_said = visit.c.reason.in_(FAILURES) | ((visit.c.source == "live") & visit.c.reason.is_not(None))
    op.execute(
        visit.update()
        .where(visit.c.class_name == "repeat")
        .values(return_cause=sa.case((is_said, visit.c.reason), else_=written))
    )


def downgrade() -> None:
    op.drop_column("visit", "return_cause")
    op.drop_column("visit", "closing_visit_id")
