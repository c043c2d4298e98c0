"""Alembic's way into the application's database."""

import contextlib
from collections.abc import Iterator
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from govdesk import models
from govdesk.db import WRITES, Base, db

assert models.__all__  # every table must be known


def run() -> None:
    """Run the migrations on the application's engine, in one transaction.

    SQLite changes a table by making it anew, filling it and dropping the old one, to which other rows still
    point at that moment. So references are not checked meanwhile, but all of them before the commit.
    """
    options = current_app.extensions["migrate"].configure_args
    with (
        db.engine.connect().execution_options(**{WRITES: True}) as connection,
        references_unchecked(connection),
    ):
        context.configure(connection=connection, target_metadata=Base.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()
            if connection.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"rows point to rows that are not there: {broken[:10]}")


@contextlib.contextmanager
def references_unchecked(connection: Connection) -> Iterator[None]:
    """Switch SQLite's checks of references off; it obeys only outside a transaction."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


run()
