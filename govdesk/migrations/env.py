"""Alembic's way into the application's database."""

from alembic import context
from flask import current_app

from govdesk import models
from govdesk.db import WRITES, Base, db

assert models.__all__  # every table must be known


def run() -> None:
    """Run the migrations on the application's engine, in one transaction."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()


run()
