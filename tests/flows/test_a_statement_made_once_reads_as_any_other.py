"""A prepared statement writes and reads what SQLAlchemy would, and fails as it does."""

import datetime as dt

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from govdesk.audit import AuditEntry
from govdesk.db import connection_of, table_of
from govdesk.prepared import Prepared

entries = table_of(AuditEntry)
WRITE = Prepared(insert(entries), *entries.c.keys())
READ = Prepared(
    select(entries.c.at, entries.c.detail, entries.c.actor)
    .where(entries.c.position == bindparam("of_position"))
    .order_by(entries.c.position)
)
RIYADH = dt.timezone(dt.timedelta(hours=3))
AT = dt.datetime(2026, 10, 4, 9, 30, 15, 123456, RIYADH)
ENTRY = {
    "strand": 1, "position": 900_001, "at": AT, "actor": "staff:1", "action": "x", "subject": "y",
    "detail": {"name": "سلمى", "n": 3}, "seal": "z",
}  # fmt: skip


def test_what_is_written_is_read_by_both(session: Session) -> None:
    WRITE.run(connection_of(session), ENTRY)
    by_sqlalchemy = session.get_one(AuditEntry, (1, 900_001))
    assert (by_sqlalchemy.at, by_sqlalchemy.detail) == (AT, ENTRY["detail"])
    row = READ.first(connection_of(session), {"of_position": 900_001})
    assert (row.at, row.detail, row.actor) == (AT, ENTRY["detail"], "staff:1")
    assert READ.first(connection_of(session), {"of_position": 900_002}) is None


def test_a_refusal_is_sqlalchemys_and_shows_no_values(session: Session) -> None:
    with session.begin_nested():
        WRITE.run(connection_of(session), ENTRY)
    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        WRITE.run(connection_of(session), ENTRY)
        READ.first(connection_of(session), {"of_position": 1})  # PostgreSQL tells it with what comes next
    assert "سلمى" not in str(refused.value)


def test_a_moment_without_an_offset_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="without an offset"):
        WRITE.run(connection_of(session), {**ENTRY, "at": AT.replace(tzinfo=None)})


def test_a_text_that_would_change_is_refused(session: Session) -> None:
    some = Prepared(select(entries.c.at).where(entries.c.position.in_([1, 2])))
    with pytest.raises(ValueError, match="changes from run to run"):
        some.all(connection_of(session), {})
