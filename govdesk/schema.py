"""The schema of the database: bring it up to date, take it back, compare it with the models."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from govdesk import audit, models
from govdesk.db import Base, db, transaction
from govdesk.notify import templates

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


def _config() -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config(str(FOLDER))
    return config
