"""On PostgreSQL an answer that is given finds its response by its number.

A function keeps the plan it was first run with. Joined with the rows of a statement, responses were read from
end to end at every answer wherever they had been few on the day the plan was made.
"""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

IS_READ = "v.id = r.response_id AND (v.is_settled OR v.source <> 'live')"
JOINED = f"response v, changed r WHERE {IS_READ}"
# OFFSET keeps the lookup of one response a query of its own: it can only be asked row by row
LOOKED_UP = f"changed r, LATERAL (SELECT v.week FROM response v WHERE {IS_READ} OFFSET 0) v"


def upgrade() -> None:
    """Look responses up."""
    _mark_weeks_of(LOOKED_UP)


def downgrade() -> None:
    """Join them, as 0062 did."""
    _mark_weeks_of(JOINED)


def _mark_weeks_of(rows: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION mark_answer() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO fact_mark (kind, at, branch_id)"
            f" SELECT DISTINCT 'answer', (v.week)::text, 0 FROM {rows};"
            " RETURN NULL; END $$"
        )
