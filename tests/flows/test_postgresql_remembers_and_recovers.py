"""PostgreSQL keeps what it has prepared, replaces what died, and answers when it is on the disk."""

from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from govdesk import postgres
from govdesk.catalog.models import Agency, Cause
from govdesk.db import connection_of, db, reading, table_of, transaction
from govdesk.link import MOST_WAITING, Link
from govdesk.prepared import Prepared
from tests import databases
from tests.makers import Cast

pytestmark = pytest.mark.skipif(databases.KIND != "postgresql", reason="SQLite has no server")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM agency%'")

causes = table_of(Cause)
NOTE = Prepared(insert(causes), *causes.c.keys())
NAMED = Prepared(select(causes.c.name_en).where(causes.c.code == bindparam("of_code")))


def cause(code: str) -> dict[str, Any]:
    """A row of its own for what is written here."""
    told = {"code": code, "name_ar": "سبب", "name_en": f"100% {code}", "position": 9}
    return {**told, "is_failure": True, "is_knowledge": False, "is_active": True}


def kept() -> set[str]:
    """The rows of this test that are there."""
    db.session.remove()
    return set(reading().scalars(text("SELECT code FROM cause WHERE code LIKE 'link-%'")))


def ask() -> None:
    """Read in a session of its own, as a page does."""
    reading().query(Agency.id).all()
    db.session.remove()


def test_each_connection_is_one_of_ours(app: Flask) -> None:
    link: Any = reading().connection().connection.driver_connection
    assert isinstance(link, Link)


def test_what_pages_read_again_and_again_is_planned_once(app: Flask) -> None:
    for _ in range(60):  # psycopg prepares what a connection has seen five times; there may be some of these
        ask()
    assert reading().scalar(PREPARED) == 1


def test_a_reading_session_cannot_write(app: Flask, cast: Cast) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        reading().execute(text("UPDATE branch SET notice_en = 'nothing of this stays'"))
    db.session.rollback()
    with transaction() as session:  # the same connection writes where writing is meant
        session.execute(text("UPDATE branch SET notice_en = 'this stays'"))
    assert set(reading().scalars(text("SELECT notice_en FROM branch"))) == {"this stays"}


def test_what_failed_is_undone_whole(app: Flask, cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.execute(text("UPDATE branch SET notice_en = 'half done'"))
        raise ZeroDivisionError
    assert "half done" not in set(reading().scalars(text("SELECT notice_en FROM branch")))


def test_a_connection_that_died_while_it_rested_is_made_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "RESTED", 0.0)
    own = reading().scalar(text("SELECT pg_backend_pid()"))
    db.session.remove()
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])  # and wait until it is gone
    assert reading().scalar(text("SELECT pg_backend_pid()")) != own


def test_an_answer_waits_until_its_commit_is_on_the_disk(app: Flask, cast: Cast) -> None:
    positions: list[Any] = []
    with transaction() as session:
        assert session.scalar(text("SHOW synchronous_commit")) == "off"
        session.execute(text("UPDATE branch SET notice_en = 'told'"))
        positions.append(session.scalar(text("SELECT pg_current_wal_insert_lsn()")))
    flushed = text("SELECT pg_current_wal_flush_lsn() >= CAST(:written AS pg_lsn)")
    assert reading().scalar(flushed, {"written": positions[0]}) is True


def test_who_cannot_put_it_on_the_disk_says_so_and_the_next_one_can(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken, pytest.raises(OperationalError), transaction() as session:
        broken.setattr(postgres, "_MESSAGE", "SELECT pg_terminate_backend(pg_backend_pid())")
        session.execute(text("UPDATE branch SET notice_en = 'not answered'"))
    with transaction() as session:
        session.execute(text("UPDATE branch SET notice_en = 'answered'"))
    assert set(reading().scalars(text("SELECT notice_en FROM branch"))) == {"answered"}


def test_what_waits_is_seen_by_whatever_comes_next_and_kept_with_the_commit(app: Flask) -> None:
    with transaction() as session:
        NOTE.run(connection_of(session), cause("link-1"))
        assert NAMED.first(connection_of(session), {"of_code": "link-1"}).name_en == "100% link-1"
        NOTE.run(connection_of(session), cause("link-2"))
        assert session.scalar(text("SELECT count(*) FROM cause WHERE code LIKE 'link-%'")) == 2
        NOTE.run(connection_of(session), cause("link-3"))
    assert kept() == {"link-1", "link-2", "link-3"}


def test_much_that_waits_goes_in_parts(app: Flask) -> None:
    codes = [f"link-{number}" for number in range(2 * MOST_WAITING + 3)]
    with transaction() as session:
        for code in codes:
            NOTE.run(connection_of(session), cause(code))
    assert kept() == set(codes)


def test_what_waited_and_fails_undoes_all_with_the_commit(app: Flask) -> None:
    with pytest.raises(IntegrityError), transaction() as session:
        NOTE.run(connection_of(session), cause("link-1"))
        NOTE.run(connection_of(session), cause("link-2"))
        NOTE.run(connection_of(session), cause("link-1"))
    assert kept() == set()


def test_what_still_waits_when_an_act_fails_is_never_sent(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        NOTE.run(connection_of(session), cause("link-1"))
        raise ZeroDivisionError
    assert kept() == set()


def test_a_part_that_is_undone_takes_what_waited_in_it(app: Flask) -> None:
    with transaction() as session:
        NOTE.run(connection_of(session), cause("link-1"))
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            session.execute(text("SELECT 1"))
            NOTE.run(connection_of(session), cause("link-2"))
            raise ZeroDivisionError
        NOTE.run(connection_of(session), cause("link-3"))  # and what is prepared is known to be so
        assert NAMED.first(connection_of(session), {"of_code": "link-2"}) is None
    assert kept() == {"link-1", "link-3"}


def test_what_is_prepared_cannot_write_while_reading(app: Flask) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        NOTE.all(reading().connection(), cause("link-1"))
    db.session.rollback()
    assert NAMED.first(reading().connection(), {"of_code": "link-1"}) is None


def test_a_single_look_is_no_transaction(app: Flask) -> None:
    link: Any = reading().connection().connection.driver_connection
    NAMED.first(reading().connection(), {"of_code": "link-1"})
    assert link.pgconn.transaction_status == TransactionStatus.IDLE


def test_a_line_that_breaks_is_told_and_not_used_again(app: Flask) -> None:
    end = Prepared(select(func.pg_terminate_backend(func.pg_backend_pid())))
    with pytest.raises(OperationalError), transaction() as session:
        NOTE.run(connection_of(session), cause("link-1"))
        end.first(connection_of(session), {})
    assert kept() == set()
