"""Marks of what changes who was invited, in weeks about which nobody answers any more.

Answering makes none: neither the answer itself, in whatever week, nor anything in the weeks after
`closed_to`, in which an invitation may be made at the very moment of its answer.
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

TOLD = (
    "questionnaire_id", "wave_id", "occasion", "week", "branch_id", "service_id", "channel", "outcome",
    "person_kind", "priority", "language", "state", "asked_on", "answered_week",
)  # fmt: skip
NO_ANSWER = "NOT (OLD.state IN ('sent', 'shown') AND NEW.state = 'answered')"
CLOSED = "{0} <= (SELECT closed_to FROM fact_state)"
UPDATE = f"UPDATE OF {', '.join(TOLD)}"
# the name of the trigger, the act, the row it is told of, and when it marks the week of this row
MOMENTS = (
    ("came", "INSERT", "NEW", ""),
    ("went", "DELETE", "OLD", ""),
    ("is", UPDATE, "NEW", NO_ANSWER),
    ("was", UPDATE, "OLD", NO_ANSWER),
)
COLUMNS = "(kind, at, branch_id)"
RENAMED = f"FROM invitation v WHERE v.questionnaire_id = NEW.id AND {CLOSED.format('v.week')}"


def upgrade() -> None:
    """Note up to which week they are made, and make them."""
    op.add_column("fact_state", sa.Column("closed_to", sa.Date(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _watch_sqlite()
    else:
        _watch_postgresql()


def downgrade() -> None:
    """Let the tables make none."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    triggers = [(f"invitation_{name}_closed", "invitation") for name, *_ in MOMENTS]
    for name, table in [*triggers, ("questionnaire_is_closed", "questionnaire")]:
        op.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        for name in [*(name for name, *_ in MOMENTS), "renamed"]:
            op.execute(f"DROP FUNCTION mark_invitation_{name}()")
    op.drop_column("fact_state", "closed_to")


def _watch_sqlite() -> None:
    for name, act, row, condition in MOMENTS:
        when = " AND ".join(filter(None, [condition, CLOSED.format(f"{row}.week")]))
        op.execute(
            f"CREATE TRIGGER invitation_{name}_closed AFTER {act} ON invitation WHEN {when}"
            f" BEGIN {_marks(f'{row}.week')} END"
        )
    op.execute(
        "CREATE TRIGGER questionnaire_is_closed AFTER UPDATE OF code ON questionnaire"
        f" BEGIN {_marks('v.week', RENAMED)} END"
    )


def _marks(week: str, rows: str = "") -> str:
    """Mark weeks, with a new number where they are marked already."""
    what = f"SELECT DISTINCT 'invitation', {week}, 0 {rows}"
    return f"DELETE FROM fact_mark WHERE {COLUMNS} IN ({what}); INSERT INTO fact_mark {COLUMNS} {what};"  # noqa: S608 - our own words


def _watch_postgresql() -> None:
    for name, act, row, condition in MOMENTS:
        is_whole = act == "INSERT"  # a wave is many at once
        week, rows = ("r.week", "FROM changed r") if is_whole else (f"{row}.week", "")
        _function(name, week, f"{rows} WHERE {CLOSED.format(week)}")
        each = f"REFERENCING {row} TABLE AS changed FOR EACH STATEMENT" if is_whole else "FOR EACH ROW"
        when = f"WHEN ({condition})" if condition else ""
        op.execute(
            f"CREATE TRIGGER invitation_{name}_closed AFTER {act} ON invitation {each} {when}"
            f" EXECUTE FUNCTION mark_invitation_{name}()"
        )
    _function("renamed", "v.week", RENAMED)
    op.execute(
        "CREATE TRIGGER questionnaire_is_closed AFTER UPDATE OF code ON questionnaire FOR EACH ROW"
        " EXECUTE FUNCTION mark_invitation_renamed()"
    )


def _function(name: str, week: str, rows: str) -> None:
    what = f"SELECT DISTINCT 'invitation', ({week})::text, 0 {rows}"
    op.execute(
        f"CREATE FUNCTION mark_invitation_{name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN INSERT INTO fact_mark {COLUMNS} {what}; RETURN NULL; END $$"
    )
