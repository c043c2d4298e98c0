"""PostgreSQL keeps what it has prepared, replaces what died, and answers when it is on the disk."""

from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from govdesk import postgres
from govdesk.catalog.models import Agency
from govdesk.db import db, reading, transaction
from tests import databases
from tests.makers import Cast

pytestmark = pytest.mark.skipif(databases.KIND != "postgresql", reason="SQLite has no server")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM agency%'")


def ask() -> None:
    """Read in a session of its own, as a page does."""
    reading().query(Agency.id).all()
    db.session.remove()


def test_each_connection_is_one_of_ours(app: Flask) -> None:
    link: Any = reading().connection().connection.driver_connection
    assert isinstance(link, postgres.Link)


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
