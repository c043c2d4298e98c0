"""PostgreSQL shared by many: statements stay prepared, rested connections are asked, one flush for all."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import Session, SessionTransaction

from govdesk.flushing import Flushing
from govdesk.link import Link

LONGEST_PATIENCE = 0.25  # seconds
RESTED = 1.0  # seconds after which a connection is asked whether the server still knows it
_MESSAGE = (
    """SELECT pg_logical_emit_message(true, 'govdesk', ''), set_config('synchronous_commit', 'on', true)"""
)
_AT = "govdesk_back_at"


class Courtesy:
    """Lets those at work go first: who is patient begins when nobody here writes, or after a while.

    PostgreSQL has many writers at once, but they share the processors of whoever presses a button and waits.
    """

    def __init__(self) -> None:
        self._calm = threading.Condition()
        self._busy = 0

    @contextlib.contextmanager
    def hold(self, *, patient: bool = False) -> Iterator[None]:
        """Write inside the block; LONGEST_PATIENCE is as long as anybody waits."""
        with self._calm:
            if patient:
                self._calm.wait_for(lambda: not self._busy, LONGEST_PATIENCE)
            else:
                self._busy += 1
        try:
            yield
        finally:
            if not patient:
                with self._calm:
                    self._busy -= 1
                    self._calm.notify_all()


class Flush(Flushing):
    """Puts what was committed on the disk before it is answered.

    PostgreSQL's own flush comes before the locks of a transaction are given up. Every transaction of ours
    ends with the head of the audit chain in its hand: each would wait for the flushes of all before it.
    Commits here give up their locks first (synchronous_commit off); the answer waits for the commit of a
    message to nobody, which flushes all of the log before it, and waits for replicas as the server wants it.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(self._write_through)
        self._engine = engine

    def _write_through(self) -> None:
        held = self._engine.raw_connection()
        try:
            link: Any = held.driver_connection
            link.ask(_MESSAGE, (), alone=True)
        except psycopg.Error as error:
            held.invalidate()
            raise OperationalError(_MESSAGE, None, error) from error
        finally:
            held.close()


def prepare(engine: Engine) -> None:
    """Let an engine make such connections."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkin", _back)
    event.listen(engine, "checkout", _taken)


def only_read(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Hear that a reading session begins."""
    if connection.dialect.name == "postgresql":
        link: Any = connection.connection.driver_connection
        link.is_reading = True


def _connect(_dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> Any:
    with _at_once(Link.connect(*arguments, **named)) as link:
        link.execute("SET synchronous_commit TO off")  # locks are given up first; `Flush` follows
    return link


@contextlib.contextmanager
def _at_once(link: Any) -> Iterator[Any]:
    """Let each statement of a connection be a transaction of its own."""
    link.autocommit = True
    yield link
    link.autocommit = False


def _back(link: Any, record: Any) -> None:
    if link is not None:
        link.is_reading = False
        record.info[_AT] = time.monotonic()


def _taken(link: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection that has rested whether it still lives; if not, all are made anew."""
    if time.monotonic() - record.info.get(_AT, float("inf")) < RESTED:
        return
    try:
        with _at_once(link):
            link.execute("")
    except psycopg.Error as error:
        raise InvalidatePoolError from error
