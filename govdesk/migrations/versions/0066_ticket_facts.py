"""Marks of what tells how needs reach us: tickets by their day, bookings by the moment they were made.

They are made as those of 0059 are.
"""

import re

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

MOMENT = {
    "sqlite": "substr({0}, 1, 16)",
    "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
}
DATE = {"sqlite": "{0}", "postgresql": "({0})::text"}
# of a changed row r: what kind of mark, its day or moment, its branch, from where, and when
Mark = tuple[str, str, dict[str, str], str, str, str]
MARKS: dict[str, tuple[Mark, ...]] = {
    "ticket": (("ticket", "r.day", DATE, "0", "", ""),),
    "appointment": (("booking", "r.booked_at", MOMENT, "r.branch_id", "", "r.booked_at IS NOT NULL"),),
    "person": (
        ("ticket", "v.day", DATE, "0", "ticket v", "v.person_id = r.id"),
        (
            "booking", "v.booked_at", MOMENT, "v.branch_id", "appointment v",
            "v.person_id = r.id AND v.booked_at IS NOT NULL",
        ),
    ),
}  # fmt: skip
UPDATE = {  # on SQLite; a statement is told of no columns
    "ticket": (
        "day, branch_id, service_id, person_id, language, stage, state, is_remote, appointment_id, arrived_at,"
        " callable_at, called_at, ended_at"
    ),
    "appointment": "branch_id, service_id, person_id, language, channel, booked_at",
    "person": "kind, language",
}
EACH = ("person",)  # of these rows nothing else is counted


def upgrade() -> None:
    """Let the tables make their marks."""
    for table in MARKS:
        _watch(table)


def downgrade() -> None:
    """Let them make none."""
    for table in MARKS:
        for name, _act, _row in _moments(table):
            op.execute(f"DROP TRIGGER {name}" + ("" if _is_sqlite() else f" ON {table}"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION mark_{table}_reached()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _moments(table: str) -> list[tuple[str, str, str]]:
    """When a table is watched: the name of the trigger, the act, and the row or rows it is told of."""
    act = f"UPDATE OF {UPDATE[table]}" if _is_sqlite() or table in EACH else "UPDATE"
    update = (("is", act, "NEW"), ("was", act, "OLD"))
    acts = update[:1] if table in EACH else (("came", "INSERT", "NEW"), ("went", "DELETE", "OLD"), *update)
    return [(f"{table}_{name}_reached", act, row) for name, act, row in acts]


def _watch(table: str) -> None:
    if _is_sqlite():
        for name, act, row in _moments(table):
            body = " ".join(f"{_of_row(statement, row)};" for statement in _statements(table))
            op.execute(f"CREATE TRIGGER {name} AFTER {act} ON {table} BEGIN {body} END")
        return
    is_each = table in EACH
    body = " ".join(
        f"{_of_row(statement, 'NEW') if is_each else statement};" for statement in _statements(table)
    )
    op.execute(
        f"CREATE FUNCTION mark_{table}_reached() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )
    for name, act, rows in _moments(table):
        each = "FOR EACH ROW" if is_each else f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT"
        op.execute(
            f"CREATE TRIGGER {name} AFTER {act} ON {table} {each} EXECUTE FUNCTION mark_{table}_reached()"
        )


def _of_row(statement: str, row: str) -> str:
    return re.sub(r"\br\.", f"{row}.", statement)


def _statements(table: str) -> list[str]:
    kind = "sqlite" if _is_sqlite() else "postgresql"
    is_whole = kind == "postgresql" and table not in EACH
    found = []
    for mark, column, shape, branch, tables, condition in MARKS[table]:
        rows = ", ".join(filter(None, [tables, "changed r" if is_whole else ""]))
        what = f"SELECT DISTINCT '{mark}', {shape[kind].format(column)}, {branch}"
        what += (f" FROM {rows}" if rows else "") + (f" WHERE {condition}" if condition else "")
        if kind == "sqlite":
            found.append(f"DELETE FROM fact_mark WHERE (kind, at, branch_id) IN ({what})")  # noqa: S608 - our own words
        found.append(f"INSERT INTO fact_mark (kind, at, branch_id) {what}")
    return found
