"""Marks of what changes the counted answers.

Only those mark their week that may be read already: until their week is over, answering writes nothing here.
"""

import re

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

DATE = {"sqlite": "{0}", "postgresql": "({0})::text"}
READ = "({0}.is_settled OR {0}.source <> 'live')"
OF_QUESTIONNAIRE = "v.questionnaire_id = r.id"
# of a changed row r: what kind of mark, its week, from where, and when
Mark = tuple[str, str, str, str]
MARKS: dict[str, tuple[Mark, ...]] = {
    "response": (("answer", "r.week", "", READ.format("r")),),
    "answer": (("answer", "v.week", "response v", f"v.id = r.response_id AND {READ.format('v')}"),),
    "questionnaire": (("answer", "v.week", "response v", OF_QUESTIONNAIRE),),
    "questionnaire_version": (
        (
            "answer", "v.week", "response v",
            "v.questionnaire_id = r.questionnaire_id AND v.version_id = r.id AND r.state <> 'draft'",
        ),
    ),
}  # fmt: skip
RENAMED = {  # of these rows nothing else is counted; they are few
    "questionnaire": "UPDATE OF code, kind",
    "questionnaire_version": "UPDATE OF content, questionnaire_id",
}


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
            op.execute(f"DROP FUNCTION mark_{table}()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _moments(table: str) -> list[tuple[str, str, str]]:
    """When a table is watched: the name of the trigger, the act, and the row or rows it is told of."""
    act = RENAMED.get(table, "UPDATE")
    update = (("is", act, "NEW"), ("was", act, "OLD"))
    acts = update[:1] if table in RENAMED else (("came", "INSERT", "NEW"), ("went", "DELETE", "OLD"), *update)
    return [(f"{table}_{name}_counted", act, row) for name, act, row in acts]


def _watch(table: str) -> None:
    if _is_sqlite():
        for name, act, row in _moments(table):
            body = " ".join(f"{_of_row(statement, row)};" for statement in _statements(table))
            op.execute(f"CREATE TRIGGER {name} AFTER {act} ON {table} {_when(table, row)} BEGIN {body} END")
        return
    is_each = table in RENAMED
    body = " ".join(
        f"{_of_row(statement, 'NEW') if is_each else statement};" for statement in _statements(table)
    )
    op.execute(
        f"CREATE FUNCTION mark_{table}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )
    for name, act, rows in _moments(table):
        each = "FOR EACH ROW" if is_each else f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT"
        op.execute(f"CREATE TRIGGER {name} AFTER {act} ON {table} {each} EXECUTE FUNCTION mark_{table}()")


def _when(table: str, row: str) -> str:
    """Whether a row on SQLite has anything to mark, asked once."""
    if table in RENAMED or len(MARKS[table]) > 1 or not MARKS[table][0][3]:
        return ""
    _kind, _week, tables, condition = MARKS[table][0]
    return "WHEN " + _of_row(f"EXISTS (SELECT 1 FROM {tables} WHERE {condition})" if tables else condition, row)


def _of_row(statement: str, row: str) -> str:
    return re.sub(r"\br\.", f"{row}.", statement)


def _statements(table: str) -> list[str]:
    kind = "sqlite" if _is_sqlite() else "postgresql"
    is_whole = kind == "postgresql" and table not in RENAMED
    found = []
    for mark, column, tables, condition in MARKS[table]:
        rows = ", ".join(filter(None, [tables, "changed r" if is_whole else ""]))
        what = f"SELECT DISTINCT '{mark}', {DATE[kind].format(column)}, 0"
        what += (f" FROM {rows}" if rows else "") + (f" WHERE {condition}" if condition else "")
        if kind == "sqlite":
            found.append(f"DELETE FROM fact_mark WHERE (kind, at, branch_id) IN ({what})")  # noqa: S608 - our own words
        found.append(f"INSERT INTO fact_mark (kind, at, branch_id) {what}")
    return found
