"""The schema of the database: bring it up to date, take it back, compare it with the models."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text

from govdesk import audit, models
from govdesk.db import Base, db, transaction
from govdesk.notify import templates

ONLY_ADDED = {  # histories that the database itself guards: what of a row may change, and whether it may go
    "case_act": (frozenset({"case_id"}), False),  # goes to where its visits go
    "change_step": (frozenset[str](), False),
    "commitment_event": (frozenset[str](), False),
    "complaint_step": (frozenset({"words"}), False),  # words go with the contact
    "failure_note": (frozenset[str](), False),
    "feed_document": (frozenset[str](), False),
    "figure_note": (frozenset[str](), False),
    "figure_signal": (frozenset[str](), False),
    "guided_way": (frozenset[str](), True),  # goes with what was held and never booked
    "help_step": (frozenset[str](), False),
    "link_change": (frozenset[str](), False),
    "next_step": (frozenset[str](), True),  # goes with an end that was undone
    "note_withdrawal": (frozenset[str](), False),
    "obstacle_event": (frozenset[str](), False),
    "period_mailing": (frozenset[str](), False),
    "period_paper": (frozenset[str](), False),
    "period_reflection": (frozenset[str](), False),
    "period_version": (frozenset[str](), False),
    "rebase": (frozenset[str](), False),
    "recall_member": (  # whom it touched is written once; how it goes on is not
        frozenset({"state", "wish", "told_at", "came_no", "end", "ended_at"}),
        False,
    ),
    "recall_step": (frozenset({"words"}), False),
    "recovery_step": (frozenset({"words"}), False),
    "signal_seen": (frozenset[str](), False),
    "silent_touch": (frozenset({"words"}), False),
    "target": (frozenset[str](), False),
    "ticket_event": (frozenset[str](), False),
}
COUNTED = (  # tables in which the database marks what has changed, for the store of facts
    "absence", "appointment", "avoided_visit", "case_file", "case_pause", "complaint", "displacement",
    "past_appointment", "scenario_paper", "visit",
)  # fmt: skip
_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}
FOLDER = Path(__file__).parent / "migrations"


def upgrade(revision: str = "head") -> None:
    """Run the migrations that are missing, then make what every database has from its first day."""
    newest = newest_revision()
    if revision != "head" or current_revision() != newest:
        command.upgrade(_config(), revision)
    if current_revision() == newest:
        with transaction() as session:
            audit.begin_chain(session)
            templates.seed(session)


def downgrade(revision: str = "-1") -> None:
    """Take migrations back."""
    command.downgrade(_config(), revision)


def current_revision() -> str | None:
    """The revision that the database has."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The revision that the code has."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def differences() -> list[str]:
    """What distinguishes the database from the models, in words; empty when they are equal."""
    assert models.__all__
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(difference) for difference in compare_metadata(context, Base.metadata)]


def unguarded() -> list[str]:
    """The guards of histories and the marks of changes that the database lacks; empty where all is safe."""
    wanted = {f"{table}_stays" for table in ONLY_ADDED}
    wanted |= {f"{table}_kept" for table, (_may_change, may_go) in ONLY_ADDED.items() if not may_go}
    wanted |= {"questionnaire_version_stays", "questionnaire_version_kept"}  # what was published
    wanted |= {f"{table}_{act}_counted" for table in COUNTED for act in ("came", "went", "is", "was")}
    wanted |= {"person_is_counted", "scenario_is_counted"}
    with db.engine.connect() as connection:
        return sorted(wanted.difference(connection.scalars(text(_TRIGGERS[connection.dialect.name]))))


def _config() -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config(str(FOLDER))
    return config
