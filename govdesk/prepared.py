"""Statements that run too often to be made anew each time."""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Float
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import TypeEngine

_CURSOR = "govdesk_cursor"


class _Made(NamedTuple):
    """A statement as text for one kind of database, and how its values and rows are read."""

    text: str
    names: Sequence[str] | None  # in the order of the text; None where the driver takes them by name
    fixed: Mapping[str, Any]
    readers: Mapping[str, Any]
    row: Any
    columns: Sequence[Any] | None  # how each column is read; None where the driver's values are as they are


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
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        driver: Any = connection.dialect.loaded_dbapi
        try:
            cursor = _cursor_of(connection)
            cursor.execute(made.text, _read(made, values))
            rows = cursor.fetchall() if made.row is not None else []
        except driver.Error as error:  # told as SQLAlchemy tells it, without the values
            raise DBAPIError.instance(
                made.text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
            ) from error
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
        """Run it for what it does."""
        self.all(connection, values)

    def _make(self, dialect: Dialect) -> _Made:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._given)
        if compiled.post_compile_params:
            raise ValueError("the text of this statement changes from run to run")
        columns = [
            (column.keyname, _reader(column.type, dialect))
            for column in compiled._result_columns  # noqa: SLF001 - SQLAlchemy names it nowhere else
        ]
        made = _Made(
            compiled.string,
            compiled.positiontup if compiled.positional else None,
            {name: value for name, value in compiled.params.items() if value is not None},
            dict(compiled._bind_processors),  # noqa: SLF001 - as above
            namedtuple("Row", [name for name, _read in columns]) if columns else None,  # noqa: PYI024
            [read for _name, read in columns] if any(read for _name, read in columns) else None,
        )
        self._made[dialect.name] = made
        return made


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """How a value of this type is read; None where it is taken as the driver gives it, as floats are."""
    if isinstance(kind, Float):
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _cursor_of(connection: Connection) -> Any:
    """The one cursor for such statements of a connection; each is read to its end before the next."""
    found = connection.info.get(_CURSOR)
    if found is None:
        driver: Any = connection.connection.dbapi_connection
        found = connection.info[_CURSOR] = driver.cursor()
    return found


def _read(made: _Made, values: Mapping[str, Any]) -> Any:
    whole = {**made.fixed, **values}
    for name, read in made.readers.items():
        if name in whole:
            whole[name] = read(whole[name])
    return whole if made.names is None else [whole[name] for name in made.names]
