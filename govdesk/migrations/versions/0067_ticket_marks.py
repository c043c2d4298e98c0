"""A call and a conclusion change nothing of how a need reached us: what does, and only that, marks its day.

On PostgreSQL each row marks itself now; before, the rows of a statement were collected, twice at every call.
"""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

COUNTED = (
    "day", "branch_id", "service_id", "person_id", "language", "stage", "is_remote", "appointment_id",
    "arrived_at",
)  # fmt: skip
ALL = ", ".join
ACTS = {
    "came": ("INSERT", "NEW"),
    "went": ("DELETE", "OLD"),
    "is": ("UPDATE", "NEW"),
    "was": ("UPDATE", "OLD"),
}
MARK = "INSERT INTO fact_mark (kind, at, branch_id) VALUES ('ticket', {0}, 0);"
WIDE = ALL((*COUNTED, "state", "callable_at", "called_at", "ended_at"))  # what 0066 watched on SQLite


def upgrade() -> None:
    """Mark a ticket's day where it comes, goes, or is counted otherwise."""
    _drop("is", "was", "came", "went")
    if not _is_sqlite():
        op.execute("DROP FUNCTION mark_ticket_reached()")
    for name in ACTS:
        _mark_counted(name)


def downgrade() -> None:
    """Mark it at every change, as 0066 did."""
    _drop("is", "was", "came", "went")
    if _is_sqlite():
        for name, (act, row) in ACTS.items():
            what = f"UPDATE OF {WIDE}" if act == "UPDATE" else act
            op.execute(
                f"CREATE TRIGGER ticket_{name}_reached AFTER {what} ON ticket BEGIN {_on_sqlite(row)} END"
            )
        return
    for row in ("NEW", "OLD"):
        op.execute(f"DROP FUNCTION mark_ticket_{row.lower()}()")
    op.execute(
        "CREATE FUNCTION mark_ticket_reached() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO fact_mark (kind, at, branch_id) SELECT DISTINCT 'ticket', (r.day)::text, 0"
        " FROM changed r;"
        " RETURN NULL; END $$"
    )
    for name, (act, row) in ACTS.items():
        op.execute(
            f"CREATE TRIGGER ticket_{name}_reached AFTER {act} ON ticket REFERENCING {row} TABLE AS changed"
            " FOR EACH STATEMENT EXECUTE FUNCTION mark_ticket_reached()"
        )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _drop(*names: str) -> None:
    for name in names:
        op.execute(f"DROP TRIGGER ticket_{name}_reached" + ("" if _is_sqlite() else " ON ticket"))


def _mark_counted(name: str) -> None:
    act, row = ACTS[name]
    when = f"WHEN ({_differs()})" if act == "UPDATE" else ""
    if _is_sqlite():
        what = f"UPDATE OF {ALL((*COUNTED, 'state'))}" if act == "UPDATE" else act
        op.execute(
            f"CREATE TRIGGER ticket_{name}_reached AFTER {what} ON ticket {when} BEGIN {_on_sqlite(row)} END"
        )
        return
    if act != "UPDATE":
        op.execute(
            f"CREATE FUNCTION mark_ticket_{row.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            + MARK.format(f"{row}.day::text")
            + " RETURN NULL; END $$"
        )
    op.execute(
        f"CREATE TRIGGER ticket_{name}_reached AFTER {act} ON ticket FOR EACH ROW {when}"
        f" EXECUTE FUNCTION mark_ticket_{row.lower()}()"
    )


def _differs() -> str:
    was, now = (", ".join(f"{row}.{column}" for column in COUNTED) for row in ("OLD", "NEW"))
    otherwise = "IS NOT" if _is_sqlite() else "IS DISTINCT FROM"
    return f"({was}) {otherwise} ({now}) OR (OLD.state = 'undone') <> (NEW.state = 'undone')"


def _on_sqlite(row: str) -> str:
    """One mark of a day is enough where one writes at a time."""
    return (
        f"DELETE FROM fact_mark WHERE kind = 'ticket' AND at = {row}.day AND branch_id = 0; "  # noqa: S608 - our own words
        + MARK.format(f"{row}.day")
    )
