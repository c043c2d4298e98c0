"""Facts of cases: when time alone changes a cell, cases found by the day they opened, and their policies.

The marks are made as those of 0059 are; a case's own table makes them there already.
"""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

MOMENT = {
    "sqlite": "substr(c.opened_at, 1, 16)",
    "postgresql": "to_char(c.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
}
ACTS = (("came", "INSERT", "NEW"), ("is", "UPDATE OF policy_version", "NEW"), ("went", "DELETE", "OLD"))
CHANGES = sa.text("changes_at IS NOT NULL")


def upgrade() -> None:
    """Add the column, the index and the marks."""
    op.add_column("fact_cell", sa.Column("changes_at", Moment(), nullable=True))
    op.create_index(
        "ix_fact_cell_changes", "fact_cell", ["family", "changes_at"],
        sqlite_where=CHANGES, postgresql_where=CHANGES,
    )  # fmt: skip
    op.create_index("ix_case_file_day", "case_file", ["opened_at"])
    if not _is_sqlite():
        op.execute(
            "CREATE FUNCTION mark_case_desk() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF TG_OP = 'DELETE' THEN {_body('OLD')} ELSE {_body('NEW')} END IF; RETURN NULL; END $$"
        )
    for name, act, row in ACTS:
        does = f"BEGIN {_body(row)} END" if _is_sqlite() else "FOR EACH ROW EXECUTE FUNCTION mark_case_desk()"
        op.execute(f"CREATE TRIGGER case_desk_{name}_counted AFTER {act} ON case_desk {does}")


def downgrade() -> None:
    """Take them away."""
    for name, _act, _row in ACTS:
        op.execute(f"DROP TRIGGER case_desk_{name}_counted" + ("" if _is_sqlite() else " ON case_desk"))
    if not _is_sqlite():
        op.execute("DROP FUNCTION mark_case_desk()")
    op.drop_index("ix_case_file_day", table_name="case_file")
    op.drop_index("ix_fact_cell_changes", table_name="fact_cell")
    op.drop_column("fact_cell", "changes_at")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _body(row: str) -> str:
    moment = MOMENT[op.get_bind().dialect.name]
    what = f"SELECT 'case', {moment}, coalesce(c.branch_id, 0) FROM case_file c WHERE c.id = {row}.case_id"  # noqa: S608 - our own words
    once = f"DELETE FROM fact_mark WHERE (kind, at, branch_id) IN ({what}); " if _is_sqlite() else ""  # noqa: S608
    return f"{once}INSERT INTO fact_mark (kind, at, branch_id) {what};"  # noqa: S608
