"""The database itself refuses to change or remove a row of a history, whoever asks."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import MetaData, Table, delete, text, update
from sqlalchemy.exc import DBAPIError

from govdesk import checkup, schema
from govdesk.db import Base, db, transaction
from tests.contracts.test_the_schema_is_what_the_models_say import value_of
from tests.databases import KIND
from tests.desk import Desk
from tests.makers import Cast
from tests.processes import environ, govdesk


def refused(statement: Any) -> bool:
    """Whether the database refuses a statement by name; nothing of it stays."""
    with db.engine.connect() as connection:
        try:
            done = connection.execute(statement)
        except DBAPIError as error:
            return "are only ever added" in str(error.orig)
        else:
            assert done.rowcount == 1, statement
            return False
        finally:
            connection.rollback()


@pytest.fixture
def histories(app: Flask) -> list[Table]:
    """One row in every history; what it refers to is not there, and nobody looks."""
    everything = MetaData()
    everything.reflect(db.engine)
    tables = [everything.tables[name] for name in sorted(schema.ONLY_ADDED)]
    with db.engine.connect() as connection:
        if KIND == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            link: Any = connection.connection.dbapi_connection  # before a transaction begins
            link.execute("PRAGMA foreign_keys = OFF")
        for table in tables:
            connection.execute(table.insert().values({c.name: value_of(c) for c in table.columns}))
        connection.commit()
        connection.invalidate()
    return tables


def test_every_column_of_every_history_stays_but_those_that_are_named(histories: list[Table]) -> None:
    for table in histories:
        may_change, may_go = schema.ONLY_ADDED[table.name]
        names = [column.name for column in table.columns]
        changeable = {name for name in names if not refused(update(table).values({name: table.c[name]}))}
        assert changeable == may_change, table.name
        assert refused(delete(table)) is not may_go, table.name


def test_the_guards_are_there_after_all_migrations_and_their_loss_is_found(app: Flask) -> None:
    assert schema.unguarded() == []
    name = "ticket_event_kept"
    with transaction() as session:
        on = " ON ticket_event" if KIND == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER {name}{on}"))
    assert schema.unguarded() == [name]
    found = next(one for one in checkup.examine() if one.what == "histories")
    assert (found.is_well, found.sentence) == (False, f"not guarded against change: {name}")


def test_every_table_that_says_so_of_itself_is_guarded(app: Flask) -> None:
    said = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if "Rows are only ever added" in (mapper.class_.__doc__ or "")
    }
    assert said - set(schema.ONLY_ADDED) == set()


def test_a_page_says_no_word_of_what_the_database_said(app: Flask, desk: Desk, cast: Cast) -> None:
    with transaction() as session:
        session.execute(text("DROP TABLE branch_hours"))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        page = desk.get("/branches/north", language="en", status=500)
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = True
    assert "branch_hours" not in page.html


def test_a_command_says_no_word_of_what_the_database_said(app: Flask, cast: Cast) -> None:
    with transaction() as session:
        session.execute(text("DROP TABLE staff_role"))
    told = govdesk("staff", "list", env=environ(app.extensions["govdesk"]))
    assert told.returncode == 1
    assert "did not do this" in told.stderr
    assert "staff_role" not in told.stderr + told.stdout
