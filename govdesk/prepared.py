"""Statements that run too often to be made anew each time."""

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Float
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert, UpdateBase
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import TypeEngine

_DRIVER = "govdesk_driver"
_PLACE = re.compile(r"%\((\w+)\)s|%%")


class _Made(NamedTuple):
    """A statement as text for one kind of database, and how its values and rows are read."""

    text: str
    names: Sequence[str]  # of the values, in the order of the text
    fixed: Mapping[str, Any]
    readers: Mapping[str, Any]
    row: Any
    columns: Sequence[Any] | None  # how each column is read; None where the driver's values are as they are
    is_linked: bool  # run by a `Link` to PostgreSQL instead of a cursor
    only_reads: bool


class Prepared:
    """A statement written with SQLAlchemy, made into text once for each kind of database.

    `Connection.execute` takes longer over a small statement than SQLite does, and a writer runs ten of them
    while every other writer waits. Only for statements whose text never changes (no list of values in it);
    `given` names the columns of an INSERT. Values are read by the types of the columns, rows too.
    """

    def __init__(self, statement: UpdateBase | Select[*tuple[Any, ...]], *given: str) -> None:
        self._statement, self._given = statement, list(given) or None
        self._made: dict[str, _Made] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run it and return its rows, with their columns by name."""
        made, rows = self._send(connection, values, _asked)
        if made.columns is None:
            return [made.row(*row) for row in rows]
        return [
            made.row(*(read(value) if read else value for read, value in zip(made.columns, row, strict=True)))
            for row in rows
        ]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Run it and return its one row; None when it has none."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Run it for what it does: on PostgreSQL with what comes next there, where an error of it shows."""
        self._send(connection, values, _done)

    def _send(
        self, connection: Connection, values: Mapping[str, Any], way: Callable[[_Made, Any, list[Any]], Any]
    ) -> tuple[_Made, Any]:
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        driver: Any = connection.dialect.loaded_dbapi
        try:
            return made, way(made, _driver_of(connection, made), _read(made, values))
        except driver.Error as error:  # told as SQLAlchemy tells it, without the values
            raise DBAPIError.instance(
                made.text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
            ) from error

    def _make(self, dialect: Dialect) -> _Made:
        statement: Any = self._statement
        if isinstance(statement, Insert) and not statement._returning:  # noqa: SLF001 - it has no other name
            statement = statement.inline()  # nobody asks for the number it gets
        compiled: Any = statement.compile(dialect=dialect, column_keys=self._given)
        if compiled.post_compile_params:
            raise ValueError("the text of this statement changes from run to run")
        columns = [
            (column.keyname, _reader(column.type, dialect))
            for column in compiled._result_columns  # noqa: SLF001 - SQLAlchemy names it nowhere else
        ]
        is_linked = not compiled.positional
        text, names = _numbered(compiled.string) if is_linked else (compiled.string, compiled.positiontup)
        made = _Made(
            text,
            names,
            {name: value for name, value in compiled.params.items() if value is not None},
            dict(compiled._bind_processors),  # noqa: SLF001 - as above
            namedtuple("Row", [name for name, _read in columns]) if columns else None,  # noqa: PYI024
            [read for _name, read in columns] if any(read for _name, read in columns) else None,
            is_linked,
            isinstance(statement, Select) and statement._for_update_arg is None,  # noqa: SLF001 - as above
        )
        self._made[dialect.name] = made
        return made


def _asked(made: _Made, driver: Any, values: list[Any]) -> list[Any]:
    if made.is_linked:
        alone = made.only_reads and driver.is_reading
        rows: list[Any] = driver.ask(made.text, values, alone=alone)
        return rows if made.row is not None else []
    driver.execute(made.text, values)
    return driver.fetchall() if made.row is not None else []


def _done(made: _Made, driver: Any, values: list[Any]) -> None:
    if made.is_linked:
        driver.later(made.text, values)
    else:
        driver.execute(made.text, values)


def _numbered(text: str) -> tuple[str, list[str]]:
    """The text with $1, $2, ... for its values, as PostgreSQL has them, and their names in that order."""
    names: dict[str, str] = {}

    def place(found: re.Match[str]) -> str:
        name: str | None = found[1]
        return "%" if name is None else names.setdefault(name, f"${len(names) + 1}")

    return _PLACE.sub(place, text), list(names)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """How a value of this type is read; None where it is taken as the driver gives it, as floats are."""
    if isinstance(kind, Float):
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _driver_of(connection: Connection, made: _Made) -> Any:
    """What runs such statements of a connection: its link, or one cursor, always read to its end."""
    found = connection.info.get(_DRIVER)
    if found is None:
        link: Any = connection.connection.dbapi_connection
        found = connection.info[_DRIVER] = link if made.is_linked else link.cursor()
    return found


def _read(made: _Made, values: Mapping[str, Any]) -> list[Any]:
    whole = {**made.fixed, **values}
    for name, read in made.readers.items():
        if name in whole:
            whole[name] = read(whole[name])
    return [whole[name] for name in made.names]
