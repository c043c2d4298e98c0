"""Writing is all or nothing, in line, one place at a time; what was answered is there."""

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from govdesk import clock, db, sqlite
from govdesk.db import reading, transaction
from govdesk.limits import Attempt
from govdesk.sqlite import FairLock
from tests.makers import MORNING
from tests.processes import together

COUNT = (
    "from govdesk.db import transaction\n"
    "from govdesk.limits import Attempt\n"
    "from sqlalchemy import select\n"
    "for _ in range(25):\n"
    "    with transaction() as session:\n"
    "        row = session.scalars(select(Attempt).with_for_update()).one()\n"
    "        row.count += 1\n"
)


def add(bucket: str = "a", count: int = 0) -> None:
    with transaction() as session:
        session.add(Attempt(bucket=bucket, window_at=MORNING, count=count))


def counted() -> int:
    reading().rollback()
    return reading().scalar(select(func.coalesce(func.sum(Attempt.count), 0))) or 0


def test_a_transaction_inside_a_transaction_is_refused(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction(), transaction():
        pass
    add(count=1)
    assert counted() == 1


def test_an_error_leaves_nothing_behind(app: Flask) -> None:
    with pytest.raises(KeyError), transaction() as session:
        session.add(Attempt(bucket="a", window_at=MORNING, count=1))
        session.flush()
        raise KeyError
    assert counted() == 0


def test_reading_sees_what_was_written_before_and_stays_still(app: Flask) -> None:
    assert counted() == 0
    add(count=3)
    assert counted() == 3


def test_moments_come_back_as_they_were_and_need_an_offset(app: Flask) -> None:
    add()
    assert reading().scalars(select(Attempt.window_at)).one() == MORNING
    naive = MORNING.replace(tzinfo=None)
    with pytest.raises(Exception, match="without an offset"), transaction() as session:
        session.add(Attempt(bucket="b", window_at=naive, count=1))
        session.flush()


def test_no_count_is_lost_between_processes(app: Flask) -> None:
    add()
    together(COUNT, count=3, settings=app.extensions["govdesk"])
    assert counted() == 3 * 25


def test_no_count_is_lost_between_threads(app: Flask) -> None:
    add()

    def count() -> None:
        with app.app_context():
            for _ in range(25):
                with transaction() as session:
                    session.scalars(select(Attempt).with_for_update()).one().count += 1

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted() == 8 * 25


def test_the_lock_is_handed_over_in_the_order_of_asking() -> None:
    lock, served = FairLock(), list[int]()

    def ask(number: int) -> None:
        lock.acquire()
        served.append(number)
        lock.release()

    lock.acquire()
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for waiting, thread in enumerate(threads, start=1):
        thread.start()
        while len(lock._line) < waiting:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert served == list(range(20))


@pytest.mark.parametrize(
    ("patience", "order"),
    [(3600.0, ["at work", "at work", "patient"]), (0.0, ["patient", "at work", "at work"])],
)
def test_who_is_patient_lets_the_others_go_first_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, patience: float, order: list[str]
) -> None:
    monkeypatch.setattr(sqlite, "LONGEST_PATIENCE", patience)
    lock, served = FairLock(), list[str]()

    def ask(who: str) -> None:
        lock.acquire(patient=who == "patient")
        served.append(who)
        lock.release()

    lock.acquire()
    threads = [threading.Thread(target=ask, args=(who,)) for who in ("patient", "at work", "at work")]
    for waiting, thread in enumerate(threads, start=1):
        thread.start()
        while len(lock._line) + len(lock._patient) < waiting:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert served == order


def test_sqlite_logs_ahead_leaves_the_flush_to_us_and_keeps_its_foreign_keys(app: Flask) -> None:
    if not app.extensions["govdesk"].is_sqlite:
        assert db.db.engine.dialect.name == "postgresql"
        return
    with db.db.engine.connect() as connection:
        told = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert told == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1}
    assert clock.now() is not None
