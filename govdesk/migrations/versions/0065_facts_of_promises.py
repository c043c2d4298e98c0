"""Marks of what changes the counted promises, rounds of complaints, recoveries and silent ones; two indexes."""

import re

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

MOMENT = {
    "sqlite": "substr({0}, 1, 16)",
    "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
}
DATE = {"sqlite": "{0}", "postgresql": "({0})::text"}
INDEXES = (("commitment_event", "due_on"), ("recovery", "opened_at"))
OF_PROMISE = "commitment_event v"
OF_COMPLAINT = "complaint_round v", "v.complaint_id = r.id"
# of a changed row r: what kind of mark, its day or moment, its branch, from where, and when
Mark = tuple[str, str, dict[str, str], str, str, str]
MARKS: dict[str, tuple[Mark, ...]] = {
    "commitment": (
        ("commitment", "v.due_on", DATE, "0", OF_PROMISE, "v.commitment_id = r.id AND v.due_on IS NOT NULL"),
    ),
    "commitment_event": (
        ("commitment", "r.due_on", DATE, "0", "", "r.due_on IS NOT NULL"),
        (
            "commitment", "v.due_on", DATE, "0", OF_PROMISE,
            "v.commitment_id = r.commitment_id AND v.due_on IS NOT NULL",
        ),
    ),
    "complaint_round": (
        ("round", "r.begun_at", MOMENT, "v.branch_id", "complaint v", "v.id = r.complaint_id"),
    ),
    "complaint": (("round", "v.begun_at", MOMENT, "r.branch_id", *OF_COMPLAINT),),
    "recovery": (("recovery", "r.opened_at", MOMENT, "r.branch_id", "", ""),),
    "silent_one": (("silent", "v.ended_on", DATE, "0", "visit v", "v.id = r.visit_id"),),
    "visit": (("silent", "r.ended_on", DATE, "0", "silent_one v", "v.visit_id = r.id"),),
    "person": (
        (
            "commitment", "v.due_on", DATE, "0",
            "commitment c JOIN commitment_event v ON v.commitment_id = c.id",
            "c.person_id = r.id AND v.due_on IS NOT NULL",
        ),
        (
            "silent", "v.ended_on", DATE, "0", "silent_one s JOIN visit v ON v.id = s.visit_id",
            "s.person_id = r.id",
        ),
    ),
}  # fmt: skip
WATCHED = {  # row by row, both as it was and as it is; of others everything
    "commitment": "UPDATE OF person_id, service_id, branch_id, unit, language, made_at",
    "complaint": "UPDATE OF branch_id, service_id, state",
    "visit": "UPDATE OF ended_on",
    "person": "UPDATE OF kind, language",
}


def upgrade() -> None:
    """Let the tables make their marks."""
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])
    for table in MARKS:
        _watch(table)


def downgrade() -> None:
    """Let them make none."""
    for table in MARKS:
        for name, _act, _row in _moments(table):
            op.execute(f"DROP TRIGGER {name}" + ("" if _is_sqlite() else f" ON {table}"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION judge_{table}()")
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table_name=table)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _moments(table: str) -> list[tuple[str, str, str]]:
    """When a table is watched: the name of the trigger, the act, and the row or rows it is told of."""
    act = WATCHED.get(table, "UPDATE")
    if table in WATCHED and not _is_sqlite():
        return [(f"{table}_is_judged", act, "NEW")]
    update = (("is", act, "NEW"), ("was", act, "OLD"))
    acts = update if table in WATCHED else (("came", "INSERT", "NEW"), ("went", "DELETE", "OLD"), *update)
    return [(f"{table}_{name}_judged", act, row) for name, act, row in acts]


def _watch(table: str) -> None:
    if _is_sqlite():
        for name, act, row in _moments(table):
            body = " ".join(f"{_of_row(statement, row)};" for statement in _statements(table))
            op.execute(f"CREATE TRIGGER {name} AFTER {act} ON {table} BEGIN {body} END")
        return
    rows = ("NEW", "OLD") if table in WATCHED else ("",)
    body = " ".join(
        f"{_of_row(statement, row) if row else statement};" for row in rows for statement in _statements(table)
    )
    op.execute(
        f"CREATE FUNCTION judge_{table}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )
    for name, act, row in _moments(table):
        each = "FOR EACH ROW" if table in WATCHED else f"REFERENCING {row} TABLE AS changed FOR EACH STATEMENT"
        op.execute(f"CREATE TRIGGER {name} AFTER {act} ON {table} {each} EXECUTE FUNCTION judge_{table}()")


def _of_row(statement: str, row: str) -> str:
    return re.sub(r"\br\.", f"{row}.", statement)


def _statements(table: str) -> list[str]:
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
