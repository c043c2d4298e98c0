"""The database: the base of all models, reading sessions, and the one place that commits."""

import collections
import contextlib
import datetime as dt
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy  # noqa: TID251 - this is the one place
from sqlalchemy import JSON, Connection, DateTime, Engine, MetaData, Table, Text, event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from govdesk.config import Settings

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITES = "govdesk_writes"


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

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Give back what was stored, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if dialect.name == "sqlite" else value.astimezone(dt.UTC)


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
        },
    )


db = SQLAlchemy(model_class=Base)


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that run too often to go through its objects."""
    return cast("Table", model.__table__)


class FairLock:
    """A lock that is handed over in the order in which it was asked for, so that no writer waits long."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._line: collections.deque[threading.Lock] = collections.deque()
        self._held = False

    def acquire(self) -> None:
        """Wait in line."""
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._line.append(turn)
        turn.acquire()

    def release(self) -> None:
        """Hand over to the first in line."""
        with self._guard:
            if self._line:
                self._line.popleft().release()
            else:
                self._held = False


class Flush:
    """Puts what was committed on the disk before it is answered, one flush for all who wait.

    SQLite's own synchronous=FULL flushes inside the lock of the one writer, so each waits for every flush.
    Here a commit only appends to the log (synchronous=NORMAL), the lock goes on, and the answer waits:
    1. Who comes takes a number.
    2. One of them flushes the log for all numbers taken so far.
    3. Who finds its number flushed goes on. A checkpoint that came between has flushed the log itself.
    """

    def __init__(self, database: str) -> None:
        self._log = database + "-wal"
        self._guard, self._turn = threading.Lock(), threading.Lock()
        self._taken = self._flushed = 0

    def wait(self) -> None:
        """Come back when everything committed before the call is on the disk."""
        with self._guard:
            self._taken += 1
            number = self._taken
        with self._turn:
            if self._flushed >= number:
                return
            with self._guard:
                covered = self._taken
            try:
                log = os.open(self._log, os.O_RDONLY)
            except FileNotFoundError:  # the last connection has gone and taken all of it into the database
                pass
            else:
                try:
                    os.fdatasync(log)
                finally:
                    os.close(log)
            self._flushed = covered


class WriteGate:
    """One SQLite writer at a time: in line inside the process, then by a file lock between processes.

    SQLite's own busy handler polls with growing sleeps; under load some writer sleeps through every gap.
    Waiting in the kernel for a file lock keeps the waits short. The lock dies with its process.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = FairLock()
        self._file: int | None = None
        self._pid = 0

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only writer inside the block."""
        self._lock.acquire()
        try:
            if self._file is None or self._pid != os.getpid():  # a forked worker needs a lock of its own
                self._file, self._pid = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), os.getpid()
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._lock.release()


_gates: dict[str, WriteGate] = {}
_flushes: dict[str, Flush] = {}
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
        "pool_pre_ping": not settings.is_sqlite,
    }
    if settings.is_sqlite:
        options["connect_args"] = {"check_same_thread": False, "timeout": 30}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Give SQLite honest transactions: WAL, foreign keys, and a BEGIN that says what it is for."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    path = make_url(str(engine.url)).database
    if path and path != ":memory:":
        _gates[str(engine.url)] = WriteGate(path + ".lock")
        _flushes[str(engine.url)] = Flush(path)


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
        "mmap_size=268435456",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def reading() -> Session:
    """The session in which this request (or command) reads; it sees one state of the database."""
    return db.session()


@contextlib.contextmanager
def transaction() -> Iterator[Session]:
    """Do all of the block or nothing of it: commits at its end, rolls back on any error. Not nestable."""
    if _in_transaction.get():
        raise RuntimeError("a transaction inside a transaction")
    engine = db.engine
    gate = _gates.get(str(engine.url))
    mark = _in_transaction.set(True)
    try:
        with (
            gate.hold() if gate else contextlib.nullcontext(),
            Session(engine, expire_on_commit=False, autoflush=True) as session,
        ):
            session.connection(execution_options={WRITES: True})
            yield session
            for seal in before_commit:
                seal(session)
            session.commit()
        if flush := _flushes.get(str(engine.url)):
            flush.wait()
    finally:
        _in_transaction.reset(mark)
        if db.session.registry.has():
            db.session.rollback()  # what was read before is old now
    for tell in after_commit:
        tell(session)
