"""A version that was published keeps its content: the database refuses what would change or remove it.

Figures of years rest on what was asked; a mistake in the code, or a hand in the database, must not be able
to change the words after the answers came.
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

KEPT = ("questionnaire_id", "number", "content", "digest", "published_at")
SAID = "a published version of a questionnaire never changes"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in KEPT)
        op.execute(
            "CREATE TRIGGER questionnaire_version_stays BEFORE UPDATE ON questionnaire_version "
            f"WHEN OLD.state <> 'draft' AND (NEW.state = 'draft' OR {changed}) "
            f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        )
        op.execute(
            "CREATE TRIGGER questionnaire_version_kept BEFORE DELETE ON questionnaire_version "
            f"WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        )
        return
    changed = " OR ".join(f"NEW.{name}::text IS DISTINCT FROM OLD.{name}::text" for name in KEPT)
    op.execute(
        "CREATE FUNCTION refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{SAID}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER questionnaire_version_stays BEFORE UPDATE ON questionnaire_version FOR EACH ROW "
        f"WHEN (OLD.state <> 'draft' AND (NEW.state = 'draft' OR {changed})) "
        "EXECUTE FUNCTION refuse_change_of_published()"
    )
    op.execute(
        "CREATE TRIGGER questionnaire_version_kept BEFORE DELETE ON questionnaire_version FOR EACH ROW "
        "WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_change_of_published()"
    )


def downgrade() -> None:
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON questionnaire_version"
    for name in ("questionnaire_version_stays", "questionnaire_version_kept"):
        op.execute(f"DROP TRIGGER {name}{on}")
    if on:
        op.execute("DROP FUNCTION refuse_change_of_published()")
