"""The database: the base of all models, reading sessions, and the one place that commits."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary

from flask import Flask
from flask_sqlalchemy import SQLAlchemy  # noqa: TID251 - this is the one place
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    MetaData,
    Table,
    Text,
    event,
    literal_column,
)
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from govdesk.config import Settings
from govdesk.flushing import Flushing
from govdesk.sqlite import LONGEST_LOG, Flush, WriteGate

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITES = "govdesk_writes"
CONNECTION = "connection"


class Gate(Protocol):
    """Where who writes waits for their turn."""

    def hold(self, *, patient: bool = False) -> AbstractContextManager[None]:
        """Write inside the block."""


class Moment(TypeDecorator[dt.datetime]):
    """An aware moment, stored in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse what has no offset; give SQLite, which keeps none, the UTC reading."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without an offset: {value}")
        moment = value.astimezone(dt.UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: Dialect,  # noqa: ARG002 - as it is asked
    ) -> dt.datetime | None:
        """Give back what was stored, aware and in UTC."""
        return None if value is None else value.astimezone(dt.UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Read what SQLite keeps in one step: figures are counted from very many moments."""
        return _read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _read(told: str | None) -> dt.datetime | None:
    return None if told is None else dt.datetime.fromisoformat(told + "+00:00")


class Base(DeclarativeBase):
    """The base of every model."""

    metadata = MetaData(naming_convention=CONVENTION)
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            dt.datetime: Moment(),
            str: Text(),
            dict[str, Any]: JSON(),
            list[str]: JSON(),
            list[int]: JSON(),
            list[dict[str, Any]]: JSON(),
        },
    )


db = SQLAlchemy(model_class=Base)


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that run too often to go through its objects."""
    return cast("Table", model.__table__)


def written(word: str) -> ColumnElement[str]:
    """One of our own words, written into a statement instead of given to it.

    Where a word given as a parameter decides whether a partial index fits, SQLite plans the statement anew
    each time it runs, which takes longer than running it.
    """
    return literal_column(f"'{word}'", Text)


_gates: WeakKeyDictionary[Engine, Gate] = WeakKeyDictionary()
_flushes: WeakKeyDictionary[Engine, Flushing] = WeakKeyDictionary()
_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)
before_commit: list[Callable[[Session], None]] = []  # the audit seals its entries here
after_commit: list[Callable[[Session], None]] = []  # the outbox wakes its deliverer here


def configure(app: Flask, settings: Settings) -> None:
    """Bind the database to an application."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    size = settings.threads * 2 + 8
    options: dict[str, Any] = {
        "pool_use_lifo": True,  # the last one used has its pages and statements at hand
        "hide_parameters": True,  # no name, phone or secret in a log or in the error of a job
        "pool_size": size,
        "max_overflow": size,
    }
    if settings.is_sqlite:
        options["connect_args"] = {"check_same_thread": False, "timeout": 30}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Give SQLite honest transactions: WAL, foreign keys, and a BEGIN that says what it is for.

    PostgreSQL keeps what it has prepared; both flush once for all who wait.
    """
    if engine.dialect.name != "sqlite":
        _prepare_postgres(engine)
        return
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    path = make_url(str(engine.url)).database
    if path and path != ":memory:":
        _gates[engine] = gate = WriteGate(path + ".lock")
        _flushes[engine] = Flush(path, gate)


def _prepare_postgres(engine: Engine) -> None:
    from govdesk import postgres  # noqa: PLC0415 - its driver is an extra

    postgres.prepare(engine)
    event.listen(db.session, "after_begin", postgres.only_read)
    _gates[engine] = postgres.Courtesy()
    _flushes[engine] = postgres.Flush(engine)


def _open_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "temp_store=MEMORY",
        "cache_size=-16000",
        f"wal_autocheckpoint={2 * LONGEST_LOG}",
        "mmap_size=268435456",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    driver: Any = connection.connection.dbapi_connection  # past SQLAlchemy's own statement, which costs more
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def reading() -> Session:
    """The session in which this request (or command) reads; it sees one state of the database."""
    return db.session()


@contextlib.contextmanager
def snapshot() -> Iterator[Session]:
    """A session of its own that sees one state of the database, from its first statement to its last."""
    with Session(db.engine, expire_on_commit=False) as session:
        if db.engine.dialect.name != "sqlite":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def has_one_writer() -> bool:
    """Whether who writes makes all others wait: what can be refused by reading alone should be, then."""
    return db.engine.dialect.name == "sqlite"


def connection_of(session: Session) -> Connection:
    """The connection of a session, for statements that go past its objects; at hand in a transaction."""
    at_hand: Connection | None = session.info.get(CONNECTION)
    return at_hand if at_hand is not None else session.connection()


@contextlib.contextmanager
def transaction(*, patient: bool = False) -> Iterator[Session]:
    """Do all of the block or nothing of it: commits at its end, rolls back on any error. Not nestable.

    Work that nobody waits for is patient: it lets the others go first.
    """
    if _in_transaction.get():
        raise RuntimeError("a transaction inside a transaction")
    engine = db.engine
    gate = _gates.get(engine)
    mark = _in_transaction.set(True)
    try:
        with (
            gate.hold(patient=patient) if gate else contextlib.nullcontext(),
            Session(engine, expire_on_commit=False, autoflush=True) as session,
        ):
            session.info[CONNECTION] = session.connection(execution_options={WRITES: True})
            yield session
            for seal in before_commit:
                seal(session)
            session.commit()
        if flush := _flushes.get(engine):
            flush.wait()
    finally:
        _in_transaction.reset(mark)
        if db.session.registry.has():
            db.session.rollback()  # what was read before is old now
    for tell in after_commit:
        tell(session)
