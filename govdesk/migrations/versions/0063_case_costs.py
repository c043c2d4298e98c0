"""Marks of what the time of finished cases is counted by: their ends, their visits, and what was asked.

`stay` is the day on which a case was opened, of which a visit or a question has changed; `finish` the days of
its ends, of which the case itself or a visit has. They are made as those of 0059 are.
"""

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

INDEXES = {"ix_case_file_first_end": "first_resolved_at", "ix_case_file_end": "resolved_at"}
MOMENT = {
    "sqlite": "substr({0}, 1, 16)",
    "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
}
STAY = (("stay", "opened_at"),)
ENDS = (("finish", "first_resolved_at"), ("finish", "resolved_at"))
TIMES = "case_id, started_at, served_at, ended_at, is_set_aside"
# of a table: when a row is watched, the marks it makes, and which cases c they are of
WATCHED = {
    "case_file": ("UPDATE", ENDS, "c.id = r.id"),
    "visit": (f"UPDATE OF {TIMES}", (*STAY, *ENDS), "c.id = r.case_id"),
    "case_ask": ("UPDATE", STAY, "c.id = (SELECT p.case_id FROM case_pause p WHERE p.id = r.pause_id)"),
    "person": ("UPDATE OF kind, language", ENDS, "c.person_id = r.id"),
}


def upgrade() -> None:
    """Add the indexes and the marks."""
    for name, column in INDEXES.items():
        op.create_index(name, "case_file", [column])
    for table, (_act, marks, which) in WATCHED.items():
        for name, act, row in _acts(table):
            body = _body(table, marks, which, row)
            if _is_sqlite():
                op.execute(f"CREATE TRIGGER {table}_{name}_timed AFTER {act} ON {table} BEGIN {body} END")
                continue
            op.execute(
                f"CREATE FUNCTION {table}_{name}_timed() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN {body} RETURN NULL; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_{name}_timed AFTER {act} ON {table} FOR EACH ROW"
                f" EXECUTE FUNCTION {table}_{name}_timed()"
            )


def downgrade() -> None:
    """Take them away."""
    for table in WATCHED:
        for name, _act, _row in _acts(table):
            op.execute(f"DROP TRIGGER {table}_{name}_timed" + ("" if _is_sqlite() else f" ON {table}"))
            if not _is_sqlite():
                op.execute(f"DROP FUNCTION {table}_{name}_timed()")
    for name in INDEXES:
        op.drop_index(name, table_name="case_file")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _acts(table: str) -> list[tuple[str, str, str]]:
    """When a table is watched: the name, the act, and the row that is told of."""
    update = WATCHED[table][0]
    if table == "person":
        return [("is", update, "NEW")]
    return [
        ("came", "INSERT", "NEW"),
        ("went", "DELETE", "OLD"),
        ("is", update, "NEW"),
        ("was", update, "OLD"),
    ]


def _body(table: str, marks: tuple[tuple[str, str], ...], which: str, row: str) -> str:
    moment, found = MOMENT[op.get_bind().dialect.name], []
    for kind, column in marks:
        case, source = ("c", f" FROM case_file c WHERE {which.replace('r.', f'{row}.')} AND")
        if table == "case_file":  # of a row that was, only the trigger knows what it said
            case, source = row, " WHERE"
        at, branch = moment.format(f"{case}.{column}"), f"coalesce({case}.branch_id, 0)"
        what = f"SELECT '{kind}', {at}, {branch}{source} {case}.{column} IS NOT NULL"
        if _is_sqlite():
            found.append(f"DELETE FROM fact_mark WHERE (kind, at, branch_id) IN ({what});")  # noqa: S608 - our own words
        found.append(f"INSERT INTO fact_mark (kind, at, branch_id) {what};")  # noqa: S608 - our own words
    return " ".join(found)
