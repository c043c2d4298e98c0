"""The migrations and the models make the same database, forwards and back."""

from flask import Flask
from sqlalchemy import inspect

from govdesk import schema
from govdesk.db import db


def test_the_migrated_database_equals_the_models(app: Flask) -> None:
    assert schema.current_revision() == schema.newest_revision()
    assert schema.differences() == []


def test_taking_all_migrations_back_leaves_nothing_and_they_can_run_again(app: Flask) -> None:
    schema.downgrade("base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    schema.upgrade()
    assert schema.differences() == []


def test_upgrading_twice_changes_nothing(app: Flask) -> None:
    schema.upgrade()
    assert schema.current_revision() == schema.newest_revision()
