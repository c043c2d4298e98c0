"""The migrations and the models make the same database, forwards and back."""

import datetime as dt
from typing import Any

from flask import Flask
from sqlalchemy import Column, MetaData, Table, func, inspect, select, types

from govdesk import schema
from govdesk.db import db

OUR_OWN = {"alembic_version", "audit_head"}  # written by the upgrade itself
VALUES: dict[type[types.TypeEngine[Any]], Any] = {
    types.Boolean: True,
    types.Integer: 1,
    types.Float: 1.0,
    types.DateTime: dt.datetime(2026, 10, 4, 6, 0, tzinfo=dt.UTC),
    types.Date: dt.date(2026, 10, 4),
    types.Time: dt.time(8, 0),
    types.JSON: [],
    types.LargeBinary: b"x",
    types.String: "x",
}


def value_of(column: Column[Any]) -> Any:
    """Anything that the column takes; a reference points to the one row of the other table."""
    return next(value for kind, value in VALUES.items() if isinstance(column.type, kind))


def fill(tables: list[Table]) -> dict[str, int]:
    """One row in every table; the tables with their number of rows."""
    with db.engine.begin() as connection:
        for table in tables:
            needed = [c for c in table.columns if not c.nullable or c.foreign_keys]
            own = {c.name for c in needed for key in c.foreign_keys if key.column.table is table}
            connection.execute(
                table.insert().values({c.name: value_of(c) for c in needed if c.name not in own})
            )
    return dict.fromkeys((table.name for table in tables), 1)


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


def test_a_database_with_rows_in_every_table_loses_none_on_its_way_to_the_newest(app: Flask) -> None:
    schema.downgrade("base")
    schema.upgrade("0001")
    first_day = MetaData()
    first_day.reflect(db.engine)
    tables = [table for table in first_day.sorted_tables if table.name not in OUR_OWN]
    before = fill(tables)
    schema.upgrade()
    assert schema.differences() == []
    with db.engine.connect() as connection:
        for name, count in before.items():
            kept = Table(name, MetaData(), autoload_with=db.engine)
            assert connection.scalar(select(func.count()).select_from(kept)) == count, name
