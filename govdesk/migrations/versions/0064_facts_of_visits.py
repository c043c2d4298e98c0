"""Marks of what reaches the facts of other visits: of the same person, and of the visits that were passed on.

- `soon`: visits of the person that ended before it within the longest window, whatever they were for.
- `matter`: earlier visits of the person with which a matter began, however long ago.
- `part`: the visit that began with a ticket which was passed on to this one, one after the other.
"""

import re

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

LONGEST = 92  # days: the longest window of a service, and room for zones
BEFORE = {"sqlite": f"date(r.started_on, '-{LONGEST} days')", "postgresql": f"r.started_on - {LONGEST}"}
DAY = {"sqlite": "v.started_on", "postgresql": "v.started_on::text"}
MOMENTS = (("came", "INSERT", "NEW"), ("went", "DELETE", "OLD"), ("is", "UPDATE", "NEW"), ("was", "UPDATE", "OLD"))
OTHER = "v.person_id = r.person_id AND v.id <> r.id"
MATTER = f"{OTHER} AND v.class_name = 'index_new' AND v.started_at <= r.started_at"
UP = (
    "WITH RECURSIVE up(source, visit_no) AS (SELECT r.source, r.transfer_of {0} UNION"
    " SELECT w.source, w.transfer_of FROM up JOIN visit w ON w.source = up.source AND w.visit_no = up.visit_no"
    " WHERE w.transfer_of IS NOT NULL) SELECT * FROM up"
)


def upgrade() -> None:
    """Let visits make these marks beside their others."""
    if _is_sqlite():
        for name, act, row in MOMENTS:
            of_all = " ".join(_statement(kind, which) for kind, which in _others())
            _make(name, act, "reached", _of_row(of_all, row), f"WHEN {row}.person_id IS NOT NULL")
            _make(name, act, "passed", _of_row(_passed(), row), f"WHEN {row}.transfer_of IS NOT NULL")
        return
    body = " ".join([*(_statement(kind, which) for kind, which in _others()), _passed()])
    op.execute(
        "CREATE FUNCTION mark_visit_reached() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )
    for name, act, rows in MOMENTS:
        op.execute(
            f"CREATE TRIGGER visit_{name}_reached AFTER {act} ON visit REFERENCING {rows} TABLE AS changed"
            " FOR EACH STATEMENT EXECUTE FUNCTION mark_visit_reached()"
        )


def downgrade() -> None:
    """Let them make these no more."""
    for name, _act, _row in MOMENTS:
        for what in ("reached", "passed") if _is_sqlite() else ("reached",):
            op.execute(f"DROP TRIGGER visit_{name}_{what}" + ("" if _is_sqlite() else " ON visit"))
    if not _is_sqlite():
        op.execute("DROP FUNCTION mark_visit_reached()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _make(name: str, act: str, what: str, body: str, when: str) -> None:
    op.execute(f"CREATE TRIGGER visit_{name}_{what} AFTER {act} ON visit {when} BEGIN {body} END")


def _of_row(statement: str, row: str) -> str:
    return re.sub(r"\br\.", f"{row}.", statement)


def _others() -> tuple[tuple[str, str], ...]:
    before = BEFORE[op.get_bind().dialect.name]
    return ("soon", f"{OTHER} AND v.ended_on >= {before}"), ("matter", MATTER)


def _statement(kind: str, which: str) -> str:
    return _marking(kind, f"visit v{'' if _is_sqlite() else ', changed r'} WHERE {which}")


def _passed() -> str:
    up = UP.format("" if _is_sqlite() else "FROM changed r WHERE r.transfer_of IS NOT NULL")
    return _marking("part", f"({up}) up JOIN visit v ON v.source = up.source AND v.visit_no = up.visit_no")


def _marking(kind: str, where: str) -> str:
    what = f"SELECT DISTINCT '{kind}', {DAY[op.get_bind().dialect.name]}, 0 FROM {where}"  # noqa: S608 - our own words
    once = f"DELETE FROM fact_mark WHERE (kind, at, branch_id) IN ({what}); " if _is_sqlite() else ""  # noqa: S608
    return f"{once}INSERT INTO fact_mark (kind, at, branch_id) {what};"  # noqa: S608
