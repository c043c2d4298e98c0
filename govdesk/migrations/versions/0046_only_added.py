"""Rows of histories that nothing may change or remove, by whatever way it comes.

A table whose rows a later migration copies into a new one (SQLite's way of altering it) loses its triggers:
that migration makes them again (`schema.unguarded` says which are missing).
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

# the columns that stay where others may change, and whether a row may be removed
GUARDS: dict[str, tuple[tuple[str, ...], bool]] = {
    "ticket_event": ((), False),
    "commitment_event": ((), False),
    "help_step": ((), False),
    "failure_note": ((), False),
    "link_change": ((), False),
    "obstacle_event": ((), False),
    # goes to where its visits go
    "case_act": (("id", "anchor", "at", "kind", "actor", "owner_id", "branch_id", "rung", "words"), False),
    # goes with an end that was undone
    "next_step": ((), True),
    # what was said in words goes with the contact
    "recovery_step": (("id", "recovery_id", "at", "kind", "actor", "channel", "is_reached", "what"), False),
    "complaint_step": (("id", "complaint_id", "at", "kind", "actor", "level", "what"), False),
    "silent_touch": (("id", "silent_id", "at", "kind", "is_reached", "staff_id"), False),
}


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME"
            " USING ERRCODE = 'restrict_violation'; END $$"
        )
    for table, (columns, may_go) in GUARDS.items():
        of = f" OF {', '.join(columns)}" if columns else ""
        _guard(table, "stays", f"UPDATE{of}", is_sqlite=is_sqlite)
        if not may_go:
            _guard(table, "kept", "DELETE", is_sqlite=is_sqlite)


def _guard(table: str, name: str, what: str, *, is_sqlite: bool) -> None:
    begin = f"CREATE TRIGGER {table}_{name} BEFORE {what} ON {table}"
    if is_sqlite:
        op.execute(f"{begin} BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END")
    else:
        op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, (_columns, may_go) in GUARDS.items():
        for name in ("stays",) if may_go else ("stays", "kept"):
            op.execute(f"DROP TRIGGER {table}_{name}" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        op.execute("DROP FUNCTION refuse_change()")
