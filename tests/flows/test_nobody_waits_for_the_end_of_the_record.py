"""Where many write at once the audit has several strands: nobody waits, and each tampering is found."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, select, text, update

from govdesk import audit
from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry, AuditHead, Finding
from govdesk.db import db, reading, transaction
from tests import databases

pytestmark = pytest.mark.skipif(databases.KIND != "postgresql", reason="SQLite has one writer at a time")
WAITS = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
)


@pytest.fixture
def other(app: Flask) -> Iterator[Connection]:
    """Somebody else, in the middle of a transaction."""
    with db.engine.connect() as connection:
        yield connection
        connection.rollback()


def note(subject: str) -> None:
    with transaction() as session:
        audit.record(session, actor=SYSTEM, action="test.noted", subject=subject)


def written() -> dict[str, str]:
    entries = reading().scalars(select(AuditEntry).where(AuditEntry.action == "test.noted"))
    return {one.subject: audit.numbered(one.strand, one.position) for one in entries}


def findings() -> list[Finding]:
    return list(audit.verify(reading()))


def test_who_writes_beside_another_takes_another_strand(other: Connection) -> None:
    note("alone")
    other.execute(text("SELECT id FROM audit_head WHERE id = 1 FOR UPDATE"))
    note("beside")
    other.execute(text("SELECT id FROM audit_head WHERE id = 2 FOR UPDATE"))
    note("beside two")
    other.rollback()
    note("alone again")
    assert written() == {"alone": "1", "beside": "2/1", "beside two": "3/1", "alone again": "2"}
    assert findings() == []
    assert audit.length(reading()) == 4


def test_who_finds_all_strands_held_waits_for_the_first(app: Flask, other: Connection) -> None:
    other.execute(text("SELECT id FROM audit_head FOR UPDATE"))

    def write() -> None:
        with app.app_context():
            note("late")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not other.scalar(WAITS) and writer.is_alive():
            writer.join(timeout=0.05)
        assert writer.is_alive()
    finally:
        other.rollback()
        writer.join()
    assert written() == {"late": "1"}
    assert findings() == []


@pytest.fixture
def two_strands(other: Connection) -> None:
    """Three entries: 1, 2/1 and 2/2."""
    note("first")
    other.execute(text("SELECT id FROM audit_head WHERE id = 1 FOR UPDATE"))
    note("second")
    note("third")
    other.rollback()


@pytest.mark.tampers
def test_a_removed_entry_is_found_in_its_strand(two_strands: None) -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.strand == 2, AuditEntry.position == 1))
    assert findings() == [Finding(1, "missing", strand=2)]


@pytest.mark.tampers
def test_an_entry_cannot_stand_in_for_one_of_another_strand(two_strands: None) -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.strand == audit.FIRST))
        session.execute(
            update(AuditEntry)
            .where(AuditEntry.strand == 2, AuditEntry.position == 1)
            .values(strand=audit.FIRST)
        )
    assert Finding(1, "changed", audit.FIRST) in findings()
    assert Finding(1, "missing", strand=2) in findings()


@pytest.mark.tampers
def test_a_strand_cannot_be_taken_away_with_its_head(two_strands: None) -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.strand == 2))
        session.execute(delete(AuditHead).where(AuditHead.id == 2))
    assert findings() == [Finding(0, "head", strand=2)]
    with transaction() as session:
        audit.begin_chain(session)  # as at every start
    assert findings() == [Finding(0, "head", strand=2)]


def test_a_chain_of_one_strand_gets_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        session.execute(delete(AuditHead))
    with monkeypatch.context() as patched:  # as it was begun before there were strands
        patched.setitem(audit.STRANDS, "postgresql", 1)
        with transaction() as session:
            audit.begin_chain(session)
        note("old")
        assert findings() == []
    assert {finding.problem for finding in findings()} == {"head"}
    with transaction() as session:
        audit.begin_chain(session)
    assert findings() == []
    assert len(reading().scalars(select(AuditHead.id)).all()) == audit.STRANDS["postgresql"]
    assert written() == {"old": "1"}
