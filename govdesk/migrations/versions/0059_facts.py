"""The store of facts: what was counted of each day, week and month, and marks of what has changed since.

The database itself makes the marks, so that nothing is missed whatever path wrote. On SQLite each row makes
its own, once; on PostgreSQL each statement does, and nobody waits for another.
"""

import re

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

MOMENT = {
    "sqlite": "substr({0}, 1, 16)",
    "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
}
DATE = {"sqlite": "{0}", "postgresql": "({0})::text"}
SAME_NEED = "v.person_id = r.person_id AND v.id <> r.id AND (v.family = r.family OR v.case_no = r.case_no)"
FIRST_OF_FILE = "NOT EXISTS (SELECT 1 FROM past_appointment p WHERE p.source = r.source AND p.id <> r.id)"
FIRST_TIMED = (
    "r.source <> 'live' AND r.appointment_at IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM visit w WHERE w.source = r.source AND w.appointment_at IS NOT NULL AND w.id <> r.id)"
)
OF_CASE = "case_file c", "c.id = r.case_id"
OF_APPOINTMENT = "appointment a", "a.id = r.appointment_id"
# of a changed row r: what kind of mark, its day or moment, its branch, from where, and when
Mark = tuple[str, str, dict[str, str], str, str, str]
MARKS: dict[str, tuple[Mark, ...]] = {
    "visit": (
        ("visit", "r.started_on", DATE, "0", "", ""),
        ("return", "v.started_on", DATE, "0", "visit v", SAME_NEED),
        ("visit", "v.started_on", DATE, "0", "visit v", f"v.source = r.source AND {FIRST_TIMED}"),
    ),
    "case_file": (("case", "r.opened_at", MOMENT, "coalesce(r.branch_id, 0)", "", ""),),
    "case_pause": (("case", "c.opened_at", MOMENT, "coalesce(c.branch_id, 0)", *OF_CASE),),
    "appointment": (("appointment", "r.starts_at", MOMENT, "r.branch_id", "", ""),),
    "absence": (("appointment", "a.starts_at", MOMENT, "a.branch_id", *OF_APPOINTMENT),),
    "displacement": (("appointment", "a.starts_at", MOMENT, "a.branch_id", *OF_APPOINTMENT),),
    "past_appointment": (
        ("appointment", "r.starts_at", MOMENT, "r.branch_id", "", ""),
        ("visit", "v.started_on", DATE, "0", "visit v", f"v.source = r.source AND {FIRST_OF_FILE}"),
    ),
    "complaint": (("complaint", "r.received_at", MOMENT, "coalesce(r.branch_id, 0)", "", ""),),
    "avoided_visit": (("guide", "r.day", DATE, "0", "", ""),),
    "person": (
        ("visit", "v.started_on", DATE, "0", "visit v", "v.person_id = r.id"),
        ("case", "v.opened_at", MOMENT, "coalesce(v.branch_id, 0)", "case_file v", "v.person_id = r.id"),
        ("appointment", "v.starts_at", MOMENT, "v.branch_id", "appointment v", "v.person_id = r.id"),
    ),
}
WATCHED = {"person": "UPDATE OF kind, language", "scenario": "UPDATE OF code"}  # of others: everything
ALL_ANEW = ("scenario", "scenario_paper")  # what has changed here, every day was counted by


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "fact_cell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_cell")),
        sa.UniqueConstraint(
            "family", "by", "span", "starts_on", name=op.f("uq_fact_cell_family_by_span_starts_on")
        ),
    )
    op.create_table(
        "fact_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_mark")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_fact_mark_what", "fact_mark", ["kind", "at", "branch_id"])
    op.create_table(
        "fact_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", Moment(), nullable=True),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_state")),
    )
    for table in (*MARKS, *ALL_ANEW):
        _watch(table)


def downgrade() -> None:
    """Take them away; everything in them can be made again."""
    for table in (*MARKS, *ALL_ANEW):
        for name, _what, _row in _moments(table):
            op.execute(f"DROP TRIGGER {name}" + ("" if _is_sqlite() else f" ON {table}"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION mark_{table}()")
    op.drop_table("fact_state")
    op.drop_table("fact_mark")
    op.drop_table("fact_cell")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _moments(table: str) -> list[tuple[str, str, str]]:
    """When a table is watched: the name of the trigger, the act, and the row or rows it is told of."""
    update = (("is", "UPDATE", "NEW"), ("was", "UPDATE", "OLD"))
    both = (("came", "INSERT", "NEW"), ("went", "DELETE", "OLD"))
    acts = update[:1] if table in WATCHED else (*both, *update)
    return [(f"{table}_{name}_counted", act, row) for name, act, row in acts]


def _watch(table: str) -> None:
    if _is_sqlite():
        for name, act, row in _moments(table):
            body = " ".join(f"{_of_row(statement, row)};" for statement in _statements(table))
            op.execute(f"CREATE TRIGGER {name} AFTER {WATCHED.get(table, act)} ON {table} BEGIN {body} END")
        return
    is_each = table in WATCHED  # a statement is told of no columns
    body = " ".join(
        f"{_of_row(statement, 'NEW') if is_each else statement};" for statement in _statements(table)
    )
    op.execute(
        f"CREATE FUNCTION mark_{table}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )
    for name, act, rows in _moments(table):
        each = "FOR EACH ROW" if is_each else f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT"
        op.execute(
            f"CREATE TRIGGER {name} AFTER {WATCHED.get(table, act)} ON {table} {each}"
            f" EXECUTE FUNCTION mark_{table}()"
        )


def _of_row(statement: str, row: str) -> str:
    return re.sub(r"\br\.", f"{row}.", statement)


def _statements(table: str) -> list[str]:
    if table in ALL_ANEW:
        return ["DELETE FROM fact_state"]
    kind = "sqlite" if _is_sqlite() else "postgresql"
    is_whole = kind == "postgresql" and table not in WATCHED
    found = []
    for mark, column, shape, branch, tables, condition in MARKS[table]:
        rows = ", ".join(filter(None, [tables, "changed r" if is_whole else ""]))
        what = f"SELECT DISTINCT '{mark}', {shape[kind].format(column)}, {branch}"
        what += (f" FROM {rows}" if rows else "") + (f" WHERE {condition}" if condition else "")
        if kind == "sqlite":
            found.append(f"DELETE FROM fact_mark WHERE (kind, at, branch_id) IN ({what})")  # noqa: S608 - our own words
        found.append(f"INSERT INTO fact_mark (kind, at, branch_id) {what}")
    return found
