"""What happened to a change, and what a figure was to reach: rows that nothing may change or remove."""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

TABLES = ("change_step", "rebase", "target")


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        for name, what in (("stays", "UPDATE"), ("kept", "DELETE")):
            begin = f"CREATE TRIGGER {table}_{name} BEFORE {what} ON {table}"
            if is_sqlite:
                op.execute(f"{begin} BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END")
            else:
                op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        for name in ("stays", "kept"):
            op.execute(f"DROP TRIGGER {table}_{name}" + ("" if is_sqlite else f" ON {table}"))
