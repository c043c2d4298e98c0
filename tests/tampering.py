"""Past the guards of histories, as whoever owns the database can get: for tests of what is found then."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session


@contextlib.contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """Let rows of histories be changed and removed inside the block."""
    session.flush()
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        session.flush()
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        return
    guards = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _sql in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    session.flush()
    for _name, sql in guards:
        connection.exec_driver_sql(sql)
